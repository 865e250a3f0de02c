"""A watched run is the unwatched run; a simulator's arrays are the picture."""

import numpy as np
import pytest

from scalelab.course.chapters.horizontal import scenes as horizontal
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.sim.load_balancing import balanced_run
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s


def drop(*_):
    pass


def record(run, value, until_s):
    stage = Stage()
    run(stage, value)
    return stage.run(until_s)


def unwatched(retries, until_s):
    """The run without a stage: its books, and when each answer came and how long it took."""
    clock, rng, took = VirtualClock(), np.random.default_rng(7), []
    balancer = LoadBalancer(clock, horizontal.SERVERS, check_every_s=1.0, retries=retries)

    def submit(request):
        since_s = clock.now_s
        balancer.submit(request, lambda _: took.append(clock.now_s - since_s), drop)

    for at_s in poisson_arrivals_until_s(10.0, 15.0, rng=rng):
        request = Request(client="any", service_s=float(rng.exponential(0.24)))
        clock.schedule_at(float(at_s), lambda r=request: submit(r))
    clock.schedule_at(4.3, balancer.server("web-2").crash)
    clock.schedule_at(9.5, balancer.server("web-2").recover)
    clock.run(until_s)
    return balancer.stats(), took


@pytest.mark.parametrize("retries", [0, 1])
def test_a_watched_run_is_the_unwatched_run(retries):
    trace = record(horizontal.one_dies, retries, 13.0)
    stats, took = unwatched(retries, 13.0)
    assert trace.count("answered", trace.end_ms) == stats.answered == len(took)
    assert trace.count("lost", trace.end_ms) == stats.failed + stats.refused
    mine = sorted(
        (steps[-1][0] - steps[0][0]) / 1000
        for steps in trace.steps
        if trace.picture.places[steps[-1][1]].counter == "answered"
    )
    assert mine == pytest.approx(sorted(took), abs=0.0011)


@pytest.mark.parametrize("policy", horizontal.RULES.values())
def test_a_simulators_arrays_are_the_picture(policy):
    trace = record(horizontal.four_rules, policy, 14.0)
    rng = np.random.default_rng(7)
    arrived = poisson_arrivals_until_s(13.5, 12.0, rng=rng)
    service = exponential_times_s(0.24, len(arrived), rng=rng)
    run = balanced_run(arrived, service, 4, policy, rng=np.random.default_rng(1))
    began, ended = arrived + run.wait_s, arrived + run.response_s
    for ms in range(0, 14_000, 97):
        now = (ms + 0.5) / 1000  # what rounds to ms or less
        assert trace.count("in line", ms) == np.sum((arrived <= now) & (now < began))
        assert trace.count("at work", ms) == np.sum((began <= now) & (now < ended))
        assert trace.count("answered", ms) == np.sum(ended <= now)
