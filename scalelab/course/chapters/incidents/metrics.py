"""What the dashboard of the shop shows: a value a second for each of its lines."""

from __future__ import annotations

import numpy as np

from scalelab.sim.system import SystemRun

Metrics = dict[str, list[float]]
NAMES = {
    "offered": "requests that clients ask for, 1 being as usual",
    "attempts": "attempts for each request",
    "good": "share of the requests answered in time",
    "hits": "share of the reads that the cache answers",
    "app": "share of the servers' cores in use",
    "database": "share of the fullest node's cores in use",
    "spread": "queries at the fullest node, as a multiple of the mean node's",
    "pool": "share of the connections in use",
    "lag": "seconds by which the slowest replica is behind",
    "instances": "servers that take requests",
    "errors": "share of the attempts that fail at once",
    "connects": "connections opened a second",
    "same": "largest number of identical queries running at once",
    "writers": "nodes that acknowledge writes, for each shard",
}


def metrics_of(run: SystemRun, shards: int = 1) -> Metrics:
    """Read the dashboard off a run."""
    gauges = run.per_second
    asked, attempts = np.maximum(gauges["asked"], 1), np.maximum(gauges["attempts"], 1)
    lines = {
        "offered": asked / np.median(asked[15:75]),
        "attempts": gauges["attempts"] / asked,
        "good": gauges["answered"] / asked,
        "hits": gauges["hits"] / np.maximum(gauges["reads"], 1),
        "app": gauges["app_busy"],
        "database": gauges["db_busy"],
        "spread": gauges["fullest_node"] / np.maximum(gauges["mean_node"], 1),
        "pool": gauges["pool_used"],
        "lag": gauges["lag_s"],
        "instances": gauges["instances"],
        "errors": gauges["fast_errors"] / attempts,
        "connects": gauges["connects"],
        "same": gauges["same_query"],
        "writers": gauges["writers"] / shards,
    }
    return {name: np.round(lines[name], 3).tolist() for name in NAMES}
