"""Arguments of fleets and of policies."""

import math

from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_POSITIVE

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy

FLEET = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)
TARGET = TargetPolicy(target=0.6, window_s=2, every_s=1)
RUN = fleet_run([5.0, 50.0, 500.0], FLEET)
TIMES = {"window_s": (60.0, NOT_POSITIVE), "every_s": (60.0, NOT_POSITIVE)}

TABLE = {
    "sim.fleet.Fleet": {
        "rate_per_s": (100.0, NOT_POSITIVE),
        "startup_s": (60.0, NEGATIVE),
        "min_instances": (2, NOT_A_COUNT),
        "max_instances": (20, [*NOT_A_COUNT, 1]),
        "queue_limit": (100.0, [-1.0, math.nan, "2", None, 1j]),
        "tick_s": (1.0, NOT_POSITIVE),
    },
    "sim.fleet.FleetRun.late_share": {"self": lambda: RUN, "limit_s": (1.0, NEGATIVE)},
    "sim.fleet.FleetRun.delay_percentile_s": {
        "self": lambda: RUN,
        "q": (0.99, [0, -1.0, 1.5, math.nan, "2", None]),
    },
    "sim.scaling_policies.StepPolicy": {
        "high": (0.8, NOT_POSITIVE),
        "low": (0.3, [*NEGATIVE, 0.8, 0.9]),
        "add": (2, NOT_A_COUNT),
        "remove": (1, NOT_A_COUNT),
        **TIMES,
        "cooldown_s": (60.0, NEGATIVE),
    },
    "sim.scaling_policies.TargetPolicy": {
        "target": (0.6, NOT_POSITIVE),
        **TIMES,
        "cooldown_out_s": (60.0, NEGATIVE),
        "cooldown_in_s": (60.0, NEGATIVE),
    },
    "sim.scaling_policies.OwnPolicy": {
        "decide": (lambda reading: 3, [None, 3, "x"]),
        **TIMES,
    },
    "sim.autoscaling.fleet_run": {
        "demand_per_s": ([1.0, 2.0], [[], 3.0, [[1.0]], [-1.0], [math.nan], ["a"], None]),
        "fleet": (FLEET, [None, 3, TARGET]),
        "policy": (TARGET, [3, "target", FLEET]),
        "at_least": (None, [[1], [1.5, 2.0], [-1, 2], ["a", "b"], [math.nan, 1.0]]),
        "sensor": ("demand", ["cpu", "", None, 3]),
    },
}
