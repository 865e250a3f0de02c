"""Kernels of the week: an hour in ticks of ten seconds in which all that can break does."""

import numpy as np

from scalelab.models.system_parts import Cache, Database, Demand, System
from scalelab.sim import _week_kernel as kernels
from scalelab.sim import week
from scalelab.sim._fleet_loop import empty_books
from scalelab.sim._scaling_rules import rules_of
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy

SYSTEM = System(
    demand=Demand(rate_per_s=1.0, keys=2_000),
    cache=Cache(capacity=500),
    database=Database(replicas=2, sync_replicas=1, cores=3, shards=2),
)
FLEET = Fleet(rate_per_s=100, startup_s=60, min_instances=3, max_instances=20, tick_s=10)
RATE = np.random.default_rng(1).uniform(100, 900, 360)
FLEET_RULES = rules_of(FLEET, TargetPolicy(target=0.6, window_s=60, every_s=60), saturates=False)
FAULTS = week.WeekFaults(
    cache_empty_s=500, servers_lost_s=1_005, replica_lost_s=1_500, primary_lost_s=2_000
)
RULES = week._rules(SYSTEM, 10.0, week.Gateway(retries=1, shed_s=0.5), FAULTS)
SHOP = week._shop(SYSTEM, RATE * 10, np.array([0.0, 0.5, 0.5]))
BOOKS = empty_books(np.zeros(360), np.zeros(1, np.int32), FLEET, FLEET_RULES)

KERNELS = {
    kernels._at: ((np.array([1.0, 3.0, 4.0]), 0.5), ()),
    kernels._share_above: ((0.5, 2.0, 1.0), ()),
    kernels._serve: ((0, RULES), (SHOP, FLEET_RULES, BOOKS)),
    kernels._standing: ((2_100.0, RULES), ()),
    kernels._replicas: ((2_100.0, RULES), ()),
    kernels._store: ((500.0, 10.0, 400.0, RULES), (SHOP,)),
    kernels._hit_ratio: ((400.0, SHOP), ()),
    kernels._is_calm: ((2_010.0, 400.0, RULES, SHOP), ()),
    kernels._advance_shop: ((0, 360, RULES), (SHOP, FLEET_RULES, BOOKS)),
    kernels._advance_shop_by: ((7, 360, RULES), (SHOP, FLEET_RULES, BOOKS)),
}
