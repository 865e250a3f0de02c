"""Scene of the chapter on sticky sessions: a server comes, another dies; who finds the session."""

from __future__ import annotations

from functools import partial

from scalelab.course.chapters.sticky_sessions.experiments import METHODS, sticky_balancer
from scalelab.course.shows.homes import by_memory, show_homes
from scalelab.course.stage import Stage
from scalelab.fakes.sessions.memory_sessions import MemorySessions

SERVERS = ("web-1", "web-2", "web-3", "web-4")
USERS = [f"guest-{i}" for i in range(24)]
WAYS = dict(zip(("cookie", "hash modulo n", "rendezvous hash"), METHODS, strict=False))


def comes_and_goes(stage: Stage, method: str) -> None:
    """Add a fourth server, later let one crash; all users ask after each."""
    balancer = sticky_balancer(method, 3, 0.4, clock=stage.clock, workers=4)
    sessions = MemorySessions(balancer, service_s=0.25)
    show_homes(stage, sessions, SERVERS)
    log_in, ask = by_memory(sessions)
    for start_s, verb in ((0.5, log_in), (4.2, ask), (11.2, ask)):
        for i, user in enumerate(USERS):
            stage.clock.schedule_at(start_s + 0.12 * i, partial(verb, user))
    stage.at(0.3, "Twenty-four users log in.")
    stage.at(3.9, "web-4 comes. Everybody asks again.", partial(balancer.add_server, "web-4"))
    stage.at(9.3, "web-2 dies.", balancer.server("web-2").crash)
    stage.at(11.0, "The balancer has noticed. Everybody asks again.")


SCENES = ((comes_and_goes, WAYS, 16.0),)
