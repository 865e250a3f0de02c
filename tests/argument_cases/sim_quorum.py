"""Arguments of the quorum's Monte Carlo."""

import numpy as np
from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_A_GENERATOR, RNG

from scalelab.sim.quorum import StalenessRun


def draw(rng, shape):
    return rng.exponential(1.0, shape)


NOT_A_DRAW = [
    None,
    3.0,
    lambda rng, shape: -draw(rng, shape),
    lambda rng, shape: draw(rng, shape) * np.nan,
    lambda rng, shape: draw(rng, shape[:1]),
]
RUN = StalenessRun(fresh_after_s=np.zeros(2), write_s=np.zeros(2), read_s=np.zeros(2))

TABLE = {
    "sim.quorum.quorum_staleness": {
        "replicas": (3, NOT_A_COUNT),
        "read_quorum": (1, [*NOT_A_COUNT, 4]),
        "write_quorum": (1, [*NOT_A_COUNT, 4]),
        "write": (draw, NOT_A_DRAW),
        "acknowledge": (draw, NOT_A_DRAW),
        "read": (draw, NOT_A_DRAW),
        "respond": (draw, NOT_A_DRAW),
        "trials": (10, NOT_A_COUNT),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    "sim.quorum.StalenessRun.stale_share": {"self": lambda: RUN, "time_s": (1.0, NEGATIVE)},
}
