"""The recorded judgements are those of the plans as they are now."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from scalelab.course.chapters.capstone._record import (
    TICK_S,
    descend,
    neighbour,
    plans,
    row_of,
    starts,
)
from scalelab.course.chapters.capstone.contract import FRESH, draw_weeks, judge
from scalelab.course.chapters.capstone.recorded import MARKS, recorded
from scalelab.course.chapters.capstone.rivals import BEST


@pytest.mark.parametrize(("group", "name"), [("best", "the best found"), ("naive", "inherited")])
def test_a_recorded_judgement_comes_out_again(group, name):
    plan = next(plan for g, n, plan in plans() if (g, n) == (group, name))
    row = row_of(group, name, judge(plan, draw_weeks(FRESH, TICK_S)))
    there = next(each for each in recorded(group) if each.name == name)
    for mark in MARKS:
        assert float(row[mark]) == pytest.approx(getattr(there, mark), rel=0.02, abs=1e-4), mark
    assert row["broke"] == there.broke


def test_all_plans_are_recorded():
    names = [(group, name) for group, name, _ in plans()]
    groups = ("best", "naive", "turned", "indifferent", "searched")
    assert names == [(g, each.name) for g in groups for each in recorded(g)]


def test_neighbours_differ_in_one_to_three_decisions():
    rng = np.random.default_rng(2)
    for _ in range(20):
        other = neighbour(BEST, rng=rng)
        changed = [f for f in vars(BEST) if getattr(other, f) != getattr(BEST, f)]
        assert len(changed) <= 3


def test_the_descent_goes_on_until_nothing_is_better_and_judges_nothing_twice(monkeypatch):
    """Fewer servers at night are worth it only with a smaller schedule, which is tried later."""
    judged = []

    def judge_of(plan, weeks):
        judged.append(plan)
        dear = plan.minimum if plan.friday == 20 else -plan.minimum
        return SimpleNamespace(kept=1.0, usd=1_000 + 10 * plan.friday + dear)

    record = "scalelab.course.chapters.capstone._record"
    space = {"minimum": (5, 9), "maximum": (2, 40), "friday": (20, 30)}
    monkeypatch.setattr(f"{record}.judge", judge_of)
    monkeypatch.setattr(f"{record}.SPACE", space)
    found = descend(replace(BEST, minimum=9, maximum=40, friday=30), [], {})
    assert (found.minimum, found.maximum, found.friday) == (5, 40, 20)
    assert len(judged) == len(set(judged)) == 4  # what is no plan is judged never


def test_the_search_begins_far_from_the_best_as_well():
    every = list(starts().values())
    assert every[0] == BEST
    assert all(
        sum(getattr(start, name) != getattr(BEST, name) for name in vars(BEST)) >= 5
        for start in every[1:]
    )
