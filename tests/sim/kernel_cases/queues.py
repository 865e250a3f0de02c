"""Kernels of the queue, the pool and the closed loop."""

import numpy as np

from scalelab.sim import _first_come, closed

ARRIVALS = np.cumsum(np.random.default_rng(3).exponential(0.4, 500))
SERVICES = np.random.default_rng(4).exponential(1.0, 500)
RETURNS = np.append(np.random.default_rng(5).exponential(1.0, 490), np.full(10, np.inf))
ASKS = np.append(np.sort(np.random.default_rng(6).exponential(1.0, 10)), np.inf)
EMPTY = np.full(500, np.nan)

# kernel: what goes in, and arrays that it fills
KERNELS = {
    _first_come._serve: ((ARRIVALS, SERVICES, 3, np.inf), (EMPTY,)),
    _first_come._serve_one: ((ARRIVALS, SERVICES, 2.0), (EMPTY,)),
    closed._cycle_sorted: ((ASKS, RETURNS, SERVICES, 3), (EMPTY, EMPTY)),
}
