"""A day of a whole system, beside the event-by-event simulation of its hours."""

from dataclasses import replace

import numpy as np
import pytest
from support.tree import ROOT

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.planner import system_day, system_flows
from scalelab.planner.autoscaled_fleet import Autoscaler
from scalelab.planner.plan_file import read_plan
from scalelab.planner.plan_table import answer_of
from scalelab.planner.system_day import plan_day
from scalelab.planner.system_latency import system_latency
from scalelab.planner.system_plan import plan_system
from scalelab.planner.system_solved import solved_system
from scalelab.planner.valid_range import OutsideRangeError
from scalelab.sim._compiled import can_compile
from scalelab.sim.system import draw_requests, simulate_system

SYSTEM = System(
    demand=Demand(rate_per_s=800.0, keys=5_000),
    app=AppTier(servers=3),
    database=Database(cores=8),
)
PLAN = read_plan(ROOT / "examples" / "medium.toml")
HOUR_S, SETTLED_S, WITHIN = 40, 10, 0.05


def simulated_percentiles_s(system, hours):
    """p50 and p99 over a day of short hours, each with the servers that it is planned with."""
    latency = []
    for number, hour in enumerate(hours):
        demand = replace(system.demand, rate_per_s=hour.rate_per_s)
        there = replace(system, demand=demand, app=replace(system.app, servers=hour.servers))
        rng = np.random.default_rng(number)
        trace = draw_requests(there, hour.rate_per_s, HOUR_S, rng=rng)
        run = simulate_system(there, HOUR_S, trace=trace, warm=True, rng=rng)
        settled = (trace.arrive_s > SETTLED_S) & (trace.arrive_s < HOUR_S - 2)
        latency.append(run.latency_s[settled])
    return np.nanquantile(np.concatenate(latency), [0.5, 0.99])


@pytest.mark.skipif(not can_compile(), reason="events take too long without numba")
def test_an_autoscaled_day_is_that_of_the_events():
    day = plan_day(PLAN.system, PLAN.rates_per_s, PLAN.autoscaler)
    p50, p99 = simulated_percentiles_s(PLAN.system, day.hours)
    assert day.p50_s == pytest.approx(p50, rel=WITHIN)
    assert day.p99_s == pytest.approx(p99, rel=WITHIN)
    # and it can be told from a fleet that is a little busier
    busier = plan_day(PLAN.system, PLAN.rates_per_s, replace(PLAN.autoscaler, target=0.8))
    assert busier.p99_s != pytest.approx(p99, rel=WITHIN)


def test_a_day_is_the_mixture_of_its_hours():
    same = plan_day(SYSTEM, np.full(24, 700.0))
    steady = plan_system(replace(SYSTEM, demand=replace(SYSTEM.demand, rate_per_s=700.0)))
    assert same.p50_s == pytest.approx(steady.p50_s, rel=2e-3)
    assert same.p99_s == pytest.approx(steady.p99_s, rel=2e-3)
    day = plan_day(SYSTEM, [200.0, 1_000.0])
    quiet, busy = (hour.p99_s for hour in day.hours)
    assert quiet < day.p99_s < busy


def test_an_hour_counts_by_its_requests():
    """Five quiet hours have as many as the busy one: half of all are slow as those of each."""
    day = plan_day(SYSTEM, [200.0] * 5 + [1_000.0])
    laws = []
    for rate in (200.0, 1_000.0):
        there = replace(SYSTEM, demand=replace(SYSTEM.demand, rate_per_s=rate))
        flows, _, lines = solved_system(there)
        laws.append(system_latency(there, flows, lines).whole)
    assert sum(law.tail(day.p99_s) for law in laws) / 2 == pytest.approx(0.01, rel=0.01)


def test_servers_follow_the_hours_and_no_hour_is_busier_than_the_target():
    day = plan_day(SYSTEM, [100.0, 500.0, 1_000.0], Autoscaler(max_servers=9, target=0.5))
    assert [hour.servers for hour in day.hours] == [1, 3, 5]
    assert [hour.utilisation for hour in day.hours] == pytest.approx([0.25, 0.5 / 1.2, 0.5])
    assert day.mean_servers == 3


@pytest.mark.parametrize("ttl_s", [None, 30.0])
def test_hit_ratios_between_some_rates_are_close_enough(ttl_s, monkeypatch):
    cached = replace(SYSTEM, cache=Cache(capacity=1_000, ttl_s=ttl_s))
    rates = np.linspace(100.0, 1_050.0, 12)
    between = plan_day(cached, rates)
    monkeypatch.setattr(system_day, "SOLVED", rates.size)
    exact = plan_day(cached, rates)
    assert between.p50_s == pytest.approx(exact.p50_s, rel=2e-3)
    assert between.p99_s == pytest.approx(exact.p99_s, rel=2e-3)
    for one, other in zip(between.hours, exact.hours, strict=True):
        assert one.p99_s == pytest.approx(other.p99_s, rel=2e-3)


def counted(monkeypatch, module, name):
    """Count the calls of a function, which still does what it does."""
    calls, does = [], getattr(module, name)
    monkeypatch.setattr(
        module, name, lambda *given, **named: calls.append(1) or does(*given, **named)
    )
    return calls


def test_a_day_asks_its_cache_at_a_few_rates_and_adds_up_each_hour_once(monkeypatch):
    """What takes the time, counted: the clock of a busy machine says less."""
    caches = counted(monkeypatch, system_flows, "hit_ratio_by_key")
    backs = counted(monkeypatch, np.fft, "irfft")
    answer = answer_of(PLAN)
    hours = {(hour.rate_per_s, hour.servers) for hour in answer.day.hours}
    assert len(caches) == 2 * system_day.SOLVED  # the peak is one of them, and worked out once
    peak = len(answer.tiers) - 1  # replay has no distribution
    assert len(backs) <= len(hours) + 1 + peak + 1


@pytest.mark.parametrize("cache", [None, Cache(capacity=1_000)])
def test_an_hour_outside_the_range_is_refused_with_its_number(cache):
    rates = [100.0, 200.0, 300.0, 1_190.0, 400.0, 500.0]
    with pytest.raises(OutsideRangeError, match=r"app must be at most 90 % busy, .* hour 3, at"):
        plan_day(replace(SYSTEM, cache=cache), rates)
    with pytest.raises(OutsideRangeError, match=r"app must .* hour 3, .* with 2 servers"):
        plan_day(replace(SYSTEM, cache=cache), rates, Autoscaler(max_servers=2))
