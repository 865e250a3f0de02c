"""The planner's words: each number of a table is one of the answer."""

import pytest
from support.tree import ROOT

from scalelab.planner.plan_file import read_plan
from scalelab.planner.plan_table import answer_of, difference, plan_table, remedies_table


def example(size):
    return read_plan(ROOT / "examples" / f"{size}.toml")


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_an_example_is_answered(size):
    plan = example(size)
    answer, text = answer_of(plan), plan_table(plan)
    assert f"p99 {1e3 * answer.p99_s:.1f} ms" in text
    assert f"costs: ${answer.usd_per_month:,.0f} a month" in text
    assert f"first bottleneck: {answer.bottleneck}" in text
    for tier in answer.tiers:
        assert f"  {tier.tier:10} {tier.utilisation:6.0%}" in text
    assert ("over the day" in text) == (size == "small")
    assert "nan" not in text


def test_what_clients_do_is_said():
    assert "vulnerable: 2 retries" in plan_table(example("medium"))


def test_the_road_and_the_regret():
    text = remedies_table(example("medium"))
    assert text.index("cache") < text.index("more servers")
    assert "the cheapest is $" in text
    assert "a month more" in text


def test_a_difference_is_one_line_of_what_it_costs_and_buys():
    line = difference(example("medium"), example("large"))
    assert "\n" not in line
    assert line.startswith("large.toml instead of medium.toml: $")
    assert "sized for" in line
    same = difference(example("small"), example("small"))
    assert same.endswith("$0 a month more; changes nothing that is shown")
