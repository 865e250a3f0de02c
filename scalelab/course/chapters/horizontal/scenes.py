"""Scenes of the chapter on horizontal scaling: a server dies; four rules, the same requests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scalelab.course.chapters.horizontal.experiments import RULES
from scalelab.course.shows.servers import send_requests, show_balanced_run, show_balancer
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.sim.load_balancing import balanced_run
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s

SERVERS = ("web-1", "web-2", "web-3", "web-4")


def one_dies(stage: Stage, retries: int) -> None:
    """Let one of four servers crash and come back, with so many second tries."""
    balancer = LoadBalancer(stage.clock, SERVERS, check_every_s=1.0, retries=retries)
    show_balancer(stage, balancer)
    send_requests(stage, balancer, rate_per_s=10.0, mean_s=0.24, until_s=15.0, seed=7)
    stage.at(4.3, "web-2 crashes.", balancer.server("web-2").crash)
    stage.at(9.5, "", balancer.server("web-2").recover)


def four_rules(stage: Stage, policy: str) -> None:
    """Route the same requests to four servers by a rule."""
    rng = np.random.default_rng(7)
    arrivals_s = poisson_arrivals_until_s(13.5, 12.0, rng=rng)
    service_s = exponential_times_s(0.24, len(arrivals_s), rng=rng)
    choice = np.random.default_rng(1)
    run = balanced_run(arrivals_s, service_s, servers=4, policy=policy, rng=choice)
    show_balanced_run(stage, arrivals_s, run)
    stage.at(0.0, "The same requests with the same work, whatever the rule.")
    stage.at(12.0, "The last request has come. p99 is the time that 99 of 100 stay below.")


def own_check(
    stage: Stage, states: Callable[..., list[bool]], probes: list[bool], misses: int, rises: int
) -> None:
    """Let a rule of the lab's decide, after each probe, whether a server is in service.

    The second of three servers answers its probes, one a second, as `probes` has them.
    """

    def well(found: list[bool]) -> bool:
        return bool(states(found, misses, rises)[-1])

    balancer = LoadBalancer(stage.clock, SERVERS[:3], check_every_s=1.0, health=well)
    show_balancer(stage, balancer)
    send_requests(stage, balancer, rate_per_s=4.0, mean_s=0.3, until_s=len(probes) + 0.5, seed=7)
    server = balancer.server("web-2")
    for second, answers in enumerate(probes):
        stage.at(second + 0.5, "", server.recover if answers else server.crash)


SCENES = ((one_dies, {"none": 0, "one": 1}, 13.0), (four_rules, RULES, 14.0))
