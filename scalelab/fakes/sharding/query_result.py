"""What a query over several shards found, and what it took."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any


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
