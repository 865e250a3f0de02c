"""The append-only log of one node, and where two logs part."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from scalelab.fakes.invariants import ensure


@dataclass(frozen=True, kw_only=True, order=True)
class Position:
    """A place in the log; later terms come after earlier ones, whatever their numbers."""

    term: int
    """Which primary wrote it: every promotion begins a new term."""
    lsn: int
    """Log sequence number: entries are numbered from 1."""


START = Position(term=0, lsn=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the log; a primary's opening record, which writes nothing, has version 0."""

    position: Position
    key: Hashable
    value: Any
    version: int
    committed_at_s: float

    @property
    def is_write(self) -> bool:
        """Whether the record changes a key."""
        return self.version > 0


class Log:
    """Records numbered from 1, each with the term of the primary that wrote it.

    Two records of the same term and number are the same, and so is everything before
    them: a term has one primary. So two logs agree up to a point and nowhere after it.
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, position: Position) -> bool:
        return self.position_at(position.lsn) == position if position.lsn <= len(self) else False

    @property
    def last(self) -> Position:
        """Position of the newest record."""
        return self.position_at(len(self))

    def position_at(self, lsn: int) -> Position:
        """Position of the record with this number; 0 stands for the beginning."""
        return self._entries[lsn - 1].position if lsn else START

    def entry(self, lsn: int) -> Entry:
        """Return the record with this number, >= 1."""
        return self._entries[lsn - 1]

    def after(self, lsn: int) -> list[Entry]:
        """Return all records with higher numbers."""
        return self._entries[lsn:]

    def append(self, entry: Entry) -> None:
        """Add the next record."""
        self._entries.append(entry)

    def discard_after(self, lsn: int) -> int:
        """Drop all records with higher numbers, and say how many."""
        dropped = len(self) - lsn
        del self._entries[lsn:]
        return dropped

    def fork_lsn(self, other: Log) -> int:
        """Return the number of the last record that both logs have.

        Found by halving, as the logs agree before the fork and nowhere after it.
        """
        shared = range(min(len(self), len(other)))
        return bisect_left(
            shared, True, key=lambda i: self._entries[i].position != other._entries[i].position
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when numbers have gaps or terms go back."""
        positions = [entry.position for entry in self._entries]
        ensure([p.lsn for p in positions] == list(range(1, len(self) + 1)), "the log has gaps")
        ensure(positions == sorted(positions), "terms go back in the log")
