"""One shard: rows in memory behind a delay, one request at a time, up or down."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import OnDone, OnFailed, clock_of, function_of
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure

Work = Callable[[], Any]


class ShardDownError(RuntimeError):
    """The shard that was asked is down, or went down before it answered."""


@dataclass(frozen=True, kw_only=True)
class ShardStats:
    """A shard's books; ``requested == answered + failed + pending``."""

    rows: int
    """Rows that it holds."""
    requested: int
    """Requests that reached it, or should have."""
    answered: int
    """Requests it has done."""
    failed: int
    """Requests that found it down, or broke when it went down."""
    pending: int
    """Requests in its line, or on their way there or back."""
    reads: int
    """Rows looked up by key."""
    writes: int
    """Rows written or deleted by key."""
    queries: int
    """Queries that it took part in."""
    rows_scanned: int
    """Rows that queries looked at."""
    busy_s: float
    """Seconds of work done, or given to it."""


class Shard:
    """A store of rows on a server that does one thing after another.

    Parameters
    ----------
    name : hashable
        Named in errors.
    clock : VirtualClock
        Whose time passes.
    latency_s : float or callable
        Seconds there and back without work and waiting, or a function that draws them.
    work_s : float
        Seconds of work of a request, >= 0; its inverse is the capacity in requests per second.
    scan_s_per_row : float
        Seconds of work for each row that a query looks at, >= 0.
    rng : numpy.random.Generator, optional
        Needed for drawn latencies.

    Notes
    -----
    Rows survive a crash, as on a disk; requests that are not answered do not, and whether
    they happened is unknown to the client.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> shard = Shard("a", clock, latency_s=0.001, work_s=0.004)
    >>> clock.wait_for(lambda done, failed: shard.submit_put("x", 1, done, failed))
    >>> round(clock.now_s, 3), shard.rows
    (0.005, {'x': 1})
    """

    def __init__(
        self,
        name: Hashable,
        clock: VirtualClock,
        *,
        latency_s: Delay = 0.0,
        work_s: float = 0.0,
        scan_s_per_row: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.name = name
        self._clock = clock_of("Shard", clock)
        self._latency_s = delay_source("Shard", "latency_s", latency_s, rng)
        self._work_s = v.number("Shard", "work_s", work_s, minimum=0)
        self._scan_s = v.number("Shard", "scan_s_per_row", scan_s_per_row, minimum=0)
        self.rows: dict[Hashable, Any] = {}
        self.is_up = True
        self._crashes = 0
        self._free_at_s = 0.0
        self._busy_s = 0.0
        self._counters = dict.fromkeys(
            ("requested", "answered", "failed", "reads", "writes", "queries", "rows_scanned"), 0
        )

    def submit_get(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Look a row up; None where there is none."""

        def work() -> Any:
            self._counters["reads"] += 1
            return self.rows.get(key)

        self._submit(work, on_done, on_failed)

    def submit_put(self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed) -> None:
        """Write a row, or delete it where `value` is None; answers what was there before."""

        def work() -> Any:
            self._counters["writes"] += 1
            before = self.rows.pop(key, None)
            if value is not None:
                self.rows[key] = value
            return before

        self._submit(work, on_done, on_failed)

    def submit_query(
        self, matches: Callable[[Any, Any], object], on_done: OnDone, on_failed: OnFailed
    ) -> None:
        """Look at every row; answers those that match, and how many were looked at."""
        function_of("Shard.submit_query", "matches", matches)

        def work() -> tuple[dict[Hashable, Any], int]:
            self._counters["queries"] += 1
            self._counters["rows_scanned"] += len(self.rows)
            found = {key: value for key, value in self.rows.items() if matches(key, value)}
            return found, len(self.rows)

        self._submit(work, on_done, on_failed, scans=True)

    def crash(self) -> None:
        """Go down: what is not answered by now fails. Harmless when it is down already."""
        self.is_up = False
        self._crashes += 1

    def restart(self) -> None:
        """Come up again with all rows and an empty line."""
        self.is_up = True
        self._free_at_s = self._clock.now_s

    def stats(self) -> ShardStats:
        """Return the books at this moment."""
        c = self._counters
        return ShardStats(
            rows=len(self.rows),
            pending=c["requested"] - c["answered"] - c["failed"],
            busy_s=self._busy_s,
            **c,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        stats = self.stats()
        ensure(stats.pending >= 0, "a request ended twice")
        ensure(all(value is not None for value in self.rows.values()), "a row without a value")

    def _submit(
        self, work: Work, on_done: OnDone, on_failed: OnFailed, *, scans: bool = False
    ) -> None:
        way_s = self._latency_s() / 2
        life = self._crashes if self.is_up else None  # a crash breaks what is on its way, too
        self._counters["requested"] += 1
        self._clock.schedule(
            way_s, lambda: self._arrive(work, on_done, on_failed, way_s, life, scans)
        )

    def _arrive(
        self,
        work: Work,
        on_done: OnDone,
        on_failed: OnFailed,
        way_s: float,
        life: int | None,
        scans: bool,
    ) -> None:
        def reply(counter: str, callback: Callable[[Any], object], outcome: Any) -> None:
            def end() -> None:
                self._counters[counter] += 1
                callback(outcome)

            self._clock.schedule(way_s, end)

        def refuse_it() -> None:
            rule = "ShardedStore: shard must be up, got"
            reply("failed", on_failed, ShardDownError(f"{rule} {self.name!r}, which is down"))

        def serve() -> None:
            if self._crashes != life:
                refuse_it()
                return
            try:
                answer = work()
            except Exception as error:  # the caller's own function, such as `matches`
                reply("failed", on_failed, error)
            else:
                reply("answered", on_done, answer)

        if self._crashes != life:
            refuse_it()
            return
        work_s = self._work_s + (self._scan_s * len(self.rows) if scans else 0.0)
        self._busy_s += work_s
        self._free_at_s = max(self._free_at_s, self._clock.now_s) + work_s
        self._clock.schedule_at(self._free_at_s, serve)
