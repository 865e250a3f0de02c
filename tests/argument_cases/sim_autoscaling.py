"""Arguments of fleets and of policies."""

import math

from support import kinds as k

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy

FLEET = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)
TARGET = TargetPolicy(target=0.6, window_s=2, every_s=1)
RUN = fleet_run([5.0, 50.0, 500.0], FLEET)
TIMES = {"window_s": k.POSITIVE(60.0), "every_s": k.POSITIVE(60.0)}

TABLE = {
    "sim.fleet.Fleet": {
        "rate_per_s": k.POSITIVE(100.0),
        "startup_s": k.NOT_NEGATIVE(60.0),
        "min_instances": k.COUNT(2),
        "max_instances": k.COUNT(20, 1),
        "queue_limit": k.ONLY(100.0, -1.0, math.nan, "2", None, 1j),
        "tick_s": k.POSITIVE(1.0),
    },
    "sim.fleet.FleetRun.late_share": {"self": lambda: RUN, "limit_s": k.NOT_NEGATIVE(1.0)},
    "sim.fleet.FleetRun.delay_percentile_s": {
        "self": lambda: RUN,
        "q": k.ONLY(0.99, 0, -1.0, 1.5, math.nan, "2", None),
    },
    "sim.scaling_policies.StepPolicy": {
        "high": k.POSITIVE(0.8),
        "low": k.NOT_NEGATIVE(0.3, 0.8, 0.9),
        "add": k.COUNT(2),
        "remove": k.COUNT(1),
        **TIMES,
        "cooldown_s": k.NOT_NEGATIVE(60.0),
    },
    "sim.scaling_policies.TargetPolicy": {
        "target": k.POSITIVE(0.6),
        **TIMES,
        "cooldown_out_s": k.NOT_NEGATIVE(60.0),
        "cooldown_in_s": k.NOT_NEGATIVE(60.0),
    },
    "sim.scaling_policies.OwnPolicy": {"decide": k.ONLY(lambda reading: 3, None, 3, "x"), **TIMES},
    "sim.autoscaling.fleet_run": {
        "demand_per_s": k.ONLY([1.0, 2.0], [], 3.0, [[1.0]], [-1.0], [math.nan], ["a"], None),
        "fleet": k.ONLY(FLEET, None, 3, TARGET),
        "policy": k.ONLY(TARGET, 3, "target", FLEET),
        "at_least": k.ONLY(None, [1], [1.5, 2.0], [-1, 2], ["a", "b"], [math.nan, 1.0]),
        "sensor": k.CHOICE("demand"),
    },
}
