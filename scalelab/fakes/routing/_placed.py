"""Routers over the placements of `scalelab.sim`, which place numbers on numbered nodes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.fakes.routing._keys import number_of
from scalelab.fakes.routing.router import Router
from scalelab.sim.hashing import hash_text


class Placement(Protocol):
    """Anything that places keys."""

    def place(self, keys: ArrayLike) -> NDArray[np.int32]:
        """Owner of each key."""


class PlacedRouter(Router):
    """A router over a placement, which is made anew when nodes come or go."""

    _placement: Placement | None = None

    def _added(self, node: Any) -> None:
        self._placement = None

    def _removed(self, node: Any) -> None:
        self._placement = None

    def _owner(self, key: Any) -> Hashable:
        if self._placement is None:
            self._placement = self._place()
        number = number_of(f"{self._name}.node_for", key)
        return self._by_id()[int(self._placement.place(np.array([number], np.uint64))[0])]

    @abstractmethod
    def _place(self) -> Placement:
        """Return the placement for the nodes there are."""

    def _by_id(self) -> dict[int, Any] | list[Any]:
        """Name of each id that the placement knows: by default, its place in the order."""
        return self._nodes


class NamedRouter(PlacedRouter):
    """Ids come from the names, so the order in which nodes were added plays no part."""

    def __init__(self, nodes: Iterable[Hashable] = ()) -> None:
        self._names: dict[int, Any] = {}
        super().__init__(nodes)

    def _added(self, node: Any) -> None:
        number = _id_of(node)
        if number in self._names:
            self._nodes.remove(node)
            rule = f"not collide with {self._names[number]}"
            v.refuse(self._name, "node", rule, node, "choose another name")
        self._names[number] = node
        super()._added(node)

    def _removed(self, node: Any) -> None:
        del self._names[_id_of(node)]
        super()._removed(node)

    def _by_id(self) -> dict[int, Any]:
        return self._names


def _id_of(node: Any) -> int:
    """31 bits of the name's hash; a whole number is its own id, as in the arrays."""
    if isinstance(node, int) and 0 <= node < 2**31:
        return node
    return hash_text(str(node)) >> 33
