"""A connection pool: its line, its connections, and the attempts that nobody waits for any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.fakes.pooling.pool_types import Lease, PoolTimeoutError

LEGEND: dict[Look, str] = {
    "moving": "first attempt",
    "again": "attempt again",
    "good": "answered in time",
    "ghost": "nobody waits for it any more",
    "lost": "timed out or refused",
}
ENDS = {  # what is counted there, its name, where it is, and the sign at it
    "answered": ("answered", 412.0, 47.0, (398.0, 24.0, "answered", "end")),
    "for_nobody": ("answered for nobody", 412.0, 150.0, (398.0, 172.0, "for nobody", "end")),
    "timed_out": ("timed out in line", 160.0, 216.0, (160.0, 226.0, "timed out", "middle")),
    "rejected": ("refused", 32.0, 210.0, (32.0, 226.0, "refused", "middle")),
}


def show_pool(stage: Stage, pool: FakeConnectionPool, load: PoolLoad) -> None:
    """Show a pool and the callers of a load, both on `stage.clock`."""
    stage.height, stage.noun = 236.0, "attempt"
    stage.legend |= LEGEND
    stage.box(Box(label="callers", x=2, y=30, width=62, height=28))
    height = 26.0 * pool.max_size + 8
    stage.box(Box(label="connections", x=264, y=30, width=30, height=height))
    stage.box(Box(label="line", x=72, y=30, width=176, height=176))

    def books() -> dict[str, int]:
        stats = pool.stats()
        return {
            "in line": stats.waiting,
            "connections in use": stats.borrowed,
            "timed out in line": stats.timed_out,
            "refused": stats.rejected,
        }

    attempts = _Attempts(stage, pool.max_size)
    tap(pool, "request", attempts.request)
    load.watch(attempts.hear)
    stage.watch(lambda: None, books)


class _Attempts:
    """The attempts of all callers on the stage."""

    def __init__(self, stage: Stage, connections: int) -> None:
        self.stage = stage
        self.door = stage.place(Place(name="the callers", x=33, y=44))
        line = Place(name="the line", x=238, y=42, keep="line", dx=-12, dy=13, columns=14)
        self.line = stage.place(replace(line, most=14 * 13, counter="in line"))
        lent = Place(name="a connection", x=279, y=47, dy=26, most=connections)
        self.lent = stage.place(replace(lent, counter="connections in use"))
        self.ends = {}
        for what, (name, x, y, sign) in ENDS.items():
            self.ends[what] = stage.place(Place(name=name, x=x, y=y, keep="out", counter=name))
            stage.sign(*sign)
        self._asking = (0, 0)  # caller and attempt that asks for a connection now
        self._tokens: dict[tuple[int, int], int] = {}
        self._gone: set[int] = set()

    def hear(self, what: str, caller: int, attempt: int) -> None:
        """Follow what the load counts."""
        token = self._tokens.get((caller, attempt))
        if what == "started":
            self._asking = (caller, attempt)
        elif token is not None and what == "given_up" and token not in self._gone:
            self.stage.look(token, "ghost")
        elif token is not None and what in self.ends:
            self.stage.move(token, self.ends[what], "good" if what == "answered" else "ghost")

    def request(self, original: Any, on_granted: Any, on_failed: Any, **options: Any) -> None:
        """Stand before the pool's `request`."""
        look: Look = "moving" if self._asking[1] == 1 else "again"
        token = self._tokens[self._asking] = self.stage.token(self.door, look)
        self.stage.move(token, self.line)

        def granted(lease: Lease) -> None:
            self.stage.move(token, self.lent)
            on_granted(lease)

        def failed(error: Exception) -> None:
            self._gone.add(token)
            kind = "timed_out" if isinstance(error, PoolTimeoutError) else "rejected"
            self.stage.move(token, self.ends[kind], "lost")
            on_failed(error)

        original(granted, failed, **options)
