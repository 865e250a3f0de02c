"""Arguments of the fleet that knows the demand in advance."""

import math

from scalelab.sim.fleet import Fleet

FLEET = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)

TABLE = {
    "sim.clairvoyant.clairvoyant_fleet": {
        "demand_per_s": ([1.0, 2.0], [[], 3.0, [[1.0]], [-1.0], [math.nan], ["a"], None, [91.0]]),
        "fleet": (FLEET, [None, 3, "fleet"]),
    },
}
