"""Rows in an old and in a new place, as two routers have it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from scalelab.fakes.sharding._shard_checks import Router
from scalelab.fakes.sharding.resharding_types import Comparison, Row

Rows = dict[Hashable, Row]


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
