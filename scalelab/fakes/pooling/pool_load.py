"""Callers with patience: load for a fake pool, and the metrics that a dashboard would show.

A caller asks for a connection, sends its query, and gives the connection back.
It may lose patience and ask again; what it left behind stays in the line and
is served for nobody. It may also forget to give the connection back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.fakes._callbacks import Watched
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_types import Lease

if TYPE_CHECKING:
    import pandas as pd

QueryTime = Callable[[float], float]


@dataclass(eq=False)
class _Call:
    """One caller's wish, over all its attempts."""

    number: int
    attempts: int = 0
    settled: bool = False


class PoolLoad(Watched):
    """Requests that use a pool, as they come.

    Parameters
    ----------
    pool : FakeConnectionPool
        Where they get their connections.
    database : FakeDatabase
        The pool's database; its clock moves everything.
    arrival_times_s : array_like, shape (n,)
        When callers arrive, ascending, not before the clock's present.
    query_wait_s : callable
        Seconds that a query sent at some time waits at the database for disks and locks.
    query_cpu_s : float
        Seconds of a core that each query takes, >= 0.
    patience_s : float
        After so many seconds without an answer a caller gives an attempt up; may be infinite.
    retries : int
        How often it then asks again, at once.
    leak_every : int, optional
        Every so many answers, the connection is not given back.

    Notes
    -----
    Who watches hears what `run` counts, the number of the caller and that of the attempt.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> clock = VirtualClock()
    >>> database = FakeDatabase(clock)
    >>> pool = FakeConnectionPool(database, clock, min_size=1, max_size=1, acquire_timeout_s=1.0)
    >>> load = PoolLoad(pool, database, [1.0, 1.0], query_wait_s=lambda now_s: 0.1)
    >>> load.run(until_s=2.0)[["arrived", "answered", "failed"]].sum().to_list()
    [2, 2, 0]
    """

    def __init__(
        self,
        pool: FakeConnectionPool,
        database: FakeDatabase,
        arrival_times_s: ArrayLike,
        *,
        query_wait_s: QueryTime,
        query_cpu_s: float = 0.0,
        patience_s: float = math.inf,
        retries: int = 0,
        leak_every: int | None = None,
    ) -> None:
        super().__init__()
        name = "PoolLoad"
        arrivals = v.vector(name, "arrival_times_s", arrival_times_s)
        if not (isinstance(patience_s, float) and patience_s == math.inf):
            patience_s = v.number(name, "patience_s", patience_s)
        now_s = database.clock.now_s
        if arrivals.min() < now_s:
            v.refuse(name, "arrival_times_s", f"be >= now_s={now_s:g}", arrivals.min())
        self._pool, self._database, self.clock = pool, database, database.clock
        self._query_wait_s = query_wait_s
        self._cpu_s = v.number(name, "query_cpu_s", query_cpu_s, minimum=0)
        self._patience_s = patience_s
        self._retries = v.count(name, "retries", retries, minimum=0)
        self._leak_every = None if leak_every is None else v.count(name, "leak_every", leak_every)
        self._seen: Counter[str] = Counter()
        self._served = 0
        for time_s in arrivals:
            self.clock.schedule_at(float(time_s), self._arrive)

    def run(self, until_s: float, *, sample_every_s: float = 1.0) -> pd.DataFrame:
        """Let time pass and look at the pool in regular intervals.

        Returns
        -------
        pandas.DataFrame
            One row an interval: its end ``time_s``; the callers that ``arrived``, the attempts
            ``started``, callers ``answered`` in time, queries served ``for_nobody``, attempts
            ``given_up`` and callers ``failed`` for good within it; and the connections
            ``borrowed`` and requests ``waiting`` at its end.
        """
        name = "PoolLoad.run"
        step_s = v.number(name, "sample_every_s", sample_every_s)
        until_s = v.number(name, "until_s", until_s, minimum=0)
        intervals = (until_s - self.clock.now_s) / step_s
        if intervals > v.MOST_STEPS:
            rule = f"make at most {v.MOST_STEPS:,} intervals"
            v.refuse(name, "until_s / sample_every_s", rule, intervals)
        rows = []
        while self.clock.now_s < until_s:
            before = Counter(self._seen)
            self.clock.run(min(self.clock.now_s + step_s, until_s))
            stats = self._pool.stats()
            row = {key: self._seen[key] - before[key] for key in _COUNTED}
            now = {"time_s": self.clock.now_s}
            rows.append(now | row | {"borrowed": stats.borrowed, "waiting": stats.waiting})
        import pandas as pd  # which takes longer to load than all this

        return pd.DataFrame(rows)

    def _arrive(self) -> None:
        call = _Call(self._seen["arrived"])
        self._count("arrived", call, 0)
        self._attempt(call)

    def _count(self, what: str, call: _Call, attempt: int) -> None:
        self._seen[what] += 1
        self._tell(what, call.number, attempt)

    def _attempt(self, call: _Call) -> None:
        call.attempts += 1
        attempt = call.attempts
        self._count("started", call, attempt)
        if self._patience_s < math.inf:
            self.clock.schedule(self._patience_s, lambda: self._lose_patience(call, attempt))
        self._pool.request(
            lambda lease: self._query(call, attempt, lease),
            lambda error: self._lose_patience(call, attempt),
        )

    def _query(self, call: _Call, attempt: int, lease: Lease) -> None:
        try:
            wait_s = self._query_wait_s(self.clock.now_s)
        except Exception:  # the caller's function: the connection goes back all the same
            lease.release()
            self._lose_patience(call, attempt)
            raise
        self._database.submit(
            lease.connection,
            cpu_s=self._cpu_s,
            wait_s=wait_s,
            on_done=lambda: self._finish(call, attempt, lease),
            on_failed=lambda error: lease.release(),
        )

    def _finish(self, call: _Call, attempt: int, lease: Lease) -> None:
        self._served += 1
        if self._leak_every is None or self._served % self._leak_every:
            lease.release()
        if call.settled or call.attempts != attempt:
            self._count("for_nobody", call, attempt)
        else:
            call.settled = True
            self._count("answered", call, attempt)

    def _lose_patience(self, call: _Call, attempt: int) -> None:
        if call.settled or call.attempts != attempt:
            return
        self._count("given_up", call, attempt)
        if attempt <= self._retries:
            self._attempt(call)
        else:
            call.settled = True
            self._count("failed", call, attempt)


_COUNTED = ("arrived", "started", "answered", "for_nobody", "given_up", "failed")
