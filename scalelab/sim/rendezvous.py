"""Which node owns which key: rendezvous hashing, or highest random weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalelab.sim import _placement_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import CHUNK, Owners, as_keys, mix, mix_into, node_ids


class RendezvousPlacement:
    """Highest random weight: each node scores each key, and the highest score owns it.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, one or more, distinct, >= 0.

    Notes
    -----
    Work for each key grows with the number of nodes. In return any node may go, and only its
    own keys move.

    References
    ----------
    Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
    Transactions on Networking 6, 1998.

    Examples
    --------
    >>> keys = np.arange(100_000)
    >>> before = RendezvousPlacement([0, 1, 2, 3]).place(keys)
    >>> after = RendezvousPlacement([0, 2, 3]).place(keys)
    >>> set(before[before != after].tolist())
    {1}
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        self.nodes = node_ids("RendezvousPlacement", nodes)
        self._node_hashes = mix(~self.nodes.astype(np.uint64))  # apart from the keys' own hashes

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        keys = as_keys("RendezvousPlacement.place", keys)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            kernels._rendezvous(keys, self._node_hashes, self.nodes, owners)
            return owners
        rows = max(1, CHUNK // self.nodes.size)
        for start in range(0, keys.size, rows):
            chunk = slice(start, start + rows)
            scores = mix(keys[chunk])[:, None] ^ self._node_hashes
            mix_into(scores.copy(), scores)
            owners[chunk] = self.nodes[scores.argmax(axis=1)]
        return owners
