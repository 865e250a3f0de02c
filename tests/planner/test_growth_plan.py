"""Plans for growth: exhaustive search on small menus, strategies against it, refusals."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.growth_plan import (
    ChangeCost,
    best_plan,
    cheapest_now,
    cost_of_plan,
    follow,
    horizontal_only,
    vertical_first,
    vertical_until,
)
from scalelab.planner.node_menu import NodeFleet, NodeMenu

LAW = ScalingLaw(unit_throughput_per_s=267.2, sigma=0.0229, kappa=0.0)
MENU = NodeMenu(sizes=(2, 4, 8, 16, 32, 64), law=LAW, usd_per_core=70.0, usd_per_node=100.0)
COSTS = ChangeCost(add_usd=50.0, resize_usd=300.0)
START = NodeFleet(4, 2)
STRATEGIES = [vertical_first, horizontal_only, cheapest_now, vertical_until(8)]
GROWTH = 800 * 1.15 ** np.arange(24)


def exhaustive(menu, demand, costs, start, most):
    """Cheapest of all plans there are, one after another, with the costs written out."""
    fleets = [(n, c) for c in menu.sizes for n in range(1, most + 1)]
    best = np.inf
    for plan in itertools.product(fleets, repeat=len(demand)):
        total, before = 0.0, start
        for (n, c), rate in zip(plan, demand, strict=True):
            node = c / (1 + menu.law.sigma * (c - 1)) * menu.law.unit_throughput_per_s
            if node * min(0.7 * n, n - 1) < rate:
                total = np.inf
                break
            total += n * (menu.usd_per_node + menu.usd_per_core * c)
            total += costs.add_usd * max(n - before[0], 0)
            total += costs.resize_usd * min(n, before[0]) * (c != before[1])
            before = (n, c)
        best = min(best, total)
    return best


@settings(max_examples=25)
@given(
    demand=st.lists(st.floats(300, 2_400), min_size=3, max_size=3),
    add=st.floats(0, 500),
    resize=st.floats(0, 1_000),
    fixed=st.floats(0, 300),
)
def test_the_best_plan_by_trying_all(demand, add, resize, fixed):
    menu = NodeMenu(sizes=(2, 8), law=LAW, usd_per_core=70.0, usd_per_node=fixed)
    costs = ChangeCost(add_usd=add, resize_usd=resize)
    plan = best_plan(menu, demand, costs, START)
    assert plan.total_usd == pytest.approx(exhaustive(menu, demand, costs, START, most=7))


@given(
    demand=st.lists(st.floats(100, 20_000), min_size=1, max_size=12),
    strategy=st.sampled_from(STRATEGIES),
)
def test_no_strategy_beats_the_best_plan(demand, strategy):
    best = best_plan(MENU, demand, COSTS, START)
    plan = follow(strategy, MENU, demand, COSTS, START)
    assert plan.regret(best) >= -1e-12
    carried = [MENU.carries_per_s(fleet) for fleet in plan.fleets]
    assert np.all(np.array(carried) >= np.array(demand) * (1 - 1e-9))


def test_free_changes_make_the_cheapest_now_the_best():
    free = ChangeCost(add_usd=0.0, resize_usd=0.0)
    best = best_plan(MENU, GROWTH, free, START)
    assert follow(cheapest_now, MENU, GROWTH, free, START).regret(best) == pytest.approx(0)


def test_enlarging_to_the_largest_costs_more_than_to_the_economic_size():
    best = best_plan(MENU, GROWTH, COSTS, START)
    regrets = [
        follow(strategy, MENU, GROWTH, COSTS, START).regret(best)
        for strategy in (vertical_until(8), horizontal_only, vertical_first)
    ]
    assert regrets == sorted(regrets)
    assert regrets[0] < 0.05 < 0.25 < regrets[-1]


def test_costs_of_a_plan_by_hand():
    fleets = [NodeFleet(4, 2), NodeFleet(4, 4), NodeFleet(5, 4), NodeFleet(3, 4)]
    plan = cost_of_plan(MENU, fleets, [1_000] * 4, COSTS, START)
    assert plan.running_usd == 4 * 240 + (4 + 5 + 3) * 380
    assert plan.changing_usd == 4 * 300 + 50
    assert plan.changes == 3
    assert plan.total_usd == plan.running_usd + plan.changing_usd


def test_vertical_first_keeps_the_number_until_nothing_is_large_enough():
    plan = follow(vertical_first, MENU, [1_000, 3_000, 40_000], COSTS, START)
    assert [fleet.nodes for fleet in plan.fleets[:2]] == [4, 4]
    assert plan.fleets[1].size > 2
    assert plan.fleets[2].size == 64
    assert plan.fleets[2].nodes > 4


def test_one_box_is_refused():
    with pytest.raises(ValueError, match=r"cost_of_plan: fleets must carry 500 .* in month 1, got"):
        cost_of_plan(MENU, [NodeFleet(4, 2), NodeFleet(1, 64)], [500, 500], COSTS, START)


def test_a_strategy_that_returns_nonsense_is_named():
    with pytest.raises(ValueError, match=r"^follow: strategy\(\.\.\.\) must be a NodeFleet"):
        follow(lambda menu, fleet, rate: None, MENU, [500], COSTS, START)


def test_a_size_that_nothing_carries_falls_back_to_the_cheapest():
    few = NodeMenu(sizes=(2, 64), law=LAW, usd_per_core=70.0, most_nodes=6)
    assert horizontal_only(few, NodeFleet(6, 2), 9_000).size == 64
