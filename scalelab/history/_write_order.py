"""Which of two writes to a key came first, as far as a history can tell."""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from dataclasses import dataclass

from scalelab._validate import refuse
from scalelab.history.operations import Operation


@dataclass(frozen=True)
class Span:
    """Where a write stands in the order of its key: somewhere from `start` to `end`."""

    start: float
    end: float

    def is_before(self, other: Span) -> bool:
        """Whether it stands before `other` for certain."""
        return self.end < other.start


INITIAL = Span(-math.inf, -math.inf)  # nothing was written yet
UNKNOWN = Span(-sys.float_info.max, math.inf)  # after the beginning; more is not known


class WriteOrder:
    """The order of the writes to each key.

    It is that of the store's versions, where every acknowledged write to the key has
    one; otherwise that of time, in which writes that overlap come in either order. So
    without versions a store is taken to let the later of two separate writes win.

    Parameters
    ----------
    function : str
        Named in errors.
    operations : list of Operation
        The history.

    Raises
    ------
    ValueError
        A read returned what nobody had begun to write.
    """

    def __init__(self, function: str, operations: list[Operation]) -> None:
        self._versioned = {o.key for o in operations if o.version is not None}
        self._writes: dict[Hashable, list[Operation]] = {}
        self._writes_of: dict[tuple[Hashable, Hashable], list[Operation]] = {}
        self._sources: dict[int, list[Operation]] = {}
        for operation in operations:
            if operation.is_write:
                self._writes.setdefault(operation.key, []).append(operation)
                what = (operation.key, operation.frozen_value)
                self._writes_of.setdefault(what, []).append(operation)
        for operation in operations:
            if not operation.is_write:
                self._sources[id(operation)] = self._find_sources(function, operation)

    def writes_to(self, key: Hashable) -> list[Operation]:
        """All writes to a key, in the order of their beginning."""
        return self._writes.get(key, [])

    def sources(self, read: Operation) -> list[Operation]:
        """Return the writes whose value a read may have returned."""
        return self._sources[id(read)]

    def span(self, operation: Operation) -> Span:
        """Where a write stands, or what a read saw."""
        if not operation.is_write:
            return self._span_of_read(operation)
        if operation.key not in self._versioned:
            return Span(operation.invoked, operation.end)
        if operation.version is None:
            return UNKNOWN
        return Span(operation.version, operation.version)

    def has_seen(self, read: Operation, write: Operation) -> bool:
        """Whether a read saw a write, or something later than it, for certain."""
        sources = self.sources(read)
        if read.value is not None and len(sources) == 1 and sources[0] is write:
            return True
        return self.span(write).is_before(self.span(read))

    def _find_sources(self, function: str, read: Operation) -> list[Operation]:
        writes = self._writes_of.get((read.key, read.frozen_value), [])
        found = [write for write in writes if write.invoked < read.end]
        if not found and read.value is not None:
            refuse(function, "history", "hold the write of every value read", str(read))
        return found

    def _span_of_read(self, read: Operation) -> Span:
        spans = [self.span(write) for write in self.sources(read)]
        if read.value is None:
            spans.append(INITIAL)
        return Span(min(s.start for s in spans), max(s.end for s in spans))
