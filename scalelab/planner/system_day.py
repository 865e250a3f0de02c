"""A day whose rate changes: each hour planned by itself, all hours mixed by their requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.latency_grid import LatencyGrid, mixture
from scalelab.models.system_parts import System
from scalelab.planner.autoscaled_fleet import Autoscaler, servers_for, with_servers
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_latency import longest_latency_s, system_latency
from scalelab.planner.system_solved import solved_system
from scalelab.planner.valid_range import OutsideRangeError

SAME = 9  # digits: hours before and after the peak of a sine differ in the last one only


@dataclass(frozen=True, kw_only=True)
class Hour:
    """What is said of one hour.

    Parameters
    ----------
    rate_per_s : float
        Requests per second.
    servers : int
        App servers that run.
    utilisation : float
        Of an app server.
    p99_s : float
        Latency of all requests of the hour.
    """

    rate_per_s: float
    servers: int
    utilisation: float
    p99_s: float


@dataclass(frozen=True, kw_only=True)
class Day:
    """What is said of a day.

    Parameters
    ----------
    hours : tuple of Hour
        In their order.
    p50_s, p99_s : float
        Latency over all requests of the day.
    """

    hours: tuple[Hour, ...]
    p50_s: float
    p99_s: float

    @property
    def mean_servers(self) -> float:
        """Servers that run, on average over the hours."""
        return sum(hour.servers for hour in self.hours) / len(self.hours)


def plan_day(system: System, rates_per_s: ArrayLike, autoscaler: Autoscaler | None = None) -> Day:
    """Say how a system does over a day.

    Parameters
    ----------
    system : System
        What is there; its own rate does not matter.
    rates_per_s : array_like, shape (hours,)
        Rate of each hour, > 0.
    autoscaler : Autoscaler or None
        What sets the number of app servers of each hour; None if it stays.

    Returns
    -------
    Day

    Raises
    ------
    OutsideRangeError
        An hour is outside the range.

    Notes
    -----
    Each hour is taken for steady, with Poisson requests at its rate and the servers at which the
    autoscaler comes to rest.

    Examples
    --------
    The mean rate of a day hides its evening:

    >>> from scalelab.models.system_parts import Cache, Demand
    >>> system = System(demand=Demand(rate_per_s=400.0), cache=Cache(capacity=20_000))
    >>> day, mean = (plan_day(system, rates) for rates in ([100.0, 700.0], [400.0, 400.0]))
    >>> round(day.p50_s, 3), round(day.p99_s, 3), round(mean.p99_s, 3)
    (0.02, 0.101, 0.052)
    >>> fleet = Autoscaler(max_servers=5)
    >>> [(hour.servers, round(hour.utilisation, 2))
    ...  for hour in plan_day(system, [100.0, 700.0], fleet).hours]
    [(1, 0.25), (3, 0.58)]
    """
    name = "plan_day"
    check_system(name, system)
    rates = v.positive(name, "rates_per_s", v.vector(name, "rates_per_s", rates_per_s))
    servers = np.full(rates.shape, system.app.servers)
    if autoscaler is not None:
        servers = servers_for(autoscaler, system.app, rates)
    keys = [(float(f"{rate:.{SAME}g}"), int(n)) for rate, n in zip(rates, servers, strict=True)]
    solved = {}
    for hour, key in enumerate(keys):
        if key not in solved:
            demand = replace(system.demand, rate_per_s=key[0])
            at_hour = with_servers(replace(system, demand=demand), key[1])
            try:
                solved[key] = at_hour, *solved_system(at_hour)
            except OutsideRangeError as error:
                at = f"in hour {hour}, at {key[0]:,.0f}/s"
                raise OutsideRangeError(f"{error} ({at})") from None
    longest_s = max(longest_latency_s(there, lines) for there, _, _, lines in solved.values())
    grid = LatencyGrid(longest_s=longest_s)
    laws = {
        key: system_latency(there, flows, lines, grid).whole
        for key, (there, flows, _, lines) in solved.items()
    }
    whole = mixture([laws[key] for key in keys], rates)
    slow_s = {key: float(law.quantile(0.99)) for key, law in laws.items()}
    hours = tuple(
        Hour(
            rate_per_s=float(rate),
            servers=key[1],
            utilisation=solved[key][2]["app"],
            p99_s=slow_s[key],
        )
        for rate, key in zip(rates, keys, strict=True)
    )
    return Day(hours=hours, p50_s=float(whole.quantile(0.5)), p99_s=float(whole.quantile(0.99)))
