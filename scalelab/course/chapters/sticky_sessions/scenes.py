"""Scene of the chapter on sticky sessions: a server comes, another dies; who finds the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from scalelab.course.chapters.sticky_sessions.experiments import METHODS, sticky_balancer
from scalelab.course.shows.homes import by_memory, show_homes
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sessions.memory_sessions import MemorySessions

SERVERS = ("web-1", "web-2", "web-3", "web-4")
USERS = [f"guest-{i}" for i in range(24)]
UNTIL_S = 16.0
WAYS = dict(zip(("cookie", "hash modulo n", "rendezvous hash"), METHODS, strict=False))


Choose = Callable[[str, list[str]], str]


def comes_and_goes(stage: Stage, method: str) -> None:
    """Add a fourth server, later let one crash; all users ask after each."""
    balancer = sticky_balancer(method, 3, 0.4, clock=stage.clock, workers=4)
    _play(stage, balancer, USERS, SERVERS, "web-2")
    stage.at(0.3, "Twenty-four users log in.")


def own_hash(
    stage: Stage, choose: Choose, sessions: list[str], servers: list[str], dead: str, new: str
) -> None:
    """Let a function of the lab's choose the server; first the new one comes, then one dies."""
    balancer = LoadBalancer(stage.clock, servers, _Own(choose), check_every_s=0.4, workers=4)
    users = sessions[: len(USERS)]
    _play(stage, balancer, users, [*servers, new], dead)
    stage.at(0.3, f"{len(users)} users log in.")


def _play(
    stage: Stage, balancer: LoadBalancer, users: Sequence[str], servers: Sequence[str], dead: str
) -> None:
    """Let users log in, then the last of the servers come, then one die; all ask after each."""
    sessions = MemorySessions(balancer, service_s=0.25)
    show_homes(stage, sessions, servers)
    log_in, ask = by_memory(sessions)
    for start_s, verb in ((0.5, log_in), (4.2, ask), (11.2, ask)):
        for i, user in enumerate(users):
            stage.clock.schedule_at(start_s + 0.12 * i, partial(verb, user))
    new = servers[-1]
    stage.at(3.9, f"{new} comes. Everybody asks again.", partial(balancer.add_server, new))
    stage.at(9.3, f"{dead} dies.", balancer.server(dead).crash)
    stage.at(11.0, "The balancer has noticed. Everybody asks again.")


class _Own(Router):
    """A router that asks a function of the lab's."""

    def __init__(self, choose: Choose) -> None:
        super().__init__()
        self._choose = choose

    def _owner(self, key: Any) -> Any:
        return self._choose(key, list(self.nodes))


SCENES = ((comes_and_goes, WAYS, UNTIL_S),)
