"""Arguments of modulated arrivals, demand, sessions, operations, ids and tenants."""

import numpy as np
from support import kinds as k
from support.kinds import RNG

from scalelab.workloads.sessions import Sessions

SOURCE = {"rng": k.GENERATOR(RNG)}
COUNT = {"count": k.COUNT(3)}


OPEN = Sessions(start_s=np.array([0.0, 1.0]), end_s=np.array([2.0, 9.0]))

TABLE = {
    "workloads.modulated_arrivals.modulated_arrivals_s": {
        "rates_per_s": k.VECTOR([4.0, 0.0], [-1.0, 2.0], [0.0, 0.0]),
        "mean_stays_s": k.VECTOR([1.0, 2.0], [1.0], [0.0, 1.0]),
        "horizon_s": k.POSITIVE(9.0),
        **SOURCE,
    },
    "workloads.demand.daily_rate_per_s": {
        "time_s": k.NOT_NEGATIVE(9.0),
        "mean_per_s": k.POSITIVE(9.0),
        "peak_over_mean": k.POSITIVE(1.5, 0.9, 2.1),
        "peak_hour": k.NOT_NEGATIVE(20.0, 24.5),
        "weekend_factor": k.NOT_NEGATIVE(0.5),
    },
    "workloads.demand.flash_crowd_per_s": {
        "time_s": k.NOT_NEGATIVE(9.0),
        "base_per_s": k.POSITIVE(1.0),
        "peak_per_s": k.POSITIVE(9.0, 0.5),
        "start_s": k.NOT_NEGATIVE(1.0),
        "ramp_s": k.NOT_NEGATIVE(1.0),
        "decay_s": k.POSITIVE(1.0),
    },
    "workloads.demand.noisy_rate_per_s": {
        "rate_per_s": k.VECTOR([1.0], [-1.0]),
        "tick_s": k.POSITIVE(1.0),
        **SOURCE,
    },
    "workloads.sessions.Sessions.open_at": {
        "self": lambda: OPEN,
        "time_s": k.VECTOR([1.0], [-1.0]),
    },
    "workloads.sessions.poisson_sessions": {
        "rate_per_s": k.POSITIVE(4.0),
        "mean_length_s": k.POSITIVE(1.0),
        "horizon_s": k.POSITIVE(9.0),
        "tail": k.CHOICE("pareto"),
        **SOURCE,
    },
    "workloads.operations.write_flags": {**COUNT, "write_share": k.SHARE(0.1), **SOURCE},
    "workloads.operations.read_again_flags": {"keys": k.VECTOR([1, 2]), "window": k.COUNT(2)},
    "workloads.ids.auto_increment_ids": {**COUNT, "start": k.COUNT_OR_ZERO(1)},
    "workloads.ids.snowflake_ids": {
        "times_s": k.VECTOR([1.0, 2.0], [-1.0], [2.0, 1.0], [1e12]),
        "worker": k.COUNT_OR_ZERO(1, 1024),
    },
    "workloads.ids.random_ids": {**COUNT, "bits": k.COUNT(63, 64), **SOURCE},
    "workloads.ids.id_collision_probability": {"count": k.COUNT(3), "bits": k.COUNT(64)},
    "workloads.tenants.tenant_sizes": {
        "tenants": k.COUNT(3),
        "total": k.COUNT(9),
        "exponent": k.NOT_NEGATIVE(1.0),
    },
    "workloads.service_times.pareto_times_s": {
        "mean_s": k.POSITIVE(2.0),
        **COUNT,
        "shape": k.ABOVE_ONE(1.5),
        **SOURCE,
    },
}
