"""What there is to find with the explorers of the landing page."""

from __future__ import annotations

from scalelab.course.explore import Task
from scalelab.models.erlang import mmc_mean_response_s

SLOWDOWN = Task(
    "Find a setting where the workers are busy 90 % of the time or more, and a request still "
    "takes less than twice its own work.",
    lambda utilisation, servers: (
        utilisation >= 0.9 and mmc_mean_response_s(utilisation * servers, 1.0, servers) < 2
    ),
    "Many workers with one common line wait little at a load that ruins a single one.",
)
