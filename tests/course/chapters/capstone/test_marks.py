"""Marks of a week: slow requests, stale reads, lost writes, and the price of each switch."""

from dataclasses import replace

import numpy as np
import pytest

from scalelab.course.chapters.capstone import marks as m
from scalelab.course.chapters.capstone.own import MeasuredCache, MeasuredRouter, OwnCode
from scalelab.course.chapters.capstone.plan import ShopPlan, system_of
from scalelab.course.chapters.capstone.weeks import Week, draw_week
from scalelab.planner.system_plan import plan_system
from scalelab.sim.week import WeekFaults

CALM = ShopPlan(minimum=12, maximum=12, target=None, database_cores=16, replicas=2, fill="primary")


def steady(rate_per_s, hours=1, faults=None):
    rate = np.full(hours * 360, float(rate_per_s))
    return Week(
        seed=1,
        tick_s=10.0,
        rate_per_s=rate,
        faults=faults or WeekFaults(),
        crowd_s=0.0,
        second_crowd_s=0.0,
    )


@pytest.mark.parametrize("load", [0.5, 0.88])
def test_a_steady_state_is_as_slow_as_the_planner_says(monkeypatch, load):
    """At the planner's own 99th percentile one request in a hundred is slower."""
    system = system_of(CALM)
    whole = replace(
        system,
        demand=replace(system.demand, rate_per_s=load * 12 / 0.003),
        app=replace(system.app, servers=12),
    )
    answer = plan_system(whole)
    monkeypatch.setattr(m, "LIMIT_S", answer.p99_s)
    found = m.slow_and_late.__wrapped__(system, 12, load, answer.hit_ratio, 2, None)
    assert found == (pytest.approx(0.01, rel=0.03), 0.0)


def test_slow_requests_grow_with_load_and_with_acknowledgements():
    def slow(load, plan=CALM, there=2, shed_s=None):
        return m.slow_and_late(system_of(plan), 12, load, 0.6, there, shed_s)

    shares = [slow(load)[0] for load in (0.3, 0.9, 0.98)]
    assert shares == sorted(shares)
    one, both = (replace(CALM, sync_replicas=k) for k in (1, 2))
    assert slow(0.5)[0] < slow(0.5, one)[0] < slow(0.5, both)[0]
    # with one replica left the slowest of one is the fastest, too
    assert slow(0.5, one, there=1)[0] > 10 * slow(0.5, one)[0]
    assert slow(0.9)[1] == 0 < slow(0.98, shed_s=0.005)[1] < slow(0.98, shed_s=0.001)[1]


def test_a_database_that_cannot_do_it_makes_all_slow_that_comes_to_it():
    small = replace(CALM, database_cores=2)
    slow, _ = m.slow_and_late(system_of(small), 12, 0.9, 0.6, 2, None)
    assert slow == pytest.approx(1 - 0.92 * 0.6)


def test_refused_and_failed_requests_are_slow():
    lost = WeekFaults(error_share=0.01)
    run = m.run_week(CALM, steady(1_000, faults=lost))
    slow, failed = m.slow_shares(CALM, run)
    assert failed == pytest.approx(0.01)
    assert np.all(slow >= failed)
    shed = replace(CALM, shed_s=0.3)
    over = m.run_week(shed, steady(5_000))
    slow, failed = m.slow_shares(shed, over)
    assert failed[-1] > 0.2
    assert np.all(slow >= failed)


def test_reads_of_replicas_are_stale_and_a_cache_makes_it_worse():
    def stale(plan):
        return m.stale_shares(plan, m.run_week(plan, steady(1_500)))[-1]

    cached, bare = replace(CALM, fill="replica"), replace(CALM, cache=0)
    assert stale(CALM) == 0
    assert 0.0001 < stale(bare) < stale(cached)
    assert stale(replace(cached, ttl_s=1.0)) < stale(cached)


def test_reads_at_the_primary_are_as_slow_there_whoever_sends_them():
    """A router that sends all of them is `fill` by another name."""
    small = replace(CALM, database_cores=6)
    by_router = m.slow_and_late(
        system_of(replace(small, fill="replica")), 12, 0.9, 0.4, 2, None, routed=1.0
    )
    assert by_router == pytest.approx(m.slow_and_late(system_of(small), 12, 0.9, 0.4, 2, None))
    shares = [
        m.slow_and_late(
            system_of(replace(small, fill="replica")), 12, 0.9, 0.4, 2, None, routed=share
        )[0]
        for share in (0.0, 0.5, 1.0)
    ]
    assert shares == sorted(shares)


def test_a_router_leaves_a_share_of_what_was_stale_and_loads_the_primary():
    plan, week = replace(CALM, fill="replica"), steady(1_500)
    plain = m.marks_of(plan, week)
    for still in (0.0, 0.5):
        router = MeasuredRouter(routed=(0.3,), still_stale=(still,))
        found = m.marks_of(plan, week, OwnCode(router=router))
        assert found.stale == pytest.approx(still * plain.stale)
        assert m.run_week(plan, week, OwnCode(router=router)).at_primary == pytest.approx(0.3)


def test_a_cache_of_ones_own_hits_as_an_lru_cache_and_is_paid_by_its_entries():
    week = steady(1_500)
    plan, like = replace(CALM, cache=20_000), replace(CALM, cache=40_000)
    cache = MeasuredCache(hit_ratio=0.5, like_lru_of=40_000, saved_usd=20.0)
    found = m.marks_of(plan, week, OwnCode(cache=cache))
    assert found.usd == m.marks_of(plan, week).usd
    assert replace(found, usd=0.0) == replace(m.marks_of(like, week), usd=0.0)


def test_what_goes_with_the_primary():
    week = steady(1_000, faults=WeekFaults(primary_lost_s=1_800))

    def lost(plan):
        return m.lost_with_the_primary(plan, week, m.run_week(plan, week))

    lag_s = m.run_week(CALM, week).lag_s[179]
    assert lost(CALM) == pytest.approx(80 * lag_s)
    assert lost(replace(CALM, sync_replicas=1)) == 0
    both = replace(CALM, replicas=2, sync_replicas=2)
    gone = replace(
        week, faults=replace(week.faults, replica_lost_s=week.faults.primary_lost_s - 60)
    )
    assert m.lost_with_the_primary(both, gone, m.run_week(both, gone)) == 0  # nobody could write
    assert lost(replace(CALM, replicas=0)) == pytest.approx(80 * m.BACKUP_EVERY_S / 2)
    assert m.lost_with_the_primary(CALM, steady(1_000), m.run_week(CALM, steady(1_000))) == 0


@pytest.mark.parametrize("tick_s", [10.0, 30.0])
def test_marks_do_not_depend_on_the_tick(tick_s):
    plan = replace(CALM, minimum=6, maximum=60, target=0.5, friday=18, shed_s=0.3, retries=1)
    fine, coarse = (m.marks_of(plan, draw_week(2, tick)) for tick in (5.0, tick_s))
    assert coarse.available == pytest.approx(fine.available, abs=2e-4)
    assert coarse.slow == pytest.approx(fine.slow, abs=4e-4)
    assert coarse.usd == pytest.approx(fine.usd, rel=0.01)
