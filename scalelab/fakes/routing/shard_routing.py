"""Routers that decide by what a key means: a range, a place, an entity, a line in a table."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from scalelab._validate import refuse
from scalelab.fakes.sharding._shard_checks import (
    Router,
    function_of,
    is_name,
    key_of,
    names_of,
    router_of,
)
from scalelab.sim.hashing import hash_text


class RangeRouter:
    """Half-open ranges: a node holds the keys from its lower split point to before its upper.

    Parameters
    ----------
    split_points : sequence
        Where a new range begins, in ascending order: k points make k + 1 ranges. The first
        range has no lower end and the last no upper end, so every key has exactly one node.
    nodes : sequence of str or int, optional
        Names, one a range; "shard0", "shard1" and so on by default.

    Raises
    ------
    ValueError
        The points are not ascending, or the names do not fit.

    Notes
    -----
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

    def __init__(
        self, split_points: Sequence[Any], nodes: Sequence[Hashable] | None = None
    ) -> None:
        rule = "be a list of ascending keys"
        if not isinstance(split_points, (list, tuple, range)):
            refuse("RangeRouter", "split_points", rule, split_points)
        self.split_points = tuple(split_points)
        try:
            pairs = zip(self.split_points, self.split_points[1:], strict=False)
            ascending = all(point == point for point in self.split_points) and all(
                low < high for low, high in pairs
            )
        except (TypeError, ValueError):
            ascending = False
        if not ascending:
            refuse("RangeRouter", "split_points", rule, split_points)
        count = len(self.split_points) + 1
        names = [f"shard{i}" for i in range(count)] if nodes is None else nodes
        self.nodes = names_of("RangeRouter", "nodes", names)
        if len(self.nodes) != count:
            refuse("RangeRouter", "nodes", f"number {count}, one a range", len(self.nodes))

    def node_for(self, key: Any) -> Hashable:
        """Name of the node whose range holds `key`.

        Raises
        ------
        ValueError
            `key` cannot be compared with the split points.
        """
        return self.nodes[self._place("node_for", "key", key)]

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
            refuse("RangeRouter.nodes_for_range", "low", f"be < high={high}", low)
        last = bisect.bisect_left(self.split_points, high)  # a range that begins at high is out
        return self.nodes[first : last + 1]

    def _place(self, verb: str, argument: str, key: Any) -> int:
        name = f"RangeRouter.{verb}"
        try:
            comparable = bool(key == key)
            place = bisect.bisect_right(self.split_points, key)
        except (TypeError, ValueError):
            comparable, place = False, 0
        if not comparable:
            refuse(name, argument, "be comparable with the split points", key)
        return place


class HashRouter:
    """The hash of the key modulo the number of nodes.

    Parameters
    ----------
    nodes : sequence of str or int
        Names of the nodes, distinct.
    hash_of : callable, optional
        From a key to a whole number; by default the 64-bit hash of the key's text. Pass
        `int` for plain "id modulo n".

    Raises
    ------
    ValueError
        A name stands twice, or there is none.

    Examples
    --------
    >>> router = HashRouter(["shard1", "shard2", "shard3"], hash_of=int)
    >>> [router.node_for(h) for h in (87234, 12933, 44721)]
    ['shard1', 'shard1', 'shard1']
    """

    def __init__(
        self, nodes: Sequence[Hashable], hash_of: Callable[[Any], int] | None = None
    ) -> None:
        self.nodes = names_of("HashRouter", "nodes", nodes)
        self._hash_of = _text_hash if hash_of is None else hash_of
        function_of("HashRouter", "hash_of", self._hash_of)

    def node_for(self, key: Hashable) -> Hashable:
        """Name of the node that the hash of `key` picks."""
        try:
            return self.nodes[self._hash_of(key_of("HashRouter.node_for", key)) % len(self.nodes)]
        except (TypeError, IndexError):
            refuse("HashRouter.node_for", "key", "have a whole number as its hash", key)


class PlacedRouter:
    """One of the placements of whole numbers (ring, jump, slots and so on) as a router.

    Parameters
    ----------
    placement : object
        With `place(keys)`, as in :mod:`scalelab.sim.placement` and :mod:`scalelab.sim.ring`.
    nodes : sequence of str or int
        Names of the nodes; the placement's node i is the i-th.

    Raises
    ------
    ValueError
        `placement` cannot place, or the names are not distinct.

    Examples
    --------
    >>> from scalelab.sim.ring import HashRing
    >>> router = PlacedRouter(HashRing(range(3)), ["a", "b", "c"])
    >>> router.node_for(42), router.node_for("user:42")
    ('b', 'c')
    """

    def __init__(self, placement: Any, nodes: Sequence[Hashable]) -> None:
        if not callable(getattr(placement, "place", None)):
            refuse("PlacedRouter", "placement", "have place(keys)", placement)
        self._placement = placement
        self.nodes = names_of("PlacedRouter", "nodes", nodes)

    def node_for(self, key: Hashable) -> Hashable:
        """Name of the node that the placement picks; a key that is no number is hashed."""
        whole = isinstance(key, int) and not isinstance(key, bool) and abs(key) < 2**63
        number = key if whole else _text_hash(key_of("PlacedRouter.node_for", key)) >> 1
        return self.nodes[int(self._placement.place([number])[0])]


class AttributeRouter:
    """One node for each value of an attribute: a region, a country, a table.

    Parameters
    ----------
    attribute_of : callable
        From a key to its attribute.
    node_of : mapping
        From each attribute to the name of its node; two may share one.

    Raises
    ------
    ValueError
        The mapping is empty, or an argument is of the wrong kind.

    Examples
    --------
    >>> router = AttributeRouter(lambda key: key[0], {"EU": "frankfurt", "US": "virginia"})
    >>> router.node_for(("EU", 42))
    'frankfurt'
    """

    def __init__(
        self, attribute_of: Callable[[Any], Hashable], node_of: Mapping[Hashable, Hashable]
    ) -> None:
        self._attribute_of = function_of("AttributeRouter", "attribute_of", attribute_of)
        if not isinstance(node_of, Mapping):
            refuse("AttributeRouter", "node_of", "be a non-empty mapping", node_of)
        self._node_of = dict(node_of)
        distinct = list(dict.fromkeys(self._node_of.values()))
        self.nodes = names_of("AttributeRouter", "node_of", distinct)

    def node_for(self, key: Hashable) -> Hashable:
        """Name of the node of the key's attribute.

        Raises
        ------
        ValueError
            The key has no attribute, or one without a node.
        """
        try:
            return self._node_of[self._attribute_of(key)]
        except (KeyError, TypeError, IndexError, AttributeError):
            rule = f"have an attribute among {sorted(map(str, self._node_of))}"
            refuse("AttributeRouter.node_for", "key", rule, key)


class EntityRouter:
    """All keys of one entity, such as a tenant or a user, on the node of that entity.

    Parameters
    ----------
    entity_of : callable
        From a key to the entity it belongs to.
    router : object
        Decides by the entity; anything with `node_for(key)`.

    Raises
    ------
    ValueError
        `entity_of` cannot be called, or `router` cannot route.

    Examples
    --------
    A user and the user's orders are together, so that a join of them stays on one shard:

    >>> router = EntityRouter(lambda key: key[1], HashRouter(["a", "b", "c"]))
    >>> router.node_for(("user", 7)) == router.node_for(("order", 7, 1))
    True
    """

    def __init__(self, entity_of: Callable[[Any], Hashable], router: Router) -> None:
        self._entity_of = function_of("EntityRouter", "entity_of", entity_of)
        self._router = router_of("EntityRouter", router)
        self.nodes = tuple(getattr(router, "nodes", ()))

    def node_for(self, key: Hashable) -> Hashable:
        """Name of the node of the key's entity.

        Raises
        ------
        ValueError
            The key has no entity.
        """
        try:
            entity = self._entity_of(key)
        except (TypeError, IndexError, KeyError, AttributeError):
            refuse("EntityRouter.node_for", "key", "belong to an entity", key)
        return self._router.node_for(entity)


class LookupRouter:
    """A table of keys with a node of their own, before another router: a directory.

    Parameters
    ----------
    default : object
        Routes the keys that have no line of their own; anything with `node_for(key)` and
        `nodes`.

    Raises
    ------
    ValueError
        `default` cannot route, or does not say which nodes there are.

    Notes
    -----
    Only the table changes here; the rows are moved by whoever moves the line. A directory is
    one more thing to ask, to cache and to keep up; `lookups` counts how often it was asked.

    Examples
    --------
    >>> router = LookupRouter(HashRouter(["a", "b"]))
    >>> router.move("big tenant", "b")
    >>> router.node_for("big tenant"), len(router)
    ('b', 1)
    """

    def __init__(self, default: Router) -> None:
        self._default = router_of("LookupRouter", default, "default")
        names = list(getattr(default, "nodes", ()))
        self.nodes = names_of("LookupRouter", "default", names)
        self._table: dict[Hashable, Hashable] = {}
        self.lookups = 0

    def __len__(self) -> int:
        return len(self._table)

    def node_for(self, key: Hashable) -> Hashable:
        """Name of the key's node: from its line if it has one."""
        self.lookups += 1
        found = self._table.get(key_of("LookupRouter.node_for", key))
        return self._default.node_for(key) if found is None else found

    def move(self, key: Hashable, node: Hashable) -> None:
        """Write a line: from now on the key belongs to `node`.

        Raises
        ------
        ValueError
            There is no such node.
        """
        key_of("LookupRouter.move", key)
        if not is_name(node) or node not in self.nodes:
            refuse("LookupRouter.move", "node", f"be one of {list(self.nodes)}", node)
        self._table[key] = node


def _text_hash(key: Hashable) -> int:
    return hash_text(key if isinstance(key, (str, bytes)) else repr(key))
