"""A router by a directory: a line for each key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import key_of, router_of
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.router import Router


class DirectoryRouter(Router):
    """A table of keys and their nodes, which may say anything.

    A key without a line is the business of another router, or else gets one: it goes to the
    node with the fewest keys. Keys of a node that goes have no line any more.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct; there may be none yet.
    default : Router, optional
        Places the keys that have no line; the nodes are then its nodes, and not given.

    Notes
    -----
    Only the table changes here; the rows are moved by whoever moves the line. A directory is
    one more thing to ask, to cache and to keep up; `lookups` counts how often it was asked.

    Examples
    --------
    >>> router = DirectoryRouter(["a", "b"])
    >>> [router.node_for(key) for key in ("ann", "bob", "cat", "ann")]
    ['a', 'b', 'a', 'a']
    >>> router.assign("ann", "b")
    >>> router.node_for("ann"), len(router)
    ('b', 3)

    One large tenant has a line, and the hash places all others:

    >>> from scalelab.fakes.routing.modulo import ModuloRouter
    >>> router = DirectoryRouter(default=ModuloRouter(["a", "b"]))
    >>> router.assign("big tenant", "b")
    >>> router.node_for("big tenant"), router.node_for("another") in router.nodes, len(router)
    ('b', True, 1)
    """

    def __init__(self, nodes: Iterable[Hashable] = (), *, default: Router | None = None) -> None:
        if default is not None:
            router_of("DirectoryRouter", default, "default")
        self._default = default
        self._table: dict[Hashable, Any] = {}
        self._held: Counter[Any] = Counter()
        self.lookups = 0
        super().__init__(nodes)
        if self._nodes and default is not None:
            v.refuse("DirectoryRouter", "nodes", "be left out beside default", self._nodes)

    def __len__(self) -> int:
        return len(self._table)

    @property
    def nodes(self) -> tuple[Any, ...]:
        """Names of the nodes, in their order."""
        return super().nodes if self._default is None else self._default.nodes

    def node_for(self, key: Hashable) -> Any:
        """Node that serves a key; see `Router.node_for`."""
        self.lookups += 1
        return super().node_for(key)

    def add_node(self, node: Hashable, *, before: Hashable | None = None) -> None:
        """Add a node; see `Router.add_node`."""
        if self._default is None:
            super().add_node(node, before=before)
        else:
            self._default.add_node(node, before=before)

    def remove_node(self, node: Hashable) -> None:
        """Remove a node; see `Router.remove_node`."""
        if self._default is None:
            super().remove_node(node)
        else:
            self._default.remove_node(node)
            self._removed(node)

    def assign(self, key: Hashable, node: Hashable) -> None:
        """Write down that a node serves a key.

        Raises
        ------
        ValueError
            There is no such node.
        """
        key_of("DirectoryRouter.assign", key)
        node = self._known("assign", node)
        self.forget(key)
        self._table[key] = node
        self._held[node] += 1

    def forget(self, key: Hashable) -> None:
        """Remove a key's line; harmless where there is none."""
        node = self._table.pop(key_of("DirectoryRouter.forget", key), None)
        if node is not None:
            self._held[node] -= 1

    def keys_of(self, node: Hashable) -> int:
        """Return how many keys have a line with this node."""
        return self._held[self._known("keys_of", node)]

    def check_invariants(self) -> None:
        """Raise AssertionError when the table and its counts differ."""
        ensure(set(self._table.values()) <= set(self.nodes), "a key belongs to nobody")
        ensure(+self._held == Counter(self._table.values()), "keys are miscounted")
        if self._default is not None:
            self._default.check_invariants()

    def _owner(self, key: Any) -> Hashable:
        if key not in self._table:
            if self._default is not None:
                return self._default.node_for(key)
            self.assign(key, min(self._nodes, key=self._held.__getitem__))
        return self._table[key]

    def _removed(self, node: Any) -> None:
        self._table = {key: owner for key, owner in self._table.items() if owner != node}
        self._held.pop(node, None)
