"""Arguments of the quorum's Monte Carlo."""

import numpy as np
from support import kinds as k
from support.kinds import RNG

from scalelab.sim.quorum import StalenessRun


def draw(rng, shape):
    return rng.exponential(1.0, shape)


DRAW = k.Kind(
    None,
    3.0,
    lambda rng, shape: -draw(rng, shape),
    lambda rng, shape: draw(rng, shape) * np.nan,
    lambda rng, shape: draw(rng, shape[:1]),
)
RUN = StalenessRun(fresh_after_s=np.zeros(2), write_s=np.zeros(2), read_s=np.zeros(2))

TABLE = {
    "sim.quorum.quorum_staleness": {
        "replicas": k.COUNT(3),
        "read_quorum": k.COUNT(1, 4),
        "write_quorum": k.COUNT(1, 4),
        "write": DRAW(draw),
        "acknowledge": DRAW(draw),
        "read": DRAW(draw),
        "respond": DRAW(draw),
        "trials": k.COUNT(10),
        "rng": k.GENERATOR(RNG),
    },
    "sim.quorum.StalenessRun.stale_share": {"self": lambda: RUN, "time_s": k.NOT_NEGATIVE(1.0)},
}
