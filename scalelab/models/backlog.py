"""What piles up while more arrives than can be served, and how long it takes to go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._retry_lines import followed


@dataclass(frozen=True, kw_only=True)
class OverloadEpisode:
    """An overload and its aftermath, as a fluid.

    Parameters
    ----------
    backlog : float
        Requests in line when the capacity is raised.
    delay_s : float
        Wait of a request that arrives at that moment.
    worst_delay_s : float
        Longest wait: of the request that leaves at that moment, and came before it.
    worst_arrival_s : float
        Seconds from the beginning until that one came.
    drain_s : float
        Seconds from then until the line is empty.
    total_s : float
        Seconds during which requests waited.
    """

    backlog: float
    delay_s: float
    worst_delay_s: float
    worst_arrival_s: float
    drain_s: float
    total_s: float


def backlog(
    arrival_rate_per_s: ArrayLike, capacity_per_s: ArrayLike, duration_s: ArrayLike
) -> float | v.FloatArray:
    r"""How many requests are in line after a time of overload that began with an empty line.

    Parameters
    ----------
    arrival_rate_per_s : float or array_like, shape (...)
        Arrivals per second, :math:`\lambda > 0`.
    capacity_per_s : float or array_like, shape (...)
        Requests that can be served per second, :math:`\mu > 0`.
    duration_s : float or array_like, shape (...)
        Seconds, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\max(0, (\lambda - \mu)t)`. It is also the lag, in events, of a consumer
        that is slower than its producer.

    Notes
    -----
    The fluid limit: random fluctuations, of the order of :math:`\sqrt{\lambda t}`, are left
    out.

    References
    ----------
    Newell, *Applications of Queueing Theory*, 2nd ed., 1982, ch. 2.

    Examples
    --------
    20 % too much for ten minutes:

    >>> backlog(1_200, 1_000, 600)
    120000.0
    """
    name = "backlog"
    arrival = v.positive(name, "arrival_rate_per_s", arrival_rate_per_s)
    capacity = v.positive(name, "capacity_per_s", capacity_per_s)
    time = v.non_negative(name, "duration_s", duration_s)
    v.broadcastable(name, arrival_rate_per_s=arrival, capacity_per_s=capacity, duration_s=time)
    return v.scalar_or_array(np.maximum(arrival - capacity, 0) * time)


def drain_time_s(
    waiting: ArrayLike, arrival_rate_per_s: ArrayLike, capacity_per_s: ArrayLike
) -> float | v.FloatArray:
    r"""Time until a line is empty.

    Parameters
    ----------
    waiting : float or array_like, shape (...)
        Requests in line now, >= 0.
    arrival_rate_per_s : float or array_like, shape (...)
        Arrivals per second from now on, >= 0.
    capacity_per_s : float or array_like, shape (...)
        Requests that can be served per second, above the arrival rate.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds, :math:`B/(\mu - \lambda)`.

    Examples
    --------
    Half as much capacity again:

    >>> drain_time_s(120_000, 1_200, 1_500)
    400.0
    """
    name = "drain_time_s"
    line = v.non_negative(name, "waiting", waiting)
    arrival = v.non_negative(name, "arrival_rate_per_s", arrival_rate_per_s)
    capacity = v.positive(name, "capacity_per_s", capacity_per_s)
    v.broadcastable(name, waiting=line, arrival_rate_per_s=arrival, capacity_per_s=capacity)
    spare = capacity - arrival
    if np.any(spare <= 0):
        v.refuse(
            name,
            "capacity_per_s",
            "be above arrival_rate_per_s",
            capacity_per_s,
            "otherwise the line never empties, so add capacity or shed load",
        )
    return v.scalar_or_array(line / spare)


def overload_episode(
    arrival_rate_per_s: float,
    capacity_before_per_s: float,
    capacity_after_per_s: float,
    reaction_s: float,
) -> OverloadEpisode:
    r"""Follow an overload until capacity that comes late has made up for it.

    Parameters
    ----------
    arrival_rate_per_s : float
        Arrivals per second, throughout.
    capacity_before_per_s : float
        Requests per second that could be served when the overload began.
    capacity_after_per_s : float
        Requests per second once the new servers run, above the arrival rate.
    reaction_s : float
        Seconds until then: detection, start and warm-up.

    Returns
    -------
    OverloadEpisode
        Backlog, delays, time to drain, and total.

    Notes
    -----
    First come, first served; nobody gives up. After :math:`r` seconds at :math:`\mu_1` as many
    have left as had come after :math:`r\mu_1/\lambda`. Who came then had the longest wait: it
    grew until then, and everybody who came later is served in part at the new rate.

    Examples
    --------
    >>> episode = overload_episode(1_200, 1_000, 1_500, 600)
    >>> episode.backlog, episode.drain_s, episode.total_s
    (120000.0, 400.0, 1000.0)
    >>> episode.worst_arrival_s, episode.worst_delay_s, episode.delay_s
    (500.0, 100.0, 80.0)
    """
    name = "overload_episode"
    arrival = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    before = v.number(name, "capacity_before_per_s", capacity_before_per_s)
    after = v.number(name, "capacity_after_per_s", capacity_after_per_s)
    reaction = v.number(name, "reaction_s", reaction_s, minimum=0)
    if after <= arrival:
        v.refuse(
            name,
            "capacity_after_per_s",
            "be above arrival_rate_per_s",
            after,
            "otherwise the line never empties",
        )
    line = float(backlog(arrival, before, reaction))
    drain = float(drain_time_s(line, arrival, after))
    unluckiest = reaction * min(before / arrival, 1.0)
    return OverloadEpisode(
        backlog=line,
        delay_s=line / after,
        worst_delay_s=reaction - unluckiest,
        worst_arrival_s=unluckiest,
        drain_s=drain,
        total_s=reaction + drain if line else 0.0,
    )


def retry_drain_s(
    utilisation: float,
    retries: int,
    *,
    times_capacity: float,
    duration_s: float,
    timeout_s: float,
) -> float:
    r"""Time from the end of an overload until the line is gone, with clients that try again.

    Parameters
    ----------
    utilisation : float
        Before and after the overload, first attempts only, u in [0, 1).
    retries : int
        How often a client tries again after a timeout, r >= 0.
    times_capacity : float
        What is asked for during the overload, as a multiple m > 1 of the capacity.
    duration_s : float
        Seconds of overload, T >= 0.
    timeout_s : float
        Seconds after which a client leaves an attempt, > 0. The server goes on with it.

    Returns
    -------
    float
        Seconds; infinite where the line never goes: once it is longer than the timeout, each
        request is :math:`1 + r` attempts, and :math:`u(1 + r) \ge 1` is more than can be done.

    Notes
    -----
    Until the wait is as long as the timeout, after :math:`t = \min(T, \tau/(m - 1))`, nobody
    leaves, and :math:`B = (m - 1)t` seconds of work are in line. From then on there are
    :math:`(m(1 + r) - 1)(T - t)` more; these go at the rate :math:`1 - u(1 + r)`, and the first
    :math:`B` at :math:`1 - u`. That is `retry_lines` for one line, with its signs: a few per cent
    too long.

    References
    ----------
    Bronson et al., "Metastable failures in distributed systems", HotOS 2021.

    Examples
    --------
    A quarter of a minute at twice the capacity, for a server that is 30 % busy:

    >>> [round(retry_drain_s(0.3, r, times_capacity=2, duration_s=15, timeout_s=0.5), 1)
    ...  for r in (0, 1, 2, 3)]
    [21.4, 109.5, 725.7, inf]
    """
    name = "retry_drain_s"
    busy = v.number(name, "utilisation", utilisation, minimum=0)
    if busy >= 1:
        v.refuse(name, "utilisation", "be a ratio in [0, 1)", busy)
    attempts = 1 + v.count(name, "retries", retries, minimum=0)
    times = v.number(name, "times_capacity", times_capacity)
    if times <= 1:
        v.refuse(name, "times_capacity", "be > 1", times)
    duration = v.number(name, "duration_s", duration_s, minimum=0)
    patience = v.number(name, "timeout_s", timeout_s)
    with v.no_overflow(name, "times_capacity, retries and duration_s"):
        np.multiply(times * attempts, duration)
    line = followed([0.0], [1.0], times, 1.0, attempts, patience, duration)[0]
    return followed(line, [1.0], busy, 1.0, attempts, patience, math.inf)[1]
