"""Kernels of the fleet."""

import numpy as np

from scalelab.sim import _fleet_kernel as kernels
from scalelab.sim._fleet_loop import empty_books
from scalelab.sim._scaling_rules import rules_of
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy

FLEET = Fleet(rate_per_s=10, startup_s=5, min_instances=1, max_instances=20)
RULES = rules_of(FLEET, TargetPolicy(target=0.6, window_s=8, every_s=4), saturates=True)
DEMAND = np.random.default_rng(1).uniform(0, 120, 200)


BOOKS = empty_books(DEMAND, np.zeros(200, np.int32), FLEET, RULES)

KERNELS = {
    kernels._decide: ((0.9, 4, 4, 100, 100, RULES), ()),
    kernels._order: ((5, 3, 2, 0, -9, -9, 4), (np.zeros(9, np.int32),)),
    kernels._advance: ((0, 200, RULES), (BOOKS,)),
    kernels._advance_by: ((7, 200, RULES), (BOOKS,)),
}
