"""A load balancer before servers that each have a line of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim import _routing_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._first_come import arrivals_and_services
from scalelab.sim.hashing import hash_keys

POLICIES = ("random", "round_robin", "least_connections", "join_shortest_queue", "power_of_d")
CLIENT_POLICIES = ("ip_hash", "sticky")
IntArray = NDArray[np.signedinteger]


@dataclass(frozen=True, kw_only=True, eq=False)
class BalancedRun:
    """What happened to each request, in order of arrival.

    Parameters
    ----------
    wait_s : ndarray, shape (n,)
        Seconds in the line of its server.
    response_s : ndarray, shape (n,)
        Seconds from arrival to completion.
    server : ndarray of int, shape (n,)
        Which server it went to.
    servers : int
        How many there are.
    """

    wait_s: v.FloatArray
    response_s: v.FloatArray
    server: IntArray
    servers: int

    @property
    def requests_by_server(self) -> NDArray[np.int64]:
        """Requests that each server got, shape (servers,)."""
        return np.bincount(self.server, minlength=self.servers)

    @property
    def largest_over_mean(self) -> float:
        """Requests of the busiest server over the mean, >= 1."""
        return float(self.requests_by_server.max() * self.servers / self.server.size)


def balanced_run(
    arrival_times_s: ArrayLike,
    service_times_s: ArrayLike,
    servers: int,
    policy: str,
    *,
    rng: np.random.Generator,
    choices: int = 2,
    clients: ArrayLike | None = None,
) -> BalancedRun:
    """Send each request to a server as it arrives, and serve each line first come, first served.

    Parameters
    ----------
    arrival_times_s : array_like, shape (n,)
        When each request arrives, in seconds, in ascending order.
    service_times_s : array_like, shape (n,)
        How long each will be served, in seconds, >= 0.
    servers : int
        Identical servers, >= 1, idle before the first arrival.
    policy : str
        ``"random"``; ``"round_robin"``; ``"least_connections"``: the fewest requests in the
        system, equals in turn; ``"join_shortest_queue"``: the same, equals at random;
        ``"power_of_d"``: the better of `choices` different servers drawn at random;
        ``"ip_hash"``: the hash of the client modulo `servers`; ``"sticky"``: a client's first
        request goes where the fewest clients are so far, and its others follow.
    rng : numpy.random.Generator
        Source of randomness; the policies without chance leave it alone.
    choices : int
        Servers compared by ``"power_of_d"``, from 1 to `servers`.
    clients : array_like of int, shape (n,), optional
        Client of each request; needed by ``"ip_hash"`` and ``"sticky"``.

    Returns
    -------
    BalancedRun
        Wait, response time and server of each request.

    Notes
    -----
    The balancer knows the number of requests at each server, not how long they will take.
    Under ``"random"`` each server is an M/M/1 queue if arrivals are Poisson and service is
    exponential; for many servers ``"power_of_d"`` tends to a known limit.

    References
    ----------
    Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Transactions on
    Parallel and Distributed Systems 12, 2001; Gupta et al., "Analysis of join-the-shortest-queue
    routing for web server farms", Performance Evaluation 64, 2007.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> run = balanced_run([0.0, 0.1, 0.2], [9.0, 1.0, 1.0], 2, "least_connections", rng=rng)
    >>> run.server, run.wait_s
    (array([0, 1, 0], dtype=int16), array([0. , 0. , 8.8]))
    """
    name = "balanced_run"
    servers = v.count(name, "servers", servers, maximum=v.MOST_STEPS)
    arrivals, services = arrivals_and_services(name, arrival_times_s, service_times_s)
    v.choice(name, "policy", policy, POLICIES + CLIENT_POLICIES)
    v.generator(name, rng)
    choices = v.count(name, "choices", choices)
    if policy == "power_of_d" and choices > servers:
        v.refuse(name, "choices", f"be <= servers={servers}", choices)
    if clients is None:
        ids = None
        if policy in CLIENT_POLICIES:
            v.refuse(name, "clients", f"be given for policy {policy}", clients)
    else:
        ids = _clients(name, clients, arrivals.size)
    return _route(arrivals, services, servers, policy, choices, ids, rng)


def _route(
    arrivals: v.FloatArray,
    services: v.FloatArray,
    servers: int,
    policy: str,
    choices: int,
    clients: IntArray | None,
    rng: np.random.Generator,
) -> BalancedRun:
    number = arrivals.size
    if policy == "power_of_d":
        candidates = _different(number, servers, choices, rng)
        waits, chosen = _run("_shortest_of", arrivals, services, servers, candidates)
    elif policy in ("least_connections", "join_shortest_queue"):
        starts = (
            _in_turn(number, servers)
            if policy == "least_connections"
            else _any_server(number, servers, rng)
        )
        waits, chosen = _run("_shortest_of_all", arrivals, services, servers, starts)
    else:
        fixed = _known_servers(policy, number, servers, clients, rng)
        waits, chosen = _run("_fixed", arrivals, services, servers, fixed)
    return BalancedRun(wait_s=waits, response_s=waits + services, server=chosen, servers=servers)


def _known_servers(
    policy: str, number: int, servers: int, clients: IntArray | None, rng: np.random.Generator
) -> IntArray:
    """Server of each request where it does not depend on the lines."""
    if policy == "random":
        return _any_server(number, servers, rng)
    if policy == "round_robin" or clients is None:
        return _in_turn(number, servers)
    if policy == "ip_hash":
        return (hash_keys(clients) % np.uint64(servers)).astype(_small(servers))
    # sticky: new clients in turn, which is where the fewest clients are
    _, first, client = np.unique(clients, return_index=True, return_inverse=True)
    place: IntArray = np.empty(first.size, _small(servers))
    place[np.argsort(first)] = np.arange(first.size) % servers
    return place[client]


def _in_turn(number: int, servers: int) -> IntArray:
    return np.resize(np.arange(servers, dtype=_small(servers)), number)


def _any_server(number: int, servers: int, rng: np.random.Generator) -> IntArray:
    return rng.integers(0, servers, number, dtype=_small(servers))


def _small(servers: int) -> type:
    """Type for the number of a server: the arrays are as long as the trace."""
    return np.int16 if servers < 2**15 else np.int32


def _different(number: int, servers: int, choices: int, rng: np.random.Generator) -> IntArray:
    """Different servers for each request, all sets equally likely: Floyd's way, a column a step."""
    picked: IntArray = np.empty((number, choices), _small(servers))
    for column in range(choices):
        limit = servers - choices + column
        draw = rng.integers(0, limit + 1, number, dtype=_small(servers))
        taken = (picked[:, :column] == draw[:, None]).any(axis=1)
        picked[:, column] = np.where(taken, limit, draw)
    return rng.permuted(picked, axis=1)  # the last one drawn is no better among equals


def _run(
    kernel: str,
    arrivals: v.FloatArray,
    services: v.FloatArray,
    servers: int,
    how: IntArray,
) -> tuple[v.FloatArray, IntArray]:
    """Wait and server of each request by the fastest form at hand."""
    if not can_compile():
        pick: dict[str, Callable] = {
            "_fixed": _pick_fixed,
            "_shortest_of": _pick_drawn,
            "_shortest_of_all": _pick_any,
        }
        return _serve_by_lists(arrivals, services, servers, how, pick[kernel])
    waits, departures = np.empty_like(arrivals), np.empty_like(arrivals)
    chosen = how if kernel == "_fixed" else np.empty(arrivals.size, _small(servers))
    next_of = np.full(arrivals.size, -1, np.int32)
    ends = np.full((2, servers), -1, np.int64)
    inside = np.zeros(servers, np.int64)
    given = (arrivals, services, how) if kernel == "_fixed" else (arrivals, services, how, chosen)
    getattr(kernels, kernel)(*given, waits, departures, next_of, ends[0], ends[1], inside)
    return waits, chosen


def _serve_by_lists(
    arrivals: v.FloatArray,
    services: v.FloatArray,
    servers: int,
    how: IntArray,
    pick: Callable,
) -> tuple[v.FloatArray, IntArray]:
    """Without numba: a queue of departure times for each server."""
    lines: list[deque[float]] = [deque() for _ in range(servers)]
    waits, chosen = [], []
    for now, service, hint in zip(arrivals.tolist(), services.tolist(), how.tolist(), strict=True):
        server = pick(lines, hint, now)
        line = lines[server]
        begin = max(now, line[-1]) if _left(line, now) else now
        line.append(begin + service)
        waits.append(begin - now)
        chosen.append(server)
    return np.array(waits), np.array(chosen, how.dtype)


def _left(line: deque[float], now: float) -> int:
    """How many are left at a server, after those that are done have gone."""
    while line and line[0] <= now:
        line.popleft()
    return len(line)


def _pick_fixed(lines: list[deque[float]], server: int, now: float) -> int:
    return server


def _pick_drawn(lines: list[deque[float]], drawn: list[int], now: float) -> int:
    return min(drawn, key=lambda server: _left(lines[server], now))


def _pick_any(lines: list[deque[float]], start: int, now: float) -> int:
    return _pick_drawn(lines, [*range(start, len(lines)), *range(start)], now)


def _clients(function: str, clients: ArrayLike, length: int) -> IntArray:
    rule = f"be {length} whole numbers, one for each request"
    try:
        ids = np.asarray(clients)
    except (ValueError, OverflowError):
        v.refuse(function, "clients", rule, clients)
    if ids.shape != (length,) or ids.dtype.kind not in "iu":
        v.refuse(function, "clients", rule, v.Words(f"shape {ids.shape} of {ids.dtype}"))
    return ids
