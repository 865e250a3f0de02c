"""Scatter-gather: one question to several shards at once, and one answer made of theirs."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from scalelab.fakes._checks import OnDone, OnFailed
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sharding.shard import ShardDownError


@dataclass(frozen=True, kw_only=True)
class QueryResult:
    """What a query over several shards found, and what it took."""

    rows: dict[Hashable, Any]
    """The rows, by key."""
    shards_touched: tuple[Hashable, ...]
    """Shards that were asked."""
    missing: tuple[Hashable, ...]
    """Shards that did not answer; their rows are not in the result."""
    rows_scanned: int
    """Rows that the shards looked at."""
    round_trips: int
    """Journeys one after another; those to several shards at once count once."""
    latency_s: float
    """Seconds from the question to the last answer."""

    @property
    def is_complete(self) -> bool:
        """Whether every shard answered."""
        return not self.missing


class Gather:
    """Collects the answers of several shards into one; made by the store, for each query.

    Parameters
    ----------
    clock : VirtualClock
        The store's.
    shards : tuple of hashable
        Which are asked.
    on_done, on_failed : callable
        One of them is called, once.
    allow_partial : bool
        Whether the answer of the others counts when a shard is down.
    """

    def __init__(
        self,
        clock: VirtualClock,
        shards: tuple[Hashable, ...],
        on_done: OnDone,
        on_failed: OnFailed,
        allow_partial: bool,
    ) -> None:
        self._clock, self._begun_s = clock, clock.now_s
        self._shards, self._allow_partial = shards, allow_partial
        self._on_done, self._on_failed = on_done, on_failed
        self._rows: dict[Hashable, Any] = {}
        self._scanned = 0
        self._answered: set[Hashable] = set()
        self._missing: list[Hashable] = []
        self._has_failed = False

    def callbacks(self, shard: Hashable) -> tuple[OnDone, OnFailed]:
        """Two functions for one shard's answer."""

        def done(answer: tuple[dict[Hashable, Any], int]) -> None:
            self._rows |= answer[0]
            self._scanned += answer[1]
            self._end(shard, None)

        def failed(error: Exception) -> None:
            self._missing.append(shard)
            self._end(shard, error)

        return done, failed

    def _end(self, shard: Hashable, error: Exception | None) -> None:
        self._answered.add(shard)
        if self._has_failed:
            return
        is_down = isinstance(error, ShardDownError)  # else the question itself was wrong
        if error is not None and not (self._allow_partial and is_down):
            self._has_failed = True
            self._on_failed(error)
            return
        if len(self._answered) < len(self._shards):
            return
        self._on_done(
            QueryResult(
                rows=self._rows,
                shards_touched=self._shards,
                missing=tuple(self._missing),
                rows_scanned=self._scanned,
                round_trips=1,
                latency_s=self._clock.now_s - self._begun_s,
            )
        )
