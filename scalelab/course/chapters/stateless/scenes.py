"""Scene of the chapter on stateless services: where the carts are when something dies."""

from __future__ import annotations

from functools import partial

import numpy as np

from scalelab.course.shows.homes import by_memory, by_store, show_homes
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore

SERVERS = ("web-1", "web-2", "web-3")
USERS = [f"user-{i}" for i in range(18)]
PLACES = {"memory of the servers": False, "shared store": True}


def bad_day(stage: Stage, stored: bool) -> None:
    """Let a server die, then a deployment restart all of them, then the store die."""
    policy, rng = "random" if stored else "cookie", np.random.default_rng(5)
    balancer = LoadBalancer(stage.clock, SERVERS, policy, retries=1, workers=3, rng=rng)
    sessions = MemorySessions(balancer, service_s=0.25)
    store = SessionStore(stage.clock, ttl_s=1e6, round_trip_s=0.0)
    show_homes(stage, sessions, SERVERS, store)
    log_in, ask = by_store(sessions, store) if stored else by_memory(sessions)
    for start_s, verb in ((0.5, log_in), (4.2, ask), (9.2, ask), (14.2, ask)):
        for i, user in enumerate(USERS):
            stage.clock.schedule_at(start_s + 0.15 * i, partial(verb, user))
    web_2 = balancer.server("web-2")
    stage.at(0.3, "Eighteen users log in.")
    stage.at(3.9, "web-2 dies. Then everybody asks for the cart.", web_2.crash)
    stage.at(7.9, "web-2 is back. Its memory is empty.", web_2.recover)
    stage.at(8.9, "A deployment restarts every server.", partial(_deploy, balancer))
    stage.at(13.9, "The store dies.", store.crash)


def _deploy(balancer: LoadBalancer) -> None:
    for name in balancer.servers:
        balancer.server(name).restart()


SCENES = ((bad_day, PLACES, 18.0),)
