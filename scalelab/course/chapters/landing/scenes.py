"""The scene of the landing page: one line, four workers, more and more load."""

from __future__ import annotations

import numpy as np

from scalelab.course.shows.one_line import show_one_line
from scalelab.course.stage import Stage
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s

SEED = 102  # with it the workers are as busy in these 20 s as the name of the run says
WORKERS, MEAN_S, UNTIL_S = 4, 0.4, 20.0
BUSY = {"70 %": 0.7, "90 %": 0.9, "97 %": 0.97}


def line_at(stage: Stage, utilisation: float) -> None:
    """Let requests come that keep four workers busy for a share of the time, on average."""
    rng = np.random.default_rng(SEED)
    arrivals_s = poisson_arrivals_until_s(utilisation * WORKERS / MEAN_S, UNTIL_S, rng=rng)
    service_s = exponential_times_s(MEAN_S, len(arrivals_s), rng=rng)
    show_one_line(stage, arrivals_s, service_s, WORKERS)


SCENES = ((line_at, BUSY, UNTIL_S),)
