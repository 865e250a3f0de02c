"""A router by consistent hashing, on a ring with virtual nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from scalelab import _validate as v
from scalelab.fakes.routing._placed import NamedRouter, Placement
from scalelab.sim.hash_ring import HashRing


class HashRingRouter(NamedRouter):
    """A consistent hash ring with virtual nodes.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct.
    virtual_nodes : int
        Points of each node on the ring, >= 1.

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

    def __init__(self, nodes: Iterable[Hashable] = (), virtual_nodes: int = 160) -> None:
        self.virtual_nodes = v.count("HashRingRouter", "virtual_nodes", virtual_nodes)
        super().__init__(nodes)

    def _place(self) -> Placement:
        return HashRing(sorted(self._names), self.virtual_nodes)
