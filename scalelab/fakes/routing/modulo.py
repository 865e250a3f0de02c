"""A router by the hash of the key modulo the number of nodes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import function_of
from scalelab.fakes.routing._placed import PlacedRouter, Placement
from scalelab.sim.modulo import ModuloPlacement


class ModuloRouter(PlacedRouter):
    """Hash of the key modulo the number of nodes; nodes are numbered in their order.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct; there may be none yet.
    hash_of : callable, optional
        From a key to a whole number; by default a hash of 64 bits. Pass `int` for plain "id
        modulo n".

    Examples
    --------
    >>> router = ModuloRouter(["a", "b", "c"])
    >>> before = [router.node_for(f"user:{n}") for n in range(1_000)]
    >>> router.add_node("d")
    >>> after = [router.node_for(f"user:{n}") for n in range(1_000)]
    >>> 0.7 < sum(x != y for x, y in zip(before, after)) / 1_000 < 0.8
    True
    """

    def __init__(
        self,
        nodes: Iterable[Hashable] = (),
        *,
        hash_of: Callable[[Any], int] | None = None,
    ) -> None:
        self._hash_of = None if hash_of is None else function_of("ModuloRouter", "hash_of", hash_of)
        super().__init__(nodes)

    def _owner(self, key: Any) -> Hashable:
        if self._hash_of is None:
            return super()._owner(key)
        try:
            return self._nodes[self._hash_of(key) % len(self._nodes)]
        except (TypeError, ValueError, IndexError, ArithmeticError):
            v.refuse("ModuloRouter.node_for", "key", "have a whole number as its hash", key)

    def _probes(self) -> set[Any]:
        return super()._probes() if self._hash_of is None else set()

    def _place(self) -> Placement:
        return ModuloPlacement(range(len(self._nodes)))
