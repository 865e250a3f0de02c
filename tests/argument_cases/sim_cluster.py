"""Arguments of the cluster that works in rounds."""

from support import kinds as k
from support.kinds import RNG

TABLE = {
    "sim.cluster.cluster_throughput_per_s": {
        "nodes": k.COUNT(3),
        "job_s": k.POSITIVE(0.1, [1.0, 2.0]),
        "rounds": k.COUNT(10),
        "sigma": k.SHARE(0.1, [0.1, 0.2]),
        "kappa": k.NOT_NEGATIVE(0.1, [0.1, 0.2]),
        "rng": k.GENERATOR(RNG),
    }
}
