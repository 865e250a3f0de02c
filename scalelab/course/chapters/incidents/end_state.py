"""What somebody tells who comes when all is over: the last minute, worst line first."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.incidents.metrics import Metrics

LAST_S, CALM = 60, slice(15, 75)


def told_by_the_end(metrics: Metrics) -> str:
    """Name the cause by means of the last minute alone."""
    end = {name: float(np.mean(values[-LAST_S:])) for name, values in metrics.items()}
    calm = {name: float(np.mean(values[CALM])) for name, values in metrics.items()}
    rules = {
        "split brain": end["writers"] > 1.5,
        "sinkhole": end["errors"] > 0.1,
        "metastable cache flush": end["hits"] < 0.6 * calm["hits"],
        "connection leak": end["pool"] > 0.9,
        "retry storm": end["attempts"] > 1.5,
        "replica lag": end["lag"] > 2,
        "hot shard": end["spread"] > 1.5 * calm["spread"],
        "autoscaler flapping": float(np.ptp(metrics["instances"][-LAST_S:])) > 0,
        "cache stampede": end["same"] > 2 * calm["same"],
    }
    return next((cause for cause, here in rules.items() if here), "calm")
