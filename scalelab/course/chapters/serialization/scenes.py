"""Scene of the chapter on serialization: a deployment on the way, and what it loses."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from scalelab.course.chapters.serialization.rollout import Rollout
from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.workloads.arrivals import poisson_arrivals_until_s

ROW = 42.0
LEGEND: dict[Look, str] = {"record": "session with the coupon", "lost": "session without it"}
SERVERS = [f"server {i + 1}" for i in range(5)]
SESSIONS = [f"session {i + 1}" for i in range(24)]
HABITS = {"builds a new object": False, "changes the one it read": True}
TAKES_S = 0.4


def on_the_way(stage: Stage, keeps: bool) -> None:
    """Update one server after the other, while sessions are read and written back."""
    rollout = Rollout(SERVERS, SESSIONS, keeps=keeps)
    rollout.update(SERVERS[0])
    show_rollout(stage, rollout, SESSIONS)
    stage.at(0.2, "server 1 is new and knows the coupon. The others are old.")
    for i, server in enumerate(SERVERS[1:]):
        stage.at(3.0 + 3 * i, f"{server} gets the new version.", partial(rollout.update, server))
    for session, rng in zip(SESSIONS, np.random.default_rng(7).spawn(len(SESSIONS)), strict=True):
        free_s = 0.5
        for at_s in poisson_arrivals_until_s(0.3, 13.5, rng=rng):
            if at_s >= free_s:  # one request of a session at a time
                server = SERVERS[int(rng.integers(len(SERVERS)))]
                stage.clock.schedule_at(float(at_s), partial(rollout.read, session, server))
                free_s = float(at_s) + TAKES_S
                stage.clock.schedule_at(free_s, partial(rollout.write, session))
    stage.clock.schedule_at(14.5, partial(_tell, stage, rollout))


def _tell(stage: Stage, rollout: Rollout) -> None:
    stage.say(f"All servers are new. {rollout.lost} of {len(SESSIONS)} coupons are lost.")


def show_rollout(stage: Stage, rollout: Rollout, sessions: list[str]) -> None:
    """Show a deployment's servers, and where each session is; nothing is under way yet."""
    stage.noun, stage.height = "session", ROW * len(rollout.versions) + 26
    stage.legend |= LEGEND
    homes = {True: _home(stage, "with the coupon", 24.0), False: _home(stage, "coupon lost", 140.0)}
    boxes, doors = {}, {}
    for i, name in enumerate(rollout.versions):
        y = 22.0 + ROW * i
        boxes[name] = stage.box(Box(label=name, x=306, y=y, width=90, height=22, inside=True))
        doors[name] = stage.place(
            Place(name=name, x=294, y=y + 11, keep="line", dx=-13, most=3, counter="at a server")
        )
    tokens = {session: stage.token(homes[True], "record") for session in sessions}

    def read(original: Any, session: str, server: str) -> None:
        original(session, server)
        stage.move(tokens[session], doors[server])

    def write(original: Any, session: str) -> None:
        original(session)
        kept = rollout.has_coupon(session)
        stage.move(tokens[session], homes[kept], "record" if kept else "lost")

    def look() -> None:
        for name, version in rollout.versions.items():
            stage.state(boxes[name], "new" if version == 2 else "old")

    tap(rollout, "read", read)
    tap(rollout, "write", write)
    stage.watch(look, lambda: {"at a server": rollout.under_way})


def _home(stage: Stage, name: str, y: float) -> int:
    stage.box(Box(label=name, x=6, y=y, width=150, height=72))
    home = Place(name=name, x=18, y=y + 14, keep="line", dx=15, dy=16, columns=9, most=36)
    return stage.place(replace(home, counter=name))


SCENES = ((on_the_way, HABITS, 16.0),)
