"""The cluster that works in rounds beside its law, which is written out here."""

import numpy as np
from support.validity import Case

from scalelab.sim.cluster import cluster_throughput_per_s

CASES = [
    Case(
        model="Cluster in rounds, simulated",
        authority="Gunther 2008, universal scalability law, by hand",
        case="44 nodes, sigma 0.02, kappa 0.0005, 20,000 rounds",
        ours=lambda: cluster_throughput_per_s(
            44, 1.0, 20_000, sigma=0.02, kappa=0.0005, rng=np.random.default_rng(1)
        ),
        theirs=44 / (1 + 0.02 * 43 + 0.0005 * 44 * 43),
        tolerance=1e-3,
    ),
]
