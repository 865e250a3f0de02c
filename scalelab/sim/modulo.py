"""Which node owns which key: the hash modulo the number of nodes."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from scalelab.sim._keys import Owners, node_ids
from scalelab.sim._tables import by_table


class ModuloPlacement:
    """The owner is the hash of the key modulo the number of nodes.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, one or more, distinct, >= 0.

    Examples
    --------
    From three nodes to four, three keys of four move:

    >>> import numpy as np
    >>> from scalelab.sim.placement import moved_share
    >>> keys = np.arange(100_000)
    >>> before, after = (ModuloPlacement(range(n)).place(keys) for n in (3, 4))
    >>> round(moved_share(before, after), 2)
    0.75
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        self.nodes = node_ids("ModuloPlacement", nodes)

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        return by_table("ModuloPlacement.place", keys, self.nodes)
