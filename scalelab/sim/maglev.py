"""Which node owns which key: Maglev's lookup table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim import _placement_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import Owners, mix, node_ids
from scalelab.sim._tables import by_table


class MaglevPlacement:
    """Maglev's table: every node fills its share of a prime number of places in turn.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, one or more, distinct, >= 0.
    table_size : int
        Places, a prime number; at least 100 for each node keeps shares within a percent.

    References
    ----------
    Eisenbud et al., "Maglev: a fast and reliable software network load balancer", NSDI 2016,
    sec. 3.4.

    Examples
    --------
    Shares are as even as can be; a few keys move between nodes that stay:

    >>> keys = np.arange(100_000)
    >>> before, after = (MaglevPlacement(range(n)).place(keys) for n in (4, 5))
    >>> moved = before != after
    >>> round(float(moved.mean()), 2), bool((after[moved] != 4).any())
    (0.2, True)
    """

    def __init__(self, nodes: Sequence[int], table_size: int = 65_537) -> None:
        name = "MaglevPlacement"
        self.nodes = node_ids(name, nodes)
        size = v.count(name, "table_size", table_size, minimum=self.nodes.size)
        if size < 3 or not all(size % d for d in range(2, int(size**0.5) + 1)):
            v.refuse(name, "table_size", "be a prime number >= 3", size)
        labels = self.nodes.astype(np.uint64)
        starts = (mix(labels) % np.uint64(size)).astype(np.int64)
        steps = (mix(~labels) % np.uint64(size - 1)).astype(np.int64) + 1
        table = np.full(size, -1, np.int32)
        fill = kernels._maglev_table if can_compile() else kernels._maglev_table.in_python
        fill(starts, steps, table)
        self.table = self.nodes[table]

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        return by_table("MaglevPlacement.place", keys, self.table)
