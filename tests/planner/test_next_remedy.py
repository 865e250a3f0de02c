"""The next remedy carries what it says, and nothing cheaper does."""

from dataclasses import replace

import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.autoscaled_fleet import Autoscaler, autoscaled_usd
from scalelab.planner.next_remedy import next_remedy, sized_for_per_s
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_loads import system_loads
from scalelab.planner.system_prices import Prices, monthly_usd

ALL_COUNT = RemedyMenu(core_contention=0.0)
APP_BOUND = System(
    demand=Demand(rate_per_s=500.0, keys=2_000), app=AppTier(servers=2), database=Database(cores=16)
)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"sessions": SessionStore(cores=1, visit_s=0.01)},
        {"database": Database(replicas=2, apply_s=0.05, cores=2)},
        {"cache": Cache(capacity=200), "database": Database(cores=2)},
    ],
)
def test_sized_means_no_tier_is_busier_than_the_menu_says(parts):
    system = replace(APP_BOUND, **parts)
    rate = sized_for_per_s(system, ALL_COUNT)
    there = replace(system, demand=replace(system.demand, rate_per_s=rate))
    loads = system_loads(there)
    loads.pop("pool")
    bound = {tier: busy / (0.8 if tier == "replay" else 0.7) for tier, busy in loads.items()}
    assert max(bound.values()) == pytest.approx(1, abs=0.02)


def test_the_bottleneck_is_what_grows():
    remedy = next_remedy(APP_BOUND)
    assert len(remedy.does) == 1
    assert "servers" in remedy.does[0]
    assert remedy.carries_per_s >= 1.5 * 500
    assert remedy.system.database == APP_BOUND.database


def test_what_it_costs_is_the_difference_of_the_bills():
    remedy = next_remedy(APP_BOUND)
    more = monthly_usd(remedy.system) - monthly_usd(APP_BOUND)
    assert remedy.usd_more == pytest.approx(more)
    first = next_remedy(
        replace(APP_BOUND, app=AppTier(servers=1, cores=64, app_s=0.12)),
        menu=RemedyMenu(sizes=(64,)),
    )
    assert "servers instead of 1" in first.does[0]
    once = (
        first.usd_more
        - monthly_usd(first.system)
        + monthly_usd(replace(APP_BOUND, app=AppTier(servers=1, cores=64)))
    )
    assert once == pytest.approx(8 * Prices().engineer_day_usd / 12)


def test_two_bottlenecks_take_two_changes():
    both = replace(APP_BOUND, database=Database(cores=4), cache=Cache(capacity=2_000))
    tight = replace(both, app=AppTier(servers=1, cores=4), database=Database(cores=2, read_s=0.02))
    remedy = next_remedy(tight, growth=2.5)
    assert len(remedy.does) >= 2


def test_nothing_on_the_menu_helps():
    stuck = replace(APP_BOUND, sessions=SessionStore(cores=1, visit_s=0.01))
    assert next_remedy(stuck) is None


def test_a_fleet_that_follows_pays_for_the_hours_in_which_more_servers_run():
    fleet, day = Autoscaler(max_servers=2), [500.0, 400.0, 100.0]
    fixed = next_remedy(APP_BOUND)
    remedy = next_remedy(APP_BOUND, autoscaler=fleet, rates_per_s=day)
    assert remedy.does == tuple(f"at most {words}" for words in fixed.does)
    assert 0 < remedy.usd_more < fixed.usd_more
    grown = [1.5 * sized_for_per_s(APP_BOUND) / 500 * rate for rate in day]
    more, before = (
        autoscaled_usd(APP_BOUND, grown, Autoscaler(max_servers=most))
        for most in (remedy.system.app.servers, 2)
    )
    assert remedy.usd_more == pytest.approx(more - before)


def test_a_larger_database_costs_a_fleet_that_follows_what_it_costs_any_other():
    bound = replace(APP_BOUND, app=AppTier(servers=20), database=Database(cores=2))
    fixed = next_remedy(bound)
    remedy = next_remedy(bound, autoscaler=Autoscaler(max_servers=20), rates_per_s=[500.0, 100.0])
    assert remedy.does == fixed.does
    assert remedy.usd_more == pytest.approx(fixed.usd_more)
