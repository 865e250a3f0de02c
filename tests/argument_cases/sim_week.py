"""Arguments of the week of a whole shop."""

import math

from support import kinds as k

from scalelab.models.system_parts import Demand, System
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.sim.week import Gateway, WeekFaults

SYSTEM = System(demand=Demand(rate_per_s=50.0, keys=3))
FLEET = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)
TARGET = TargetPolicy(target=0.6, window_s=2, every_s=1)
WHEN = k.NOT_NEGATIVE.or_none()

TABLE = {
    "sim.week.WeekFaults": {
        "cache_empty_s": WHEN(1.0),
        "servers_lost_s": WHEN(1.0),
        "replica_lost_s": WHEN(1.0),
        "primary_lost_s": WHEN(1.0),
        "lost_servers": k.SHARE(0.5),
        "notice_s": k.NOT_NEGATIVE(10.0),
        "replica_back_s": k.NOT_NEGATIVE(10.0),
        "failover_s": k.NOT_NEGATIVE(10.0),
        "restore_s": k.NOT_NEGATIVE(10.0),
        "error_share": k.SHARE(0.01),
    },
    "sim.week.Gateway": {
        "retries": k.COUNT_OR_ZERO(2, 11),
        "client_retries": k.COUNT_OR_ZERO(2, 11),
        "timeout_s": k.POSITIVE(0.5),
        "shed_s": k.POSITIVE.or_none()(0.5),
    },
    "sim.week.simulate_week": {
        "system": k.ONLY(SYSTEM, None, 3, TARGET),
        "fleet": k.ONLY(FLEET, None, 3, TARGET),
        "rate_per_s": k.ONLY([1.0, 2.0], [], 3.0, [[1.0]], [-1.0], [math.nan], ["a"], None),
        "policy": k.ONLY(TARGET, 3, "target", FLEET),
        "at_least": k.ONLY(None, [1], [1.5, 2.0], [-1, 2], ["a", "b"], [math.nan, 1.0]),
        "gateway": k.ONLY(Gateway(), 3, SYSTEM),
        "faults": k.ONLY(WeekFaults(), 3, SYSTEM),
        "routed": k.ONLY([0.0, 0.5], [], 0.5, [[0.5]], [-0.1], [1.5], [math.nan], ["a"], None),
    },
}
