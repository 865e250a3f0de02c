"""What the servers write into their logs while an incident goes on: symptoms, never causes."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.incidents.metrics import Metrics
from scalelab.quantities import quantity

# Each line of the dashboard, the value from which somebody writes a line, and what it says.
SAYS = (
    ("errors", 0.1, "balancer: {} of the attempts end with an error at once"),
    ("pool", 0.9, "app: no connection free, {} of the pool in use"),
    ("connects", 20.0, "database: {:.0f} connections opened in a second"),
    ("lag", 2.0, "replica: {:.1f} s behind the primary"),
    ("attempts", 1.5, "client: {:.1f} attempts for each request"),
    ("offered", 1.15, "balancer: {:.2f} times the usual requests"),
    ("app", 0.95, "app: cores {} in use"),
    ("database", 0.95, "database: fullest node {} in use"),
    ("same", 15.0, "database: the same query {:.0f} times in flight"),
    ("writers", 1.5, "audit: {:.0f} nodes acknowledged writes"),
)
PAUSE_S = 30  # before the same sentence is written again


def log_of(metrics: Metrics) -> list[str]:
    """Return the lines of the log, in the order of time."""
    lines = []
    for name, least, text in SAYS:
        said_s = -PAUSE_S
        for second, value in enumerate(metrics[name]):
            if value >= least and second - said_s >= PAUSE_S:
                said_s = second
                said = value if "{:" in text else quantity(round(100 * float(value)), "%")
                lines.append((second, text.format(said)))
    steps = np.flatnonzero(np.diff(metrics["instances"])) + 1
    lines += [(int(s), f"autoscaler: now {metrics['instances'][s]:.0f} servers") for s in steps]
    return [f"{second:3d} s  {text}" for second, text in sorted(lines)]
