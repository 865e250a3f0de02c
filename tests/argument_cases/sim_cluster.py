"""Arguments of the cluster that works in rounds."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    RNG,
)

TABLE = {
    "sim.cluster.cluster_throughput_per_s": {
        "nodes": (3, NOT_A_COUNT),
        "job_s": (0.1, [*NOT_POSITIVE, [1.0, 2.0]]),
        "rounds": (10, NOT_A_COUNT),
        "sigma": (0.1, [*NOT_A_SHARE, [0.1, 0.2]]),
        "kappa": (0.1, [*NEGATIVE, [0.1, 0.2]]),
        "rng": (RNG, NOT_A_GENERATOR),
    },
}
