"""First come, first served, with limited patience: what the queue and the pool share."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._compiled import Kernel, can_compile


def offered_waits_s(
    arrival_times_s: v.FloatArray, service_times_s: v.FloatArray, servers: int, patience_s: float
) -> v.FloatArray:
    """Wait until a server is free for each request; a longer one than `patience_s` is lost."""
    if can_compile():
        offered = np.empty_like(arrival_times_s)
        if servers == 1:
            _serve_one(arrival_times_s, service_times_s, patience_s, offered)
        else:
            _serve(arrival_times_s, service_times_s, servers, patience_s, offered)
        return offered
    if servers == 1 and patience_s == math.inf:
        return _lindley(arrival_times_s, service_times_s)
    return _serve_by_heap(arrival_times_s, service_times_s, servers, patience_s)


def arrivals_and_services(
    function: str,
    arrival_times_s: ArrayLike,
    service_times_s: ArrayLike,
    names: tuple[str, str] = ("arrival_times_s", "service_times_s"),
) -> tuple[v.FloatArray, v.FloatArray]:
    """Both arrays, checked: one service time per arrival, and no arrival before the last."""
    arrivals, services = arrival_times_s, service_times_s
    if not _are_plainly_good(arrivals, services):
        arrivals, services = _checked(function, names, arrival_times_s, service_times_s)
    return np.ascontiguousarray(arrivals), np.ascontiguousarray(services)


def _are_plainly_good(arrivals: ArrayLike, services: ArrayLike) -> bool:
    """Whether both arrays pass at a glance: no pass over them makes a copy or asks twice."""
    if not (isinstance(arrivals, np.ndarray) and isinstance(services, np.ndarray)):
        return False
    if not arrivals.dtype == services.dtype == np.float64:
        return False
    if arrivals.ndim != 1 or arrivals.size == 0 or arrivals.shape != services.shape:
        return False
    ends = arrivals[[0, -1]]  # ascending numbers between finite ends are finite
    ascending = np.isfinite(ends).all() and (arrivals[1:] >= arrivals[:-1]).all()
    return bool(ascending and services.min() >= 0 and services.max() < math.inf)


def _checked(
    function: str, names: tuple[str, str], arrival_times_s: ArrayLike, service_times_s: ArrayLike
) -> tuple[v.FloatArray, v.FloatArray]:
    """Both arrays as float64, or the words for what is wrong with them."""
    arrivals = v.vector(function, names[0], arrival_times_s)
    services = v.vector(function, names[1], service_times_s, length=arrivals.size)
    early = arrivals[1:] < arrivals[:-1]
    if early.any():
        step = int(early.argmax())
        remedy = f"it follows {arrivals[step]}, so sort them"
        v.refuse(function, names[0], "not decrease", arrivals[step + 1], remedy)
    if services.min() < 0:
        v.refuse(function, names[1], "be >= 0", services.min())
    return arrivals, services


@Kernel
def _serve(arrivals, services, servers, patience, offered):
    # The times at which servers fall free, in ascending order: `first`, then free[1:servers].
    # What the next request waits for is `first` alone, so that stays out of the array.
    free = np.full(servers + 1, -np.inf)
    free[servers] = np.inf
    first = -np.inf
    for i in range(arrivals.size):
        begin = max(arrivals[i], first)
        offered[i] = begin - arrivals[i]
        # who gives up leaves the server as it was; a branch here would often be guessed wrong
        end = begin + services[i] if first - arrivals[i] <= patience else first
        # take `first` out and put `end` in: the larger of each pair moves on, without a branch too
        first, end = min(end, free[1]), max(end, free[1])
        for j in range(1, servers):
            later = free[j + 1]
            free[j], end = min(end, later), max(end, later)


@Kernel
def _serve_one(arrivals, services, patience, offered):
    free = -np.inf
    for i in range(arrivals.size):
        begin = max(arrivals[i], free)
        wait = begin - arrivals[i]
        offered[i] = wait
        if wait <= patience:
            free = begin + services[i]


def _serve_by_heap(
    arrivals: v.FloatArray, services: v.FloatArray, servers: int, patience: float
) -> v.FloatArray:
    """Without numba: a heap of the times at which servers fall free."""
    begins = _begin_times(arrivals, services, servers, patience)
    return np.fromiter(begins, np.float64, arrivals.size) - arrivals


def _begin_times(
    arrivals: v.FloatArray, services: v.FloatArray, servers: int, patience: float
) -> Iterator[float]:
    free, serve = [-math.inf] * servers, heapq.heapreplace
    for arrival, service in zip(arrivals.data, services.data, strict=True):
        begin = free[0]
        if begin < arrival:
            begin = arrival
        yield begin
        if begin - arrival <= patience:
            serve(free, begin + service)


def _lindley(arrivals: v.FloatArray, services: v.FloatArray) -> v.FloatArray:
    """One server, without a loop: Lindley's recursion is a walk over its lowest point."""
    walk = np.zeros(arrivals.size)
    np.cumsum(services[:-1] - np.diff(arrivals), out=walk[1:])
    return walk - np.minimum.accumulate(walk)
