"""The scene of the introduction shows what its words say."""

import numpy as np
import pytest

from scalelab.course.chapters.introduction import scenes
from scalelab.course.stage import Stage
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s


def seen(growth):
    stage = Stage()
    scenes.eight_at(stage, growth)
    return stage.run(scenes.UNTIL_S)


def test_the_line_is_short_at_the_first_load_and_long_at_twice():
    longest = {}
    for growth in scenes.LOADS.values():
        trace = seen(growth)
        longest[growth] = max(trace.count("in line", ms) for ms in range(trace.end_ms + 1))
    assert longest[1.0] <= 3 < 6 < longest[2.0]


def test_the_picture_is_the_simulators():
    arriving, serving = np.random.default_rng(4).spawn(2)
    arrived = poisson_arrivals_until_s(800.0, scenes.UNTIL_S, rng=arriving)
    service = exponential_times_s(0.01, len(arrived), rng=serving)
    waits = [(steps[-2][0] - steps[0][0]) / 1000 for steps in seen(2.0).steps]
    assert waits == pytest.approx(list(queue_waits_s(arrived, service, 8)), abs=0.0011)
