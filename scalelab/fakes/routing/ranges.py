"""A router by ranges of keys."""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Sequence
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import names_of
from scalelab.fakes.routing.router import Router


class RangeRouter(Router):
    """Half-open ranges: a node holds the keys from its lower split point to before its upper.

    Parameters
    ----------
    split_points : sequence
        Where a new range begins, in ascending order: k points make k + 1 ranges. The first
        range has no lower end and the last no upper end, so every key has exactly one node.
    nodes : sequence of str or int, optional
        Names, one a range; "shard0", "shard1" and so on by default.

    Notes
    -----
    Nodes neither come nor go, since there is one for each range.

    "Up to one million" and "from one million" both claim the user 1,000,000. A split point
    belongs to the range that it begins, and to no other.

    Examples
    --------
    >>> router = RangeRouter([1_000_001, 2_000_001])
    >>> [router.node_for(user) for user in (1_000_000, 1_000_001, 9_999_999)]
    ['shard0', 'shard1', 'shard2']
    >>> router.nodes_for_range(999_500, 1_000_500)
    ('shard0', 'shard1')
    """

    may_leave = "none"

    def __init__(
        self, split_points: Sequence[Any], nodes: Sequence[Hashable] | None = None
    ) -> None:
        rule = "be a list of ascending keys"
        if not isinstance(split_points, (list, tuple, range)):
            v.refuse("RangeRouter", "split_points", rule, split_points)
        self.split_points = tuple(split_points)
        try:
            pairs = zip(self.split_points, self.split_points[1:], strict=False)
            ascending = all(point == point for point in self.split_points) and all(
                low < high for low, high in pairs
            )
        except (TypeError, ValueError):
            ascending = False
        if not ascending:
            v.refuse("RangeRouter", "split_points", rule, split_points)
        count = len(self.split_points) + 1
        names = [f"shard{i}" for i in range(count)] if nodes is None else nodes
        super().__init__(names_of("RangeRouter", "nodes", names))
        if len(self._nodes) != count:
            v.refuse("RangeRouter", "nodes", f"number {count}, one a range", len(self._nodes))

    def nodes_for_range(self, low: Any, high: Any) -> tuple[Hashable, ...]:
        """Names of the nodes that hold keys from `low` to before `high`.

        Raises
        ------
        ValueError
            `low` is not below `high`, or cannot be compared with the split points.
        """
        first = self._place("nodes_for_range", "low", low)
        self._place("nodes_for_range", "high", high)
        if not low < high:
            v.refuse("RangeRouter.nodes_for_range", "low", f"be < high={high}", low)
        last = bisect.bisect_left(self.split_points, high)  # a range that begins at high is out
        return self.nodes[first : last + 1]

    def _owner(self, key: Any) -> Hashable:
        return self._nodes[self._place("node_for", "key", key)]

    def _probes(self) -> set[Any]:
        return {self._owner(point) for point in self.split_points}

    def _place(self, verb: str, argument: str, key: Any) -> int:
        name = f"RangeRouter.{verb}"
        try:
            comparable = bool(key == key)
            place = bisect.bisect_right(self.split_points, key)
        except (TypeError, ValueError):
            comparable, place = False, 0
        if not comparable:
            v.refuse(name, argument, "be comparable with the split points", key)
        return place
