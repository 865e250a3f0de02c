"""Tiers one behind another: each with its line, and every request on its way through all."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scalelab.course.stage import Box, Place, Stage, tap
from scalelab.fakes.balancing.web_server import Request, Response, WebServer

ROW = 50.0


def show_tiers(stage: Stage, tiers: Sequence[WebServer]) -> None:
    """Show the line and the workers of each tier, and requests that pass them in order.

    Parameters
    ----------
    stage : Stage
        On whose clock the tiers are; nothing may be under way yet.
    tiers : sequence of WebServer
        In the order in which a request visits them. Clients are distinct, and each has at most
        one request under way.
    """
    stage.height = ROW * len(tiers) + 30
    stage.p99_of = "answered"
    stage.legend |= {"moving": "request"}
    middle = ROW * len(tiers) / 2 + 12
    stage.box(Box(label="users", x=2, y=middle - 14, width=62, height=28))
    users = stage.place(Place(name="the users", x=33, y=middle))
    gone = Place(name="answered", x=33, y=stage.height - 22, keep="out", counter="answered")
    out = stage.place(gone)
    stage.sign(33, stage.height - 6, "answered")
    tokens: dict[str, int] = {}
    shown = [_Tier(stage, tier, 38 + ROW * i, tokens) for i, tier in enumerate(tiers)]
    shown[0].users, shown[-1].out = users, out

    def books() -> dict[str, int]:
        busy = sum(tier.busy_workers for tier in tiers)
        return {"at work": busy, "in line": sum(tier.in_system for tier in tiers) - busy}

    def look() -> None:
        for tier in shown:
            tier.look()

    stage.watch(look, books)


class _Tier:
    """One tier on the stage: who waits there is the first in its line."""

    def __init__(self, stage: Stage, tier: WebServer, y: float, tokens: dict[str, int]) -> None:
        self.stage, self.tier, self.tokens = stage, tier, tokens
        self.users: int | None = None  # where the first finds its requests
        self.out: int | None = None  # where the last sends them
        self._waiting: deque[int] = deque()
        width = 16.0 * tier.workers + 10
        left = 380 - width
        stage.box(Box(label=tier.name, x=left, y=y - 12, width=width, height=24))
        line = Place(name=f"the line of {tier.name}", x=left - 14, y=y, keep="line", dx=-12)
        self.line = stage.place(replace(line, columns=99, most=18, counter="in line"))
        work = Place(name=f"a worker of {tier.name}", x=left + 13, y=y, dx=16)
        work = replace(work, columns=tier.workers, most=tier.workers, counter="at work")
        self.work = stage.place(work)
        tap(tier, "submit", self._submit)

    def _submit(self, original: Any, request: Request, on_done: Any, on_failed: Any) -> None:
        if self.users is not None:
            self.tokens[request.client] = self.stage.token(self.users)
        token, was_busy = self.tokens[request.client], self.tier.busy_workers

        def done(response: Response) -> None:
            if self.out is not None:
                self.stage.move(token, self.out, "good")
            on_done(response)

        original(request, done, on_failed)
        if self.tier.busy_workers > was_busy:
            self.stage.move(token, self.work)
        else:
            self.stage.move(token, self.line)
            self._waiting.append(token)

    def look(self) -> None:
        """Let begin who has left the line, the first first."""
        while len(self._waiting) > self.tier.in_system - self.tier.busy_workers:
            self.stage.move(self._waiting.popleft(), self.work)
