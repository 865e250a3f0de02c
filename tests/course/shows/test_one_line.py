"""One line: the picture is the simulator's, and the simulator is Erlang's."""

import numpy as np
import pytest

from scalelab.course.chapters.landing import scenes as landing
from scalelab.course.stage import Stage
from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s


def test_one_line_is_the_queue_and_the_queue_is_erlangs():
    stage = Stage()
    landing.line_at(stage, 0.9)
    trace = stage.run(20.0)
    waits = [
        (steps[-2][0] - steps[0][0]) / 1000 for steps in trace.steps
    ]  # from the arrival to the worker
    rng = np.random.default_rng(landing.SEED)
    arrived = poisson_arrivals_until_s(0.9 * 4 / 0.4, 20.0, rng=rng)
    service = exponential_times_s(0.4, len(arrived), rng=rng)
    assert waits == pytest.approx(list(queue_waits_s(arrived, service, 4)), abs=0.0011)
    rng = np.random.default_rng(5)
    arrived = poisson_arrivals_until_s(9.0, 50_000.0, rng=rng)
    service = exponential_times_s(0.4, len(arrived), rng=rng)
    mean_s = float(np.mean(queue_waits_s(arrived, service, 4)))
    assert mean_s == pytest.approx(float(mmc_mean_wait_s(9.0, 2.5, 4)), rel=0.1)
