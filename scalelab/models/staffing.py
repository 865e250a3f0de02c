"""How many servers: the fewest that keep a promise about waiting in an M/M/c queue."""

from __future__ import annotations

from scalelab import _validate as v
from scalelab.models._mmc import (
    offered_load,
    response_tail,
    service_percentile_s,
    waiting_by_servers,
)


def smallest_servers(
    arrival_rate_per_s: float, service_rate_per_s: float, *, max_wait_probability: float
) -> int:
    """Fewest servers with which a request seldom waits.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float
        As in `erlang_c`.
    max_wait_probability : float
        Share of requests that may wait, in (0, 1].

    Returns
    -------
    int
        Smallest c with a steady state and ``erlang_c(..., c) <= max_wait_probability``.

    References
    ----------
    Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges", Post Office Electrical Engineers' Journal 10, 1917.

    Examples
    --------
    >>> smallest_servers(1_000, 200, max_wait_probability=0.05)
    10
    """
    name = "smallest_servers"
    target = v.number(name, "max_wait_probability", max_wait_probability)
    if target > 1:
        v.refuse(name, "max_wait_probability", "be a ratio in (0, 1]", target)
    arrival = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.number(name, "service_rate_per_s", service_rate_per_s)
    load = float(offered_load(name, arrival, service))
    return next(c for c, wait in waiting_by_servers(name, load) if wait <= target)


def smallest_servers_for_response(
    arrival_rate_per_s: float,
    service_rate_per_s: float,
    *,
    percentile: float,
    max_response_s: float,
) -> int:
    """Fewest servers with which a given share of requests is answered in time.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float
        As in `erlang_c`.
    percentile : float
        Share of requests that must be in time, in (0, 1): 0.99 for the 99th percentile.
    max_response_s : float
        Time from arrival to completion that they may take, in seconds, > 0.

    Returns
    -------
    int
        Smallest c whose percentile of response time is at most `max_response_s`.

    Raises
    ------
    ValueError
        Service alone takes longer than that.

    References
    ----------
    Harchol-Balter, *Performance Modeling and Design of Computer Systems*, 2013, ch. 14.

    Examples
    --------
    99 of 100 queries of 5 ms on average within 25 ms, at 1,000 per second:

    >>> smallest_servers_for_response(1_000, 200, percentile=0.99, max_response_s=0.025)
    7
    """
    name = "smallest_servers_for_response"
    arrival = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.number(name, "service_rate_per_s", service_rate_per_s)
    limit = v.number(name, "max_response_s", max_response_s)
    share = v.number(name, "percentile", percentile)
    if share >= 1:
        v.refuse(name, "percentile", "be a ratio in (0, 1)", share)
    fastest = service_percentile_s(share, service)
    if limit <= fastest:
        v.refuse(
            name,
            "max_response_s",
            f"be > {fastest:.4g}, the percentile of service alone",
            limit,
            "no number of servers helps, so make the service faster",
        )
    load = float(offered_load(name, arrival, service))
    return next(
        c
        for c, wait in waiting_by_servers(name, load)
        if response_tail(limit, wait, c * service - arrival, service) <= 1 - share
    )
