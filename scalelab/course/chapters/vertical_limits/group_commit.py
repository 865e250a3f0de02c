"""Orders that need a core and then the log disk, which takes all that wait along: group commit."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from scalelab._validate import FloatArray


@dataclass(frozen=True, kw_only=True)
class Commits:
    """When each order came to each of its stations, in seconds.

    A row has five times: the client sends it, a core begins with it, its record is ready, the flush
    that carries it begins, it is on the disk.
    """

    times_s: FloatArray  # shape (orders, 5)
    flushes: int

    @property
    def for_each_flush(self) -> float:
        """Commits that shared a flush, on average."""
        return len(self.times_s) / max(self.flushes, 1)


class _Database:
    """Cores with one line before them, and a log disk that does one flush at a time."""

    def __init__(self, cores: int, work_s: float, flush_s: float, rng: np.random.Generator) -> None:
        self.free, self.work_s, self.flush_s, self.rng = cores, work_s, flush_s, rng
        self.line: list[list[float]] = []
        self.ready: list[list[float]] = []
        self.carried: list[list[float]] = []
        self.done: list[list[float]] = []
        self.flushes = 0
        self._events: list[tuple[float, int, str, list[float]]] = []
        self._drawn = 0

    def later(self, time_s: float, what: str, order: list[float]) -> None:
        heapq.heappush(self._events, (time_s, self._drawn, what, order))
        self._drawn += 1

    def run(self, until_s: float) -> None:
        """Let everything happen that begins before a time, and end what is then under way."""
        while self._events:
            now_s, _, what, order = heapq.heappop(self._events)
            if what == "sent" and now_s < until_s:
                self.line.append([now_s])
            elif what == "worked":
                self.free += 1
                self.ready.append([*order, now_s])
            elif what == "flushed":
                self.done += [[*each, now_s] for each in self.carried]
                for _ in self.carried:
                    self.later(now_s, "sent", [])
                self.carried = []
            self._go_on(now_s)

    def _go_on(self, now_s: float) -> None:
        """Give free cores and a free disk what waits for them."""
        while self.free and self.line:
            self.free -= 1
            took_s = float(self.rng.exponential(self.work_s))
            self.later(now_s + took_s, "worked", [*self.line.pop(0), now_s])
        if self.ready and not self.carried:
            self.carried, self.ready = [[*each, now_s] for each in self.ready], []
            self.flushes += 1
            self.later(now_s + self.flush_s, "flushed", [])


def group_commits(
    clients: int,
    *,
    cores: int,
    work_s: float,
    flush_s: float,
    until_s: float,
    rng: np.random.Generator,
) -> Commits:
    """Let clients commit one order after another: a core's work, then a flush of the log.

    The work is exponential with mean `work_s`. A flush carries all that is ready when it begins;
    who is ready later waits for the next. No order is sent from `until_s` on.
    """
    database = _Database(cores, work_s, flush_s, rng)
    for _ in range(clients):
        database.later(0.0, "sent", [])
    database.run(until_s)
    return Commits(times_s=np.array(database.done).reshape(-1, 5), flushes=database.flushes)
