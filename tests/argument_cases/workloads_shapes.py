"""Arguments of modulated arrivals, demand, sessions, operations, ids and tenants."""

import math

import numpy as np
from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    RNG,
)

from scalelab.workloads.sessions import Sessions

SOURCE = {"rng": (RNG, NOT_A_GENERATOR)}
COUNT = {"count": (3, NOT_A_COUNT)}
NOT_A_VECTOR = [[], 3.0, [[1.0]], [math.nan], ["a"], None]
BELOW_ONE = [*NOT_POSITIVE, 1.0, 0.5]
OPEN = Sessions(start_s=np.array([0.0, 1.0]), end_s=np.array([2.0, 9.0]))

TABLE = {
    "workloads.modulated_arrivals.modulated_arrivals_s": {
        "rates_per_s": ([4.0, 0.0], [*NOT_A_VECTOR, [-1.0, 2.0], [0.0, 0.0]]),
        "mean_stays_s": ([1.0, 2.0], [*NOT_A_VECTOR, [1.0], [0.0, 1.0]]),
        "horizon_s": (9.0, NOT_POSITIVE),
        **SOURCE,
    },
    "workloads.demand.daily_rate_per_s": {
        "time_s": (9.0, NEGATIVE),
        "mean_per_s": (9.0, NOT_POSITIVE),
        "peak_over_mean": (1.5, [*NOT_POSITIVE, 0.9, 2.1]),
        "peak_hour": (20.0, [*NEGATIVE, 24.5]),
        "weekend_factor": (0.5, NEGATIVE),
    },
    "workloads.demand.flash_crowd_per_s": {
        "time_s": (9.0, NEGATIVE),
        "base_per_s": (1.0, NOT_POSITIVE),
        "peak_per_s": (9.0, [*NOT_POSITIVE, 0.5]),
        "start_s": (1.0, NEGATIVE),
        "ramp_s": (1.0, NEGATIVE),
        "decay_s": (1.0, NOT_POSITIVE),
    },
    "workloads.demand.noisy_rate_per_s": {
        "rate_per_s": ([1.0], [*NOT_A_VECTOR, [-1.0]]),
        "tick_s": (1.0, NOT_POSITIVE),
        **SOURCE,
    },
    "workloads.sessions.Sessions.open_at": {
        "self": lambda: OPEN,
        "time_s": ([1.0], [*NOT_A_VECTOR, [-1.0]]),
    },
    "workloads.sessions.poisson_sessions": {
        "rate_per_s": (4.0, NOT_POSITIVE),
        "mean_length_s": (1.0, NOT_POSITIVE),
        "horizon_s": (9.0, NOT_POSITIVE),
        "tail": ("pareto", ["heavy", "", None, 3]),
        **SOURCE,
    },
    "workloads.operations.write_flags": {**COUNT, "write_share": (0.1, NOT_A_SHARE), **SOURCE},
    "workloads.operations.read_again_flags": {
        "keys": ([1, 2], NOT_A_VECTOR),
        "window": (2, NOT_A_COUNT),
    },
    "workloads.ids.auto_increment_ids": {**COUNT, "start": (1, NOT_A_COUNT_OR_ZERO)},
    "workloads.ids.snowflake_ids": {
        "times_s": ([1.0, 2.0], [*NOT_A_VECTOR, [-1.0], [2.0, 1.0], [1e12]]),
        "worker": (1, [*NOT_A_COUNT_OR_ZERO, 1024]),
    },
    "workloads.ids.random_ids": {**COUNT, "bits": (63, [*NOT_A_COUNT, 64]), **SOURCE},
    "workloads.ids.id_collision_probability": {
        "count": (3, NOT_A_COUNT),
        "bits": (64, NOT_A_COUNT),
    },
    "workloads.tenants.tenant_sizes": {
        "tenants": (3, NOT_A_COUNT),
        "total": (9, NOT_A_COUNT),
        "exponent": (1.0, NEGATIVE),
    },
    "workloads.service_times.pareto_times_s": {
        "mean_s": (2.0, NOT_POSITIVE),
        **COUNT,
        "shape": (1.5, BELOW_ONE),
        **SOURCE,
    },
}
