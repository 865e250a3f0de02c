"""Arguments of the fleet that knows the demand in advance."""

import math

from support import kinds as k

from scalelab.sim.fleet import Fleet

FLEET = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)

TABLE = {
    "sim.clairvoyant.clairvoyant_fleet": {
        "demand_per_s": k.ONLY(
            [1.0, 2.0], [], 3.0, [[1.0]], [-1.0], [math.nan], ["a"], None, [91.0]
        ),
        "fleet": k.ONLY(FLEET, None, 3, "fleet"),
    }
}
