"""A day whose rate changes: each hour planned by itself, all hours mixed by their requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.latency_grid import LatencyGrid, mixture
from scalelab.models.system_parts import System
from scalelab.planner.autoscaled_fleet import Autoscaler, servers_for, with_servers
from scalelab.planner.system_flows import SystemFlows, check_system, flows_between
from scalelab.planner.system_latency import longest_latency_s, system_latency
from scalelab.planner.system_lines import SystemLines
from scalelab.planner.system_solved import solved_system, solved_with
from scalelab.planner.valid_range import OutsideRangeError

_Key = tuple[float, int]  # requests per second, servers
_Solved = tuple[SystemFlows, dict[str, float], SystemLines]
SOLVED = 3  # rates of a day for which a cache is worked out key by key
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


def plan_day(
    system: System,
    rates_per_s: ArrayLike,
    autoscaler: Autoscaler | None = None,
    flows: SystemFlows | None = None,
) -> Day:
    """Say how a system does over a day.

    Parameters
    ----------
    system : System
        What is there; its own rate does not matter without `flows`.
    rates_per_s : array_like, shape (hours,)
        Rate of each hour, > 0.
    autoscaler : Autoscaler or None
        What sets the number of app servers of each hour; None if it stays.
    flows : SystemFlows or None
        Of the system at its own rate, if they are known: an hour at that rate is not worked out
        again.

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
    servers = _servers(system, rates, autoscaler)
    keys = [(float(f"{rate:.{SAME}g}"), n) for rate, n in zip(rates, servers, strict=True)]
    solved = _solved_hours(system, keys, autoscaler, flows)
    longest_s = max(longest_latency_s(there, lines) for there, (_, _, lines) in solved.values())
    grid = LatencyGrid(longest_s=longest_s)
    laws = {
        key: system_latency(there, flows, lines, grid).whole
        for key, (there, (flows, _, lines)) in solved.items()
    }
    whole = mixture([laws[key] for key in keys], rates)
    slow_s = {key: float(law.quantile(0.99)) for key, law in laws.items()}
    hours = tuple(
        Hour(
            rate_per_s=float(rate),
            servers=key[1],
            utilisation=solved[key][1][1]["app"],
            p99_s=slow_s[key],
        )
        for rate, key in zip(rates, keys, strict=True)
    )
    return Day(hours=hours, p50_s=float(whole.quantile(0.5)), p99_s=float(whole.quantile(0.99)))


def _solved_hours(
    system: System, keys: list[_Key], autoscaler: Autoscaler | None, at_its_own: SystemFlows | None
) -> dict[_Key, tuple[System, _Solved]]:
    """Return each different hour with its flows, loads and lines."""
    between = _solved_rates(system, sorted({rate for rate, _ in keys}), autoscaler, at_its_own)
    found = {}
    for hour, (rate, servers) in enumerate(keys):
        if (rate, servers) in found:
            continue
        there = _at(system, rate, servers)
        try:
            solved: _Solved
            if between is None:
                solved = solved_system(there)
            else:
                flows = flows_between(between, rate)
                solved = flows, *solved_with(there, flows)
        except OutsideRangeError as error:
            at = f"in hour {hour}, at {rate:,.0f}/s with {servers} servers"
            raise OutsideRangeError(f"{error} ({at})") from None
        found[rate, servers] = there, solved
    return found


def _solved_rates(
    system: System,
    rates: list[float],
    autoscaler: Autoscaler | None,
    at_its_own: SystemFlows | None,
) -> dict[float, SystemFlows] | None:
    """Return flows at some rates from the lowest to the highest; None where all are to be solved.

    What a cache does for each key takes most of the time, and hardly changes with the rate.
    """
    if len(rates) <= SOLVED or system.cache is None:
        return None
    some = np.geomspace(rates[0], rates[-1], SOLVED)
    some[[0, -1]] = rates[0], rates[-1]
    found: dict[float, SystemFlows] = {}
    for rate, servers in zip(some.tolist(), _servers(system, some, autoscaler), strict=True):
        there = _at(system, rate, servers)
        if at_its_own is not None and there == system:
            found[rate] = at_its_own
            continue
        try:
            found[rate], _, _ = solved_system(there)
        except OutsideRangeError:
            return None  # no hour has this rate; those that have theirs are told one by one
    return found


def _servers(system: System, rates: v.FloatArray, autoscaler: Autoscaler | None) -> list[int]:
    if autoscaler is None:
        return [system.app.servers] * rates.size
    return [int(servers) for servers in servers_for(autoscaler, system.app, rates)]


def _at(system: System, rate_per_s: float, servers: int) -> System:
    demand = replace(system.demand, rate_per_s=rate_per_s)
    return with_servers(replace(system, demand=demand), servers)
