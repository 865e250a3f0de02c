"""The contract: limits, and how weeks are counted."""

from dataclasses import replace

import pytest

from scalelab.course.chapters.capstone import contract as c
from scalelab.course.chapters.capstone.marks import Marks
from scalelab.course.chapters.capstone.own import OwnCode
from scalelab.course.chapters.capstone.plan import ShopPlan
from scalelab.sim.scaling_policies import OwnPolicy

GOOD = Marks(available=0.9995, slow=0.002, stale=0.0, lost=0.0, usd=100.0)


def test_at_its_limit_a_promise_is_kept():
    limits = {
        "available": c.LEAST_AVAILABLE,
        "slow": c.MOST_SLOW,
        "stale": c.MOST_STALE,
        "lost": c.MOST_LOST,
    }
    at = replace(GOOD, **limits)
    assert c.broken(at) == []
    for promise, limit in limits.items():
        step = -1e-6 if promise == "available" else 1e-6
        assert c.broken(replace(at, **{promise: limit + step})) == [promise]


def test_weeks_are_counted_and_the_worst_of_each_mark_is_kept():
    weeks = (GOOD, replace(GOOD, stale=0.002, usd=200.0), replace(GOOD, stale=0.003, lost=2.0))
    found = c.Judgement(weeks=weeks)
    assert found.kept == pytest.approx(1 / 3)
    assert found.broke == {"stale": 2, "lost": 1}
    assert found.usd == pytest.approx(400 / 3)
    assert found.worst == Marks(available=0.9995, slow=0.002, stale=0.003, lost=2.0, usd=200.0)


def test_a_policy_is_made_anew_for_each_week():
    made = []

    def make():
        made.append([])
        return OwnPolicy(decide=lambda reading, seen=made[-1]: len(seen) + 20)

    weeks = c.draw_weeks([1, 2], 60.0)
    own = c.judge(ShopPlan(minimum=1, maximum=60), weeks, OwnCode(make_policy=make))
    assert len(made) == 2
    fixed = c.judge(ShopPlan(minimum=20, maximum=20, target=None), weeks)
    assert own.usd == pytest.approx(fixed.usd, rel=0.001)


def test_judging_no_week_is_refused():
    with pytest.raises(ValueError, match="judge: weeks must hold at least one"):
        c.judge(ShopPlan(), [])
