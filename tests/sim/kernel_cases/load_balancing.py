"""Kernels that send requests to queues."""

import numpy as np

from scalelab.sim import _routing_kernels as kernels

RNG = np.random.default_rng(8)
N, SERVERS = 300, 4
ARRIVALS, SERVICES = np.cumsum(RNG.exponential(0.3, N)), RNG.exponential(1.0, N)
CHOICES = RNG.integers(0, SERVERS, N).astype(np.int32)
CANDIDATES = np.stack([CHOICES, (CHOICES + 1) % SERVERS], axis=1).astype(np.int32)
EMPTY, NONE = np.zeros(N), np.full(N, -1, np.int32)
ENDS, INSIDE = np.full(SERVERS, -1, np.int64), np.zeros(SERVERS, np.int64)
BOOKS = (EMPTY, EMPTY, NONE, ENDS, ENDS.copy(), INSIDE)

KERNELS = {
    kernels._in_system: (
        (2.0, 0, np.array([1.0, 3.0]), np.array([1, -1], np.int32)),
        (np.array([0]), np.array([2])),
    ),
    kernels._serve_at: (
        (1, 0, 2.0, 1.0, np.array([3.0, 0.0]), np.array([-1, -1], np.int32)),
        (np.array([0]), np.array([0]), np.array([1])),
    ),
    kernels._fixed: ((ARRIVALS, SERVICES, CHOICES), BOOKS),
    kernels._shortest_of: ((ARRIVALS, SERVICES, CANDIDATES, NONE), BOOKS),
    kernels._shortest_of_all: ((ARRIVALS, SERVICES, CHOICES, NONE), BOOKS),
}
