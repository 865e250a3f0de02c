"""The scene of the chapter on diagonal scaling: a shop's three tiers, one of them doubled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from scalelab.course.chapters.diagonal.experiments import DEMANDS_S
from scalelab.course.shows.tiers import show_tiers
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import VirtualClock

SLOWER = 100.0  # a request's work in slow motion; users think as fast as ever
USERS = 20
UNTIL_S = 12.0
DOUBLED = {"nothing": "", "application": "application", "cache": "cache", "database": "database"}


def open_shop(
    clock: VirtualClock, doubled: str, answered: Callable[[], object] = lambda: None
) -> list[WebServer]:
    """Start a shop of three tiers with its users; `answered` is called at each answer."""
    demands_s = {t: SLOWER * s / (2 if t == doubled else 1) for t, s in DEMANDS_S.items()}
    tiers = [WebServer(clock, name) for name in demands_s]
    draws = {user: np.random.default_rng(user) for user in range(USERS)}  # one stream a user

    def think(user: int) -> None:
        clock.schedule(float(draws[user].exponential(1.0)), partial(ask, user, 0))

    def ask(user: int, visited: int) -> None:
        if visited == len(tiers):
            answered()
            think(user)
            return
        tier = tiers[visited]
        service_s = demands_s[tier.name] * float(draws[user].exponential(1.0))
        request = Request(client=str(user), service_s=service_s)
        tier.submit(request, lambda _: ask(user, visited + 1), _never)

    for user in range(USERS):
        think(user)
    return tiers


def one_doubled(stage: Stage, doubled: str) -> None:
    """Let users ask the shop, one of whose tiers may do its work in half the time."""
    show_tiers(stage, open_shop(stage.clock, doubled))
    stage.at(0.0, "Each user thinks, asks, and waits for the answer of all three tiers.")
    stage.at(UNTIL_S - 2, "Where is the line, and how many are answered?")


def _never(error: Exception) -> None:
    raise error


SCENES = ((one_doubled, DOUBLED, UNTIL_S),)
