"""Plans of the shop: the parts they become, what is refused, and their price."""

from dataclasses import replace

import numpy as np
import pytest

from scalelab.course.chapters.capstone.plan import (
    CORES,
    KEYS,
    PRICES,
    ShopPlan,
    fleet_of,
    gateway_of,
    policy_of,
    schedule_of,
    system_of,
    usd_a_month,
)
from scalelab.course.chapters.capstone.weeks import FRIDAY_S, draw_week


def test_a_plan_becomes_what_the_simulation_takes():
    plan = ShopPlan(
        minimum=5, friday=20, cache=9, ttl_s=60.0, fill="primary", retries=1, shed_s=0.2
    )
    system, fleet, gateway = system_of(plan), fleet_of(plan, 10.0), gateway_of(plan)
    assert (system.cache.capacity, system.cache.ttl_s, system.cache.fill) == (9, 60.0, "primary")
    assert (fleet.min_instances, fleet.max_instances, fleet.tick_s) == (5, 60, 10.0)
    assert (gateway.retries, gateway.shed_s) == (1, 0.2)
    assert gateway.client_retries == 1
    assert policy_of(plan).target == 0.6
    assert policy_of(replace(plan, target=None)) is None
    assert system_of(replace(plan, cache=0)).cache is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum": 0},
        {"minimum": 70},
        {"maximum": 10**400},
        {"target": -1.0},
        {"target": 60},
        {"friday": -1},
        {"friday": 2.5},
        {"database_cores": 0},
        {"database_cores": 10**6},
        {"replicas": -1},
        {"replicas": 101},
        {"sync_replicas": 2},
        {"cache": KEYS + 1},
        {"cache": "all"},
        {"ttl_s": 0},
        {"fill": "both"},
        {"retries": 11},
        {"shed_s": 0.0},
    ],
)
def test_what_is_no_plan_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^ShopPlan: (maximum must be >= min|{name} must)"):
        ShopPlan(**wrong)


def test_the_schedule_is_for_friday_morning():
    week = draw_week(1, 60.0)
    ordered = schedule_of(ShopPlan(friday=20), week)
    on = np.flatnonzero(ordered) * 60.0 - FRIDAY_S
    assert set(ordered) == {0, 20}
    assert (on[0] / 3_600, (on[-1] + 60) / 3_600) == (6.5, 14.0)
    assert schedule_of(ShopPlan(), week) is None


def test_each_part_has_its_price():
    plan = ShopPlan(database_cores=10, replicas=2, cache=50_000)
    server = CORES * PRICES.app_core_usd + PRICES.node_usd
    nodes = 3 * (10 * PRICES.database_core_usd + PRICES.node_usd)
    cache = PRICES.cache_usd + 0.05 * PRICES.cache_million_usd
    expected = 6.5 * server + nodes + cache + PRICES.balancer_usd
    assert usd_a_month(plan, 6.5) == pytest.approx(expected)
    assert usd_a_month(replace(plan, cache=0), 6.5) == pytest.approx(expected - cache)
    dear = replace(PRICES, database_core_usd=180.0)
    assert usd_a_month(plan, 6.5, dear) == pytest.approx(expected + 30 * 90)
