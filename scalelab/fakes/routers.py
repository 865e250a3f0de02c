"""Routers: which node serves a key, as nodes come and go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab._validate import count, refuse
from scalelab.fakes._checks import text
from scalelab.fakes.invariants import ensure
from scalelab.sim.hashing import hash_text
from scalelab.sim.placement import (
    JumpPlacement,
    MaglevPlacement,
    ModuloPlacement,
    RendezvousPlacement,
)
from scalelab.sim.ring import HashRing


class _Placement(Protocol):
    def place(self, keys: ArrayLike) -> NDArray[np.int32]: ...


class Router(ABC):
    """What all routers have in common.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.
    """

    def __init__(self, nodes: Iterable[str] = ()) -> None:
        self._name = type(self).__name__
        self._nodes: list[str] = []
        if isinstance(nodes, str) or not isinstance(nodes, Iterable):
            refuse(self._name, "nodes", "be names of nodes", nodes)
        for node in nodes:
            self._refuse_known(self._name, "nodes", node)
            self._nodes.append(node)
            self._added(node)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes, in the order in which they came."""
        return tuple(self._nodes)

    def node_for(self, key: str) -> str:
        """Node that serves a key.

        Parameters
        ----------
        key : str
            The key.

        Returns
        -------
        str
            Name of the node; the same in every process that has the same nodes.

        Raises
        ------
        ValueError
            `key` is no text, or there is no node.
        """
        name = f"{self._name}.node_for"
        if not isinstance(key, str):
            refuse(name, "key", "be a text", key)
        if not self._nodes:
            refuse(name, "nodes", "hold at least one", "none", "add a node first")
        return self._owner(key)

    def add_node(self, node: str) -> None:
        """Add a node.

        Raises
        ------
        ValueError
            `node` is no text, is empty, or there already.
        """
        self._refuse_known(f"{self._name}.add_node", "node", node)
        self._nodes.append(node)
        self._added(node)

    def remove_node(self, node: str) -> None:
        """Remove a node.

        Raises
        ------
        ValueError
            There is no such node, or the router cannot do without it.
        """
        self._refuse_unknown("remove_node", node)
        self._nodes.remove(node)
        self._removed(node)

    def check_invariants(self) -> None:
        """Raise AssertionError when the router would send a key to nowhere."""
        ensure(len(set(self._nodes)) == len(self._nodes), "a node stands twice")
        if self._nodes:
            owners = {self._owner(f"probe {number}") for number in range(8)}
            ensure(owners <= set(self._nodes), "a key belongs to a node that has gone")

    @abstractmethod
    def _owner(self, key: str) -> str:
        """Node of a key, when there is at least one."""

    def _added(self, node: str) -> None:  # noqa: B027, some routers have nothing to do
        """Act on a new node."""

    def _removed(self, node: str) -> None:  # noqa: B027
        """Act on a node that has gone."""

    def _refuse_known(self, function: str, argument: str, node: str) -> None:
        if text(function, argument, node) in self._nodes:
            refuse(function, argument, "be new", node)

    def _refuse_unknown(self, verb: str, node: str) -> None:
        if not isinstance(node, str) or node not in self._nodes:
            refuse(f"{self._name}.{verb}", "node", f"be one of {', '.join(self._nodes)}", node)


class _PlacementRouter(Router):
    """A router over a placement of `scalelab.sim`, made anew when nodes come or go."""

    _placement: _Placement | None = None

    def _added(self, node: str) -> None:
        self._placement = None

    def _removed(self, node: str) -> None:
        self._placement = None

    def _owner(self, key: str) -> str:
        if self._placement is None:
            self._placement = self._place()
        hashes = np.array([hash_text(key)], dtype=np.uint64)
        return self._by_id()[int(self._placement.place(hashes)[0])]

    @abstractmethod
    def _place(self) -> _Placement:
        """Return the placement for the nodes there are."""

    @abstractmethod
    def _by_id(self) -> dict[int, str] | list[str]:
        """Name of each id that the placement knows."""


class ModuloRouter(_PlacementRouter):
    """Hash of the key modulo the number of nodes; nodes are numbered in order of arrival.

    See `Router` for parameters and verbs.

    Examples
    --------
    >>> router = ModuloRouter(["a", "b", "c"])
    >>> before = [router.node_for(f"user:{n}") for n in range(1_000)]
    >>> router.add_node("d")
    >>> after = [router.node_for(f"user:{n}") for n in range(1_000)]
    >>> 0.7 < sum(x != y for x, y in zip(before, after)) / 1_000 < 0.8
    True
    """

    def _place(self) -> _Placement:
        return ModuloPlacement(range(len(self._nodes)))

    def _by_id(self) -> list[str]:
        return self._nodes


class JumpRouter(_PlacementRouter):
    """Jump consistent hashing; nodes are numbered in order of arrival, and leave in reverse.

    See `Router` for parameters and verbs, and `scalelab.sim.placement.JumpPlacement`.

    Examples
    --------
    >>> router = JumpRouter(["a", "b", "c"])
    >>> try:
    ...     router.remove_node("a")
    ... except ValueError as error:
    ...     print(error)
    JumpRouter.remove_node: node must be the last, c, got 'a'; jump hashing knows no gaps
    """

    def remove_node(self, node: str) -> None:
        """Remove the last node.

        Raises
        ------
        ValueError
            `node` is not the last that was added.
        """
        self._refuse_unknown("remove_node", node)
        if node != self._nodes[-1]:
            name, rule = f"{self._name}.remove_node", f"be the last, {self._nodes[-1]}"
            refuse(name, "node", rule, node, "jump hashing knows no gaps")
        super().remove_node(node)

    def _place(self) -> _Placement:
        return JumpPlacement(len(self._nodes))

    def _by_id(self) -> list[str]:
        return self._nodes


class _NamedRouter(_PlacementRouter):
    """Ids come from the names, so the order in which nodes were added plays no part."""

    def __init__(self, nodes: Iterable[str] = ()) -> None:
        self._names: dict[int, str] = {}
        super().__init__(nodes)

    def _added(self, node: str) -> None:
        number = hash_text(node) >> 33  # 31 bits
        if number in self._names:
            self._nodes.remove(node)
            rule = f"not collide with {self._names[number]}"
            refuse(self._name, "node", rule, node, "choose another name")
        self._names[number] = node
        super()._added(node)

    def _removed(self, node: str) -> None:
        del self._names[hash_text(node) >> 33]
        super()._removed(node)

    def _by_id(self) -> dict[int, str]:
        return self._names


class HashRingRouter(_NamedRouter):
    """A consistent hash ring with virtual nodes.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct.
    virtual_nodes : int
        Points of each node on the ring, >= 1.

    Raises
    ------
    ValueError
        A name is no text, is empty or stands twice, or `virtual_nodes` is out of range.

    Examples
    --------
    >>> router = HashRingRouter(["a", "b", "c"])
    >>> keys = [f"user:{n}" for n in range(1_000)]
    >>> before = {key: router.node_for(key) for key in keys}
    >>> router.add_node("d")
    >>> moved = [key for key in keys if router.node_for(key) != before[key]]
    >>> 150 < len(moved) < 350, {router.node_for(key) for key in moved}
    (True, {'d'})
    """

    def __init__(self, nodes: Iterable[str] = (), virtual_nodes: int = 160) -> None:
        self.virtual_nodes = count("HashRingRouter", "virtual_nodes", virtual_nodes)
        super().__init__(nodes)

    def _place(self) -> _Placement:
        return HashRing(sorted(self._names), self.virtual_nodes)


class RendezvousRouter(_NamedRouter):
    """Highest random weight; see `scalelab.sim.placement.RendezvousPlacement`.

    See `Router` for parameters and verbs.

    Examples
    --------
    >>> router = RendezvousRouter(["a", "b"])
    >>> router.remove_node("a")
    >>> router.node_for("user:1")
    'b'
    """

    def _place(self) -> _Placement:
        return RendezvousPlacement(sorted(self._names))


class MaglevRouter(_NamedRouter):
    """Maglev's table, made anew at each change; a few keys move between nodes that stay.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct.
    table_size : int
        Places of the table, a prime number.

    Raises
    ------
    ValueError
        A name is no text, is empty or stands twice, or `table_size` is not a prime number.

    Examples
    --------
    >>> router = MaglevRouter(["a", "b"], table_size=251)
    >>> router.node_for("user:1") == MaglevRouter(["b", "a"], table_size=251).node_for("user:1")
    True
    """

    def __init__(self, nodes: Iterable[str] = (), table_size: int = 65_537) -> None:
        MaglevPlacement([0], table_size)  # refuses a bad size now, not at the first key
        self.table_size = table_size
        super().__init__(nodes)

    def _place(self) -> _Placement:
        return MaglevPlacement(sorted(self._names), self.table_size)
