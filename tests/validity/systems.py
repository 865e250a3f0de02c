"""A whole system, planned and simulated, beside the queues of which it is made, by hand."""

from functools import cache
from math import exp, factorial

import numpy as np
from support.validity import Case

from scalelab.models.system_parts import AppTier, Database, Demand, System
from scalelab.planner.system_plan import plan_system
from scalelab.sim.system import simulate_system

RATE_PER_S, RTT_S = 280.0, 0.001
TANDEM = System(
    demand=Demand(rate_per_s=RATE_PER_S, write_share=0.0, keys=1),
    app=AppTier(servers=1, cores=4, app_s=0.010),
    database=Database(cores=2, read_s=0.005, rtt_s=RTT_S, connections=10_000),
)
STATIONS = ((4, 0.010), (2, 0.005))


def _waits(cores: int, work_s: float) -> tuple[float, float]:
    """Share of requests that wait, and the rate at which those that wait are relieved."""
    a = RATE_PER_S * work_s
    full = a**cores / factorial(cores) * cores / (cores - a)
    rest = sum(a**k / factorial(k) for k in range(cores))
    return full / (full + rest), (cores - a) / work_s


def _mean_s() -> float:
    each = [share / relief + work_s for (_, work_s), (share, relief) in _stations()]
    return sum(each) + RTT_S


def _stations():
    return [(station, _waits(*station)) for station in STATIONS]


def _still_there(station, waits, t_s: float) -> float:
    """Share of requests whose wait and work at one station take longer than `t_s`."""
    (_, work_s), (share, relief) = station, waits
    mu = 1 / work_s
    slow = (mu * exp(-relief * t_s) - relief * exp(-mu * t_s)) / (mu - relief)
    return (1 - share) * exp(-mu * t_s) + share * slow


def _p99_s() -> float:
    """Where the two times together, as an integral of one over the other, are exceeded by 1 %."""
    (first, first_waits), (second, second_waits) = _stations()
    t_s = np.linspace(0.0, 0.2, 20_001)
    one = np.array([_still_there(first, first_waits, t) for t in t_s])
    two = np.array([_still_there(second, second_waits, t) for t in t_s])
    low, high = 0, len(t_s) - 1
    while high - low > 1:
        k = (low + high) // 2
        shares = -np.diff(one[: k + 1])
        beyond = one[k] + shares @ (0.5 * (two[k:0:-1] + two[k - 1 :: -1]))
        low, high = (k, high) if beyond > 0.01 else (low, k)
    return float(t_s[high]) + RTT_S


@cache
def _simulated_s() -> tuple[float, float]:
    latency_s = []
    for seed in range(6):
        run = simulate_system(TANDEM, 400, rng=np.random.default_rng([5, seed]))
        latency_s.append(run.latency_s[run.trace.arrive_s > 20])
    whole = np.concatenate(latency_s)
    return float(np.nanmean(whole)), float(np.nanquantile(whole, 0.99))


JACKSON = "Jackson 1957, two stations, by hand"
CASE = "280 requests/s through 4 cores of 10 ms and 2 of 5 ms"
CASES = [
    Case(
        model="Planner of a system, mean latency",
        authority=JACKSON,
        case=CASE,
        ours=lambda: plan_system(TANDEM).mean_s,
        theirs=_mean_s,
        tolerance=1e-3,
    ),
    Case(
        model="Planner of a system, p99",
        authority=f"{JACKSON}: the integral of one time over the other",
        case=CASE,
        ours=lambda: plan_system(TANDEM).p99_s,
        theirs=_p99_s,
        tolerance=5e-3,
    ),
    Case(
        model="System, event by event, mean latency",
        authority=JACKSON,
        case=f"{CASE}, 6 × 400 s",
        ours=lambda: _simulated_s()[0],
        theirs=_mean_s,
        tolerance=1e-2,
    ),
    Case(
        model="System, event by event, p99",
        authority=f"{JACKSON}: the integral of one time over the other",
        case=f"{CASE}, 6 × 400 s",
        ours=lambda: _simulated_s()[1],
        theirs=_p99_s,
        tolerance=2e-2,
    ),
]
