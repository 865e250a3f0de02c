"""The scene of the introduction: eight servers, and a load that doubles."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.introduction.experiments import BASE_LOAD_PER_S, SERVICE_PER_S
from scalelab.course.shows.one_line import show_one_line
from scalelab.course.stage import Stage
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s

SERVERS = 8
LOADS = {"the first load": 1.0, "1.5 times": 1.5, "twice": 2.0}
UNTIL_S = 0.25  # a quarter of a second, seen slowly


def eight_at(stage: Stage, growth: float) -> None:
    """Let so many times the first load come to eight servers."""
    arriving, serving = np.random.default_rng(4).spawn(2)
    arrivals_s = poisson_arrivals_until_s(growth * BASE_LOAD_PER_S, UNTIL_S, rng=arriving)
    service_s = exponential_times_s(1 / SERVICE_PER_S, len(arrivals_s), rng=serving)
    stage.at(0.0, "Each request takes the first free server, or waits in the one line.")
    show_one_line(stage, arrivals_s, service_s, SERVERS)


SCENES = ((eight_at, LOADS, UNTIL_S),)
