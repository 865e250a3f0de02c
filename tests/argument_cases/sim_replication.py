"""Arguments of replay on a replica."""

import math

import numpy as np
from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_TIMES

from scalelab.sim.replication_lag import ReplayRun

RUN = ReplayRun(commit_s=np.array([0.0, 1.0]), apply_s=np.array([0.5, 3.0]))
NOT_A_VECTOR = [[], 3.0, [[1.0]], [math.nan], ["a"], None]

TABLE = {
    "sim.replication_lag.replay_run": {
        "commit_times_s": ([1.0, 2.0], [*NOT_TIMES[:-1], [2.0, 1.0]]),
        "apply_times_s": ([1.0, 2.0], [*NOT_TIMES, [1.0]]),
        "delay_s": (0.1, [*NEGATIVE, [1.0], [[0.1, 0.1]]]),
        "workers": (1, NOT_A_COUNT),
    },
    "sim.replication_lag.ReplayRun.writes_behind": {
        "self": lambda: RUN,
        "time_s": ([1.0], NOT_A_VECTOR),
    },
    "sim.replication_lag.ReplayRun.lost_if_failed_at": {
        "self": lambda: RUN,
        "time_s": (1.0, [math.nan, math.inf, "2", None, [1.0, 2.0]]),
    },
    "sim.replication_lag.ReplayRun.stale_share": {
        "self": lambda: RUN,
        "window_s": (1.0, NEGATIVE),
    },
}
