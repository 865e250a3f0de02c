"""The rivals: all are plans, and each switch turns one thing."""

from dataclasses import asdict

from scalelab.course.chapters.capstone._record import indifferent, turned
from scalelab.course.chapters.capstone.contract import draw_weeks, judge
from scalelab.course.chapters.capstone.rivals import (
    BEST,
    BUDGET_USD,
    INHERITED,
    naive_plans,
)


def test_each_naive_plan_is_another():
    plans = naive_plans()
    assert plans["inherited"] == INHERITED
    assert len(set(plans.values())) == len(plans)
    assert BEST not in plans.values()


def test_a_switch_turns_one_thing_or_two():
    best = asdict(BEST)
    for name, plan in (turned() | indifferent()).items():
        changed = [field for field, value in asdict(plan).items() if value != best[field]]
        assert len(changed) == (2 if ", " in name else 1), name


def test_the_best_plan_keeps_the_contract_within_the_budget():
    found = judge(BEST, draw_weeks((400, 401, 402), 30.0))
    assert found.kept == 1
    assert found.usd < BUDGET_USD
