"""What a pool is worth: a connection per request against a pooled one, measured."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scalelab import _validate as v
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.pooling_subjects import (
    PoolingSubject,
    PostgresPooling,
    RedisPooling,
)
from scalelab.real.postgres import start_postgres
from scalelab.real.postgres_tools import DSN_VARIABLE, import_psycopg
from scalelab.real.servers import start_server
from scalelab.real.supervised import LOCALHOST, RealComponentError

Component = Literal["redis", "postgres"]
_BLOCKS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class PoolingComparison:
    """A connection per request against a pooled one, on the same server."""

    component: str
    """What was measured."""
    rtt_s: float
    """The network round trip, in seconds."""
    fresh_s: v.FloatArray
    """Seconds of each request that opened its own connection, shape (requests,)."""
    pooled_s: v.FloatArray
    """Seconds of each request over a pooled connection, shape (requests,)."""
    fresh_connections: int
    """Connections the server accepted for the former, by its own count."""
    pooled_connections: int
    """Connections the server accepted for the latter, by its own count."""

    @property
    def requests(self) -> int:
        """Requests measured in each form."""
        return self.fresh_s.size

    @property
    def fresh_median_s(self) -> float:
        """Median seconds with a connection per request."""
        return float(np.median(self.fresh_s))

    @property
    def pooled_median_s(self) -> float:
        """Median seconds with a pooled connection."""
        return float(np.median(self.pooled_s))

    @property
    def gain(self) -> float:
        """How many times faster the pooled request is, by the medians."""
        return self.fresh_median_s / self.pooled_median_s

    def __repr__(self) -> str:
        return (
            f"{self.component}, round trip {self.rtt_s * 1e3:g} ms: "
            f"{self.fresh_median_s * 1e3:.3g} ms with a connection per request, "
            f"{self.pooled_median_s * 1e3:.3g} ms pooled, gain {self.gain:.3g}; "
            f"the server accepted {self.fresh_connections} and {self.pooled_connections} "
            f"connections for {self.requests} requests each"
        )


@dataclass(frozen=True)
class Unavailable:
    """Why there is no measurement; false in a condition."""

    reason: str
    """One sentence."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"{self.reason}; going on with the fake"


def compare_pooling(subject: PoolingSubject, *, requests: int = 100) -> PoolingComparison:
    """Measure the same requests with a connection each and over a pool, taking turns.

    Each form gets a request before the measurement begins. Then blocks of both
    alternate, each going first as often as the other, so that a machine that
    slows down slows both.

    Parameters
    ----------
    subject : PoolingSubject
        What to measure; see :mod:`scalelab.real.pooling_subjects`.
    requests : int
        Requests of each form, >= 4.

    Returns
    -------
    PoolingComparison
        The times, and the connections that the server counted.

    Raises
    ------
    RealComponentError
        The server died in the middle of it.
    """
    requests = v.count("compare_pooling", "requests", requests, minimum=_BLOCKS)
    times: dict[str, list[float]] = {"fresh": [], "pooled": []}
    connections = {"fresh": 0, "pooled": 0}
    forms: dict[str, Callable[[], None]] = {"fresh": subject.fresh, "pooled": subject.pooled}
    try:
        for form in forms.values():
            form()
        for size, order in _blocks(requests):
            for name in order:
                before = subject.connections_received()
                times[name] += [_timed(forms[name], subject.now_s) for _ in range(size)]
                connections[name] += subject.connections_received() - before
    except subject.errors as error:
        done = len(times["fresh"]) + len(times["pooled"])
        raise RealComponentError(
            f"{subject.name} stopped answering after {done} requests: {_first_line(error)}"
        ) from None
    return PoolingComparison(
        component=subject.name,
        rtt_s=subject.rtt_s,
        fresh_s=np.array(times["fresh"]),
        pooled_s=np.array(times["pooled"]),
        fresh_connections=connections["fresh"],
        pooled_connections=connections["pooled"],
    )


def _blocks(requests: int) -> Iterator[tuple[int, tuple[str, str]]]:
    for number_, block in enumerate(np.array_split(np.arange(requests), _BLOCKS)):
        yield block.size, ("pooled", "fresh") if number_ % 2 else ("fresh", "pooled")


def _timed(action: Callable[[], None], now_s: Callable[[], float]) -> float:
    start_s = now_s()
    action()
    return now_s() - start_s


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def pooling_experiments(
    component: Component = "redis", *, rtts_s: Sequence[float], requests: int = 100
) -> list[PoolingComparison] | Unavailable:
    """Find and start a server, measure pooling over networks of several round trips, clean up.

    Parameters
    ----------
    component : {"redis", "postgres"}
        Redis or Valkey, whichever is found; or PostgreSQL, started here or
        named in ``SCALELAB_POSTGRES_DSN``.
    rtts_s : sequence of float
        Round trips to add, one measurement each, in seconds, >= 0.
    requests : int
        Requests of each form, >= 4.

    Returns
    -------
    list of PoolingComparison, or Unavailable
        The latter, false and with its reason, where there is no server, or it died.
    """
    name = "pooling_experiments"
    if component not in ("redis", "postgres"):
        v.refuse(name, "component", "be 'redis' or 'postgres'", component)
    delays = [v.number(name, "rtts_s", rtt_s, minimum=0) for rtt_s in rtts_s]
    requests = v.count(name, "requests", requests, minimum=_BLOCKS)
    start = _redis if component == "redis" else _postgres
    try:
        with ExitStack() as stack:
            at_rtt = start(stack)
            results = []
            for delay_s in delays:
                subject = at_rtt(delay_s)
                stack.callback(_close_quietly, subject)
                results.append(compare_pooling(subject, requests=requests))
            return results
    except RealComponentError as error:
        return Unavailable(str(error))


def _redis(stack: ExitStack) -> Callable[[float], PoolingSubject]:
    """Start a server; return what to measure at a round trip."""
    server = stack.enter_context(start_server())
    return lambda rtt_s: RedisPooling(server, _way(stack, server.port, rtt_s))


def _postgres(stack: ExitStack) -> Callable[[float], PoolingSubject]:
    """Start a server, or find the one that is named; return what to measure at a round trip."""
    psycopg = import_psycopg()

    def reach(connect: Callable[[], PoolingSubject]) -> PoolingSubject:
        try:
            return connect()
        except psycopg.Error as error:
            reason = f"PostgreSQL cannot be reached: {_first_line(error)}"
            raise RealComponentError(reason) from None

    if dsn := os.environ.get(DSN_VARIABLE):

        def named(rtt_s: float) -> PoolingSubject:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                host, port = connection.info.hostaddr, connection.info.port
            return PostgresPooling(dsn, _way(stack, port, rtt_s, host))

        return lambda rtt_s: reach(lambda: named(rtt_s))
    server = stack.enter_context(start_postgres())
    return lambda rtt_s: reach(
        lambda: PostgresPooling(server.dsn, _way(stack, server.port, rtt_s), name=server.name)
    )


def _way(stack: ExitStack, port: int, rtt_s: float, host: str = LOCALHOST) -> DelayProxy | None:
    """Return a proxy where there is a round trip to add; it costs a little of its own."""
    return stack.enter_context(DelayProxy(port, rtt_s, target_host=host)) if rtt_s else None


def _close_quietly(subject: PoolingSubject) -> None:
    with contextlib.suppress(*subject.errors):  # the server may be gone
        subject.close()


def median_s(work: Callable[[], object], times: int) -> float:
    """Median seconds of doing something, after once for warming up."""
    times = v.count("median_s", "times", times)
    work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))
