"""Experiments of the chapter on the limits of a larger database server."""

from __future__ import annotations

import math

from scalelab.course.chapters.vertical.experiments import USD_PER_CORE, laws

# The guide's price list: cores that may be kept busy, virtual cores, GB of memory, $ a month.
ROWS = (
    (0.4, 2, 2, 30),
    (2.0, 2, 8, 140),
    (8.0, 8, 32, 560),
    (32.0, 32, 128, 2_240),
    (96.0, 96, 384, 6_720),
)
_LAW = next(iter(laws().values()))  # Amdahl's, through the guide's two measurements
SMALL = 4  # cores of a machine of a fleet


def cores_for(rate_per_s: float) -> float:
    """Cores of one machine that does so many requests a second; infinite beyond its ceiling."""
    if rate_per_s >= _LAW.ceiling_per_s:
        return math.inf
    unit, sigma = _LAW.unit_throughput_per_s, _LAW.sigma
    return rate_per_s * (1 - sigma) / (unit - sigma * rate_per_s)


def price_of_twice(cores: float) -> float:
    """How many times as much twice the performance costs, from so many cores of one machine."""
    return cores_for(2 * float(_LAW.throughput_per_s(cores))) / cores


def switch_point_per_s(extra_usd: float) -> float:
    """Rate from which many small machines and an extra cost are cheaper than one, by bisection."""
    per_request = USD_PER_CORE * SMALL / float(_LAW.throughput_per_s(SMALL))
    low, high = 0.0, _LAW.ceiling_per_s
    for _ in range(80):
        rate = (low + high) / 2
        one, many = USD_PER_CORE * cores_for(rate), per_request * rate + extra_usd
        low, high = (rate, high) if one < many else (low, rate)
    return low
