"""Kernels that find the owners of keys."""

import numpy as np

from scalelab.sim import _placement_kernels as kernels
from scalelab.sim.hash_ring import HashRing

KEYS = np.random.default_rng(3).integers(0, 2**63, 200).astype(np.uint64)
RING = HashRing([0, 1, 2, 7], virtual_nodes=8)
GUIDE = (RING._points, RING._owner_of, RING._first_point, RING._shift)
NODES = np.array([0, 1, 2, 7], np.int32)
OWNERS = np.full(200, -1, np.int32)
STARTS, STEPS = np.array([3, 0, 5]), np.array([2, 6, 4])

KERNELS = {
    kernels._mix: ((KEYS[0],), ()),
    kernels._hash: ((KEYS,), (np.zeros(200, np.uint64),)),
    kernels._ring: ((KEYS, *GUIDE), (OWNERS,)),
    kernels._jump: ((KEYS, 5), (OWNERS,)),
    kernels._rendezvous: ((KEYS, KEYS[:4], NODES), (OWNERS,)),
    kernels._maglev_table: ((STARTS, STEPS), (np.full(11, -1, np.int32),)),
    kernels._table: ((KEYS, NODES), (OWNERS,)),
}
