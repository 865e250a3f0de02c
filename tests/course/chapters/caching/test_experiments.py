import numpy as np
import pytest

from scalelab.course.chapters.caching import experiments, tasks
from scalelab.plotting import canvas

ONE_CANVAS = (
    experiments.plot_multiplier,
    experiments.plot_filter,
    experiments.plot_policies,
)


@pytest.mark.parametrize("plot", ONE_CANVAS)
def test_the_pictures_are_drawn(plot):
    _, ax = canvas()
    assert plot(ax) is ax


def test_the_layers_are_drawn():
    assert len(experiments.layers_picture().axes) == 1


@pytest.mark.parametrize("room", [200, 4_000])
def test_lru_hits_what_the_model_says(room):
    hits = [experiments.hits_of_run(rng, room) for rng in np.random.default_rng(3).spawn(3)]
    assert np.mean(hits) == pytest.approx(experiments.hits_by_model(room), abs=0.3)


def test_no_cache_is_better_than_the_perfect_one():
    for kind in experiments.POPULARITIES.values():
        for share in experiments.SHARES:
            perfect, lru = experiments.hits_at(kind, share)
            assert share - 1e-9 <= lru + 1e-3 <= perfect + 2e-3


def test_the_words_of_the_sizes():
    said = experiments.draw_size(canvas()[1], 0.2, "hot")
    assert "the perfect cache hits 80\u00a0%, LRU 57.9\u00a0%" in said


def test_the_task_has_one_answer():
    right = [s for s in experiments.SHARES if tasks.FOUR_FIFTHS.right(s, "0.883")]
    assert right[0] == 0.4
    assert not tasks.FOUR_FIFTHS.right(0.4, "0.6")


def test_policies_come_in_the_known_order():
    fifo, lru, s3, best = (
        experiments.policy_hits(policy, 1_000) for policy in ("fifo", "lru", "s3-fifo", "belady")
    )
    assert fifo < lru < s3 < best
