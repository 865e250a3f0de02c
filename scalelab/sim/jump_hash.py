"""Which node owns which key: jump consistent hashing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim import _placement_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import Owners, UintArray, as_keys, mix

MOST_NODES = 2**31 - 1  # ids are 32 bits; the algorithm itself draws 31 bits for each jump


def jump_hash(key: int, nodes: int) -> int:
    """Jump consistent hash of one key, which is not hashed first.

    Parameters
    ----------
    key : int
        64 bits, negative ones modulo 2⁶⁴; evenly spread, such as a hash, if nodes are to get
        equal shares.
    nodes : int
        Number of nodes, from 1 to 2³¹ − 1.

    Returns
    -------
    int
        From 0 to `nodes` − 1.

    References
    ----------
    Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014, fig. 1.

    Examples
    --------
    The values that implementations in other languages test themselves against:

    >>> vectors = ((1, 1), (42, 57), (0xDEAD10CC, 1), (0xDEAD10CC, 666), (256, 1024))
    >>> [jump_hash(key, nodes) for key, nodes in vectors]
    [0, 43, 0, 361, 520]
    """
    state = int(as_keys("jump_hash", [key], argument="key")[0])
    nodes = _number_of_nodes("jump_hash", nodes)
    node, next_node = -1, 0
    while next_node < nodes:
        node = next_node
        state = (state * 2862933555777941757 + 1) % 2**64
        next_node = int((node + 1) * (2147483648.0 / ((state >> 33) + 1.0)))
    return node


class JumpPlacement:
    """Jump consistent hashing: nodes 0 to n − 1, no memory, and the fewest keys move.

    Nodes are added and removed at the end only; a node in the middle cannot fail. Keys are
    hashed first, so that ids in a row spread evenly: the owner of ``key`` is
    ``jump_hash(hash_keys([key])[0], nodes)``.

    Parameters
    ----------
    nodes : int
        Number of nodes, from 1 to 2³¹ − 1.

    References
    ----------
    Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014.

    Examples
    --------
    >>> from scalelab.sim.placement import moved_share
    >>> keys = np.arange(100_000)
    >>> round(moved_share(JumpPlacement(3).place(keys), JumpPlacement(4).place(keys)), 2)
    0.25
    """

    def __init__(self, nodes: int) -> None:
        self.nodes = _number_of_nodes("JumpPlacement", nodes)

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        keys = as_keys("JumpPlacement.place", keys)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            kernels._jump(keys, self.nodes, owners)
        else:
            self._jump_all(mix(keys), owners)
        return owners

    def _jump_all(self, states: UintArray, owners: Owners) -> None:
        """Without numba: all keys jump at once, and those that are past the end stay."""
        moving = np.arange(states.size)
        nexts = np.zeros(states.size, np.int64)
        while moving.size:
            owners[moving] = nexts
            states = states * np.uint64(2862933555777941757) + np.uint64(1)
            step = 2147483648.0 / ((states >> np.uint64(33)).astype(np.float64) + 1.0)
            nexts = ((nexts + 1) * step).astype(np.int64)
            go_on = nexts < self.nodes
            moving, states, nexts = moving[go_on], states[go_on], nexts[go_on]


def _number_of_nodes(function: str, nodes: int) -> int:
    if v.count(function, "nodes", nodes) > MOST_NODES:
        v.refuse(function, "nodes", f"be <= {MOST_NODES}", nodes)
    return int(nodes)
