"""The fluid beside the event simulation, on the worst minutes of a week."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalelab.course.chapters.capstone.marks import LIMIT_S, run_week, slow_shares
from scalelab.course.chapters.capstone.plan import APP_S, CORES, ShopPlan, system_of
from scalelab.course.chapters.capstone.weeks import Week
from scalelab.sim.system import draw_requests, simulate_system
from scalelab.sim.week import WeekFaults


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """A stretch of a week with a fleet that stays, in which nothing breaks.

    Parameters
    ----------
    servers : int
        How many there are.
    load : float
        Rate of the busiest minute over what they can do.
    requests : int
        How many came in the event simulation.
    fluid, events : float
        Share above 250 ms, by the fluid with its closed forms, and counted.
    """

    servers: int
    load: float
    requests: int
    fluid: float
    events: float


def worst_minutes(plan: ShopPlan, week: Week, minutes: int = 10) -> tuple[int, int]:
    """Return where the slowest stretch of a week begins, in ticks, and its servers there."""
    run = run_week(plan, week)
    slow, _ = slow_shares(plan, run)
    ticks = round(minutes * 60 / week.tick_s)
    late = np.convolve(slow * run.rate_per_s, np.ones(ticks), "valid")
    first = int(late.argmax())
    return first, int(np.median(run.fleet.running[first : first + ticks]))


def servers_at(load: float, week: Week, first: int, minutes: int = 10) -> int:
    """Return how many servers are nearest to a load in the busiest minute of a stretch."""
    return max(1, round(_busiest_per_s(week, first, minutes) * APP_S / CORES / load))


def _busiest_per_s(week: Week, first: int, minutes: int) -> float:
    a_minute = round(60 / week.tick_s)
    rates = week.rate_per_s[first : first + minutes * a_minute]
    return float(rates.reshape(minutes, -1).mean(axis=1).max())


def beside_events(
    plan: ShopPlan, week: Week, first: int, servers: int, minutes: int = 10
) -> Minutes:
    """Run a stretch of a week from a tick on by both, with so many servers and a warm cache."""
    ticks = round(minutes * 60 / week.tick_s)
    rates = week.rate_per_s[first : first + ticks]
    fixed = replace(
        plan, minimum=servers, maximum=servers, target=None, friday=0, sync_replicas=0,
        retries=0, shed_s=None,
    )  # fmt: skip
    calm = replace(week, rate_per_s=rates, faults=WeekFaults())
    slow, _ = slow_shares(fixed, run_week(fixed, calm))
    system = system_of(fixed)
    able = servers * system.app.cores / system.app.app_s
    system = replace(system, app=replace(system.app, servers=servers))
    rng = np.random.default_rng(week.seed)
    trace = draw_requests(system, np.repeat(rates, round(week.tick_s)), minutes * 60, rng=rng)
    run = simulate_system(system, minutes * 60, trace=trace, warm=True, rng=rng)
    late = np.isnan(run.latency_s) | (run.latency_s > LIMIT_S)
    return Minutes(
        servers=servers,
        load=_busiest_per_s(week, first, minutes) / able,
        requests=int(late.size),
        fluid=float(slow @ rates / rates.sum()),
        events=float(late.mean()),
    )
