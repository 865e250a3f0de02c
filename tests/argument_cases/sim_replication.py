"""Arguments of replay on a replica."""

import math

import numpy as np
from support import kinds as k

from scalelab.sim.replication_lag import ReplayRun

RUN = ReplayRun(commit_s=np.array([0.0, 1.0]), apply_s=np.array([0.5, 3.0]))


TABLE = {
    "sim.replication_lag.replay_run": {
        "commit_times_s": k.VECTOR([1.0, 2.0], [1.0, math.inf], [2.0, 1.0]),
        "apply_times_s": k.TIMES([1.0, 2.0], [1.0]),
        "delay_s": k.NOT_NEGATIVE(0.1, [1.0], [[0.1, 0.1]]),
        "workers": k.COUNT(1),
    },
    "sim.replication_lag.ReplayRun.writes_behind": {"self": lambda: RUN, "time_s": k.VECTOR([1.0])},
    "sim.replication_lag.ReplayRun.lost_if_failed_at": {
        "self": lambda: RUN,
        "time_s": k.ONLY(1.0, math.nan, math.inf, "2", None, [1.0, 2.0]),
    },
    "sim.replication_lag.ReplayRun.stale_share": {
        "self": lambda: RUN,
        "window_s": k.NOT_NEGATIVE(1.0),
    },
}
