"""Several real servers behind a balancer in the client; one of them dies in the middle."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.real.servers import ThrowawayServer, import_redis, start_server

Judge = Callable[[list[bool]], bool]


@dataclass(frozen=True, kw_only=True)
class FailoverRun:
    """What a client saw while one of its servers died.

    Parameters
    ----------
    component : str
        Name and version of the servers.
    servers : int
        How many there were.
    rate_per_s : float
        Requests per second, in turn over the servers in rotation.
    requests, failed, retried : int
        All requests; those that failed for good; those that a second server answered.
    detected_after_s : float
        From the death until the server was out of rotation; infinite if it never was.
    """

    component: str
    servers: int
    rate_per_s: float
    requests: int
    failed: int
    retried: int
    detected_after_s: float

    @property
    def predicted_failures(self) -> float:
        """The dead server's share of the requests until it was detected."""
        return self.rate_per_s / self.servers * self.detected_after_s


def failover_run(
    servers: int = 4,
    *,
    rate_per_s: float = 400.0,
    probe_interval_s: float = 0.2,
    misses: int = 3,
    retry: bool = False,
    judge: Judge | None = None,
    seconds: float = 1.5,
) -> FailoverRun:
    """Send requests to real servers in turn, kill one, and count what fails.

    Parameters
    ----------
    servers : int
        Throw-away servers to start, >= 2.
    rate_per_s : float
        Requests per second, > 0.
    probe_interval_s : float
        Seconds between two probes of every server, > 0.
    misses : int
        Failed probes in a row that take a server out, >= 1.
    retry : bool
        Whether a request that fails goes to the next server once.
    judge : callable, optional
        ``judge(probes) -> bool``: whether a server is up, given the results of all its probes
        so far, oldest first. By default `misses` in a row decide.
    seconds : float
        Length of the run, > 0. The first server is killed half an interval after the second
        probe.

    Returns
    -------
    FailoverRun
        Counts, and the time until the dead server was out.

    Raises
    ------
    RealComponentError
        No server is found, or one does not start.
    """
    name = "failover_run"
    number = v.count(name, "servers", servers, minimum=2)
    rate = v.number(name, "rate_per_s", rate_per_s)
    interval = v.number(name, "probe_interval_s", probe_interval_s)
    limit = v.count(name, "misses", misses)
    again = v.truth(name, "retry", retry)
    length = v.number(name, "seconds", seconds)
    decide = judge or (lambda probes: len(probes) < limit or any(probes[-limit:]))
    with ExitStack() as stack:
        started = [stack.enter_context(start_server()) for _ in range(number)]
        balancer = _Balancer(started, decide, again)
        detected = _drive(balancer, started[0], rate, interval, length)
        component = repr(started[-1]).lstrip("<").partition(" on ")[0]
    return FailoverRun(
        component=component,
        servers=number,
        rate_per_s=rate,
        requests=balancer.requests,
        failed=balancer.failed,
        retried=balancer.retried,
        detected_after_s=detected,
    )


class _Balancer:
    """Round robin over the servers that are believed to be up."""

    def __init__(self, servers: list[ThrowawayServer], decide: Judge, retry: bool) -> None:
        self._error = import_redis().RedisError
        self._clients = [server.client() for server in servers]
        self._probes: list[list[bool]] = [[] for _ in servers]
        self._decide = decide
        self._retry = retry
        self._turn = 0
        self.rotation = list(range(len(servers)))
        self.requests = self.failed = self.retried = 0

    def probe(self) -> None:
        for client, results in zip(self._clients, self._probes, strict=True):
            results.append(self._answers(client))
        self.rotation = [i for i, seen in enumerate(self._probes) if self._decide(list(seen))]

    def request(self) -> None:
        self.requests += 1
        if self._next_answers():
            return
        if self._retry and self._next_answers():
            self.retried += 1
        else:
            self.failed += 1

    def _next_answers(self) -> bool:
        if not self.rotation:
            return False
        self._turn += 1
        return self._answers(self._clients[self.rotation[self._turn % len(self.rotation)]])

    def _answers(self, client: Any) -> bool:
        try:
            return bool(client.ping())
        except self._error:
            return False


def _drive(
    balancer: _Balancer, victim: ThrowawayServer, rate: float, interval: float, length: float
) -> float:
    """Do what is due in the order in which it is due; return how long the dead stayed in rotation.

    Its moments are those of the plan: where the machine is held up, by the kill or by others,
    all is late alike, and no less is asked between the death and its discovery.
    """
    begin = time.perf_counter()
    death_s, killed, detected = 1.5 * interval, False, math.inf
    probes = 0
    while True:
        next_death_s = math.inf if killed else death_s
        next_probe_s, next_request_s = probes * interval, balancer.requests / rate
        now_s = min(next_death_s, next_probe_s, next_request_s)
        if now_s >= length:
            return detected
        time.sleep(max(0.0, begin + now_s - time.perf_counter()))
        if now_s == next_death_s:
            before = time.perf_counter()
            victim.kill()
            begin += time.perf_counter() - before
            killed = True
        elif now_s == next_probe_s:
            probes += 1
            balancer.probe()
            if killed and detected == math.inf and 0 not in balancer.rotation:
                detected = now_s - death_s
        else:
            balancer.request()
