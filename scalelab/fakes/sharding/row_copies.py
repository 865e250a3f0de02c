"""Rows in an old and in a new place, as two routers have it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scalelab.fakes.routing.router import Router


@dataclass(frozen=True, slots=True)
class VersionedRow:
    """A row as a node keeps it; None as its value makes it a tombstone."""

    value: Any
    version: int


Rows = dict[Hashable, VersionedRow]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The rows that clients see, against what they were told is written."""

    keys: int
    """Keys that were ever written."""
    corrupted: tuple[Hashable, ...]
    """Keys that show another value than the last one written."""
    resurrected: tuple[Hashable, ...]
    """Deleted keys that show a value."""
    missing: tuple[Hashable, ...]
    """Written keys that show nothing."""

    @property
    def wrong(self) -> int:
        """How many keys show something wrong."""
        return len(self.corrupted) + len(self.resurrected) + len(self.missing)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a comparison of both copies found; it does not know which of them is right."""

    compared: int
    """Keys that were looked at."""
    differing: tuple[Hashable, ...]
    """Keys with another value in each copy."""
    only_old: tuple[Hashable, ...]
    """Keys that the new copy lacks."""
    only_new: tuple[Hashable, ...]
    """Keys that the old copy lacks; found only by looking from both sides."""
    repaired: int
    """How many of them were set to what readers see."""

    @property
    def is_equal(self) -> bool:
        """Whether nothing was found."""
        return not (self.differing or self.only_old or self.only_new)


class RowCopies:
    """The nodes' rows, found by either router."""

    def __init__(self, before: Router, after: Router) -> None:
        self.before, self.after = before, after
        self.nodes: dict[Hashable, Rows] = {}

    def old(self, key: Hashable) -> Rows:
        """Rows of the node where the key was."""
        return self.nodes.setdefault(self.before.node_for(key), {})

    def new(self, key: Hashable) -> Rows:
        """Rows of the node where the key goes."""
        return self.nodes.setdefault(self.after.node_for(key), {})

    def moves(self, key: Hashable) -> bool:
        """Whether the two differ."""
        return bool(self.before.node_for(key) != self.after.node_for(key))

    def compare(self, keys: Iterable[Hashable], *, both_ways: bool) -> Comparison:
        """Look each key up in both places; one-way, only those that the old place has."""
        differing: list[Hashable] = []
        only_old: list[Hashable] = []
        only_new: list[Hashable] = []
        moving = [key for key in keys if self.moves(key)]
        for key in moving:
            old, new = value_in(self.old(key), key), value_in(self.new(key), key)
            if old == new or (old is None and not both_ways):
                continue
            (only_new if old is None else only_old if new is None else differing).append(key)
        return Comparison(
            compared=len(moving),
            differing=tuple(differing),
            only_old=tuple(only_old),
            only_new=tuple(only_new),
            repaired=0,
        )

    def audit(
        self, truth: Mapping[Hashable, VersionedRow], seen_in: Callable[[Any], Rows]
    ) -> Audit:
        """Compare what a reader sees of each key with what was written."""
        corrupted: list[Hashable] = []
        resurrected: list[Hashable] = []
        missing: list[Hashable] = []
        for key, true in truth.items():
            seen = value_in(seen_in(key), key)
            if seen == true.value:
                continue
            wrong = missing if seen is None else resurrected if true.value is None else corrupted
            wrong.append(key)
        return Audit(
            keys=len(truth),
            corrupted=tuple(corrupted),
            resurrected=tuple(resurrected),
            missing=tuple(missing),
        )

    def repair(self, key: Hashable, *, by_new: bool) -> None:
        """Set one copy to the other."""
        right, other = self.old(key), self.new(key)
        if by_new:
            right, other = other, right
        if key in right:
            other[key] = right[key]
        else:
            other.pop(key, None)


def value_in(rows: Rows, key: Hashable) -> Any:
    """Value of a key; None where there is nothing, or a tombstone."""
    row = rows.get(key)
    return None if row is None else row.value
