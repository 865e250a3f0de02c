import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.write_sharding import questions
from scalelab.plotting import canvas


@pytest.mark.parametrize("shards", [1, 10, 40])
def test_the_fake_takes_as_long_as_the_slowest(shards):
    rngs = np.random.default_rng(7).spawn(10)
    medians = [questions.scattered_ms(rng, shards, 0.5) for rng in rngs]
    expected = questions.scattered_by_model(shards, 0.5)
    assert standard_errors_off(medians, expected) < 4
    assert standard_errors_off(medians, 0.8 * expected) > 4


def test_the_words_of_the_fan_out():
    said = questions.draw_fanout(canvas()[1], 100)
    assert "100 shards: half of the questions take longer than 71.7\u00a0ms" in said
    assert "63.4\u00a0% meet at least one answer of the slowest" in said
    assert questions.draw_fanout(canvas()[1], 1).startswith("1 shard: half")


def test_a_second_question_catches_nearly_all_that_are_late():
    plain, twice, late_ms = questions.hedged()
    assert plain == pytest.approx(200, abs=1)
    assert twice < plain / 50
    assert 1e3 * questions.ONE_SHARD.quantile(0.95) == pytest.approx(late_ms)


@pytest.mark.parametrize("shards", [3, 10])
def test_an_index_by_mail_asks_two(shards):
    asked = questions.asked_by_mail(shards)
    assert asked == {"scattered": shards, "indexed": 2}


@pytest.mark.parametrize("shards", [2, 3, 5])
def test_the_copy_of_the_city_saves_a_round_and_never_the_scatter(shards):
    found = questions.boston(shards)
    assert found == {
        ("with their user", "no"): (1, shards),
        ("with their user", "yes"): (1, shards),
        ("by order number", "no"): (2, 2 * shards),
        ("by order number", "yes"): (1, shards),
    }
    assert "by order number | no | 2 | 6" in questions.boston_table().text
