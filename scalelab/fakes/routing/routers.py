"""Routers: which node serves a key, as nodes come and go.

Each has `nodes`, `node_for(key)`, `add_node(name)`, `remove_node(name)` and `check_invariants()`;
keys and names are texts. The same nodes give the same answers in every process.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab._validate import count, refuse
from scalelab.fakes.routing._router import Router
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

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.

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

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.

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

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.

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
