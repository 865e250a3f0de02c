"""The smallest fleet that is never late, beside a plan made by hand."""

import numpy as np
from support.validity import Case

from scalelab.sim.clairvoyant import clairvoyant_fleet
from scalelab.sim.fleet import Fleet

FLEET = Fleet(rate_per_s=100, startup_s=180, min_instances=1, max_instances=20)


def instance_seconds():
    """Two busy hours with a pause between them that is longer than a start."""
    demand = np.repeat([100.0, 500.0, 100.0, 500.0, 100.0], 3_600)
    return int(clairvoyant_fleet(demand, FLEET).sum())


CASES = [
    Case(
        model="Clairvoyant fleet",
        authority="rent or buy with known demand: busy time and one start for each busy time",
        case="4 extra instances twice for an hour, starts of 180 s, instance-seconds",
        ours=instance_seconds,
        theirs=5 * 3_600 + 2 * 4 * (3_600 + 180),
        tolerance=1e-12,
    ),
]
