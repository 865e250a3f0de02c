"""A closed loop: a fixed number of customers who think, ask, wait and are served."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._compiled import Kernel, can_compile


@dataclass(frozen=True, kw_only=True, eq=False)
class ClosedRun:
    """What happened to each request, in order of arrival at the servers.

    Parameters
    ----------
    arrival_s : ndarray, shape (n,)
        When it was asked.
    wait_s : ndarray, shape (n,)
        Seconds in the line.
    response_s : ndarray, shape (n,)
        Seconds from asking to completion.
    """

    arrival_s: v.FloatArray
    wait_s: v.FloatArray
    response_s: v.FloatArray

    @property
    def throughput_per_s(self) -> float:
        """Requests over the time until the last was completed, start and end included."""
        last = float((self.arrival_s + self.response_s).max())
        return self.arrival_s.size / last if last else math.inf


def closed_run(
    think_times_s: ArrayLike, service_times_s: ArrayLike, customers: int, servers: int = 1
) -> ClosedRun:
    """Let customers think, ask and be served, first come, first served.

    Parameters
    ----------
    think_times_s : array_like, shape (n,)
        How long a customer thinks before each request, in seconds, >= 0. The first
        `customers` values begin the run, one each; the customer of request k thinks
        ``think_times_s[k + customers]`` before asking again.
    service_times_s : array_like, shape (n,)
        How long each request is served, in seconds, >= 0, in order of arrival.
    customers : int
        Customers in the loop, from 1 to n.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    ClosedRun
        Arrival, wait and response time of each of the n requests.

    Notes
    -----
    The loop begins with everybody thinking and, for want of think times, customers leave
    after the last n - `customers` requests: leave out both ends, or make n large. Its steady
    state is `scalelab.models.closed_queue.machine_repairman`.

    References
    ----------
    Lazowska et al., *Quantitative System Performance*, 1984, ch. 6.

    Examples
    --------
    Two customers, one server: the second finds it busy.

    >>> run = closed_run([0.0, 1.0, 5.0, 5.0], [3.0, 3.0, 3.0, 3.0], customers=2)
    >>> run.arrival_s, run.wait_s
    (array([ 0.,  1.,  8., 11.]), array([0., 2., 0., 0.]))
    """
    name = "closed_run"
    thinks = v.vector(name, "think_times_s", v.non_negative(name, "think_times_s", think_times_s))
    services = v.vector(name, "service_times_s", service_times_s, length=thinks.size)
    v.non_negative(name, "service_times_s", services)
    customers = v.count(name, "customers", customers, maximum=v.MOST_STEPS)
    servers = v.count(name, "servers", servers, maximum=v.MOST_STEPS)
    if customers > thinks.size:
        rule = f"be <= {thinks.size}, the number of think times"
        v.refuse(name, "customers", rule, customers)
    arrivals, waits = _cycle(thinks, services, customers, servers)
    return ClosedRun(arrival_s=arrivals, wait_s=waits, response_s=waits + services)


def _cycle(
    thinks: v.FloatArray, services: v.FloatArray, customers: int, servers: int
) -> tuple[v.FloatArray, v.FloatArray]:
    """Arrival and wait of each request, by the fastest form at hand."""
    asks = np.sort(thinks[:customers])
    returns = np.append(thinks[customers:], np.full(customers, np.inf))  # then they stay away
    if not can_compile():
        return _cycle_by_heaps(asks, returns, services, servers)
    arrivals, waits = np.empty_like(services), np.empty_like(services)
    asks = np.append(asks, np.inf)
    _cycle_sorted(asks, returns, services, servers, arrivals, waits)
    return arrivals, waits


@Kernel
def _cycle_sorted(asks, returns, services, servers, arrivals, waits):
    # asks: when each customer comes next; free: when each server falls free. Both ascend,
    # with a sentinel at the end; new values are inserted without a branch on data.
    customers = asks.size - 1
    free = np.full(servers + 1, -np.inf)
    free[servers] = np.inf
    for k in range(services.size):
        arrivals[k] = asks[0]
        begin = max(asks[0], free[0])
        waits[k] = begin - asks[0]
        end = begin + services[k]
        again = end + returns[k]
        for j in range(servers):
            later = free[j + 1]
            free[j], end = min(end, later), max(end, later)
        for j in range(customers):
            later = asks[j + 1]
            asks[j], again = min(again, later), max(again, later)


def _cycle_by_heaps(
    asks: v.FloatArray, returns: v.FloatArray, services: v.FloatArray, servers: int
) -> tuple[v.FloatArray, v.FloatArray]:
    """Without numba: one heap of next arrivals, one of servers falling free."""
    coming, free = asks.tolist(), [-math.inf] * servers
    arrivals: list[float] = []
    waits: list[float] = []
    note_arrival, note_wait, replace = arrivals.append, waits.append, heapq.heapreplace
    for service, away in zip(services.tolist(), returns.tolist(), strict=True):
        arrival, begin = coming[0], free[0]
        if begin < arrival:
            begin = arrival
        end = begin + service
        note_arrival(arrival)
        note_wait(begin - arrival)
        replace(free, end)
        replace(coming, end + away)
    return np.array(arrivals), np.array(waits)
