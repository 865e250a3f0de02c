"""A primary, the log on its way to replicas, and what clients read where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import Read, Write

LEGEND: dict[Look, str] = {
    "moving": "request",
    "record": "record of the log",
    "good": "answer, up to date",
    "lost": "answer, an old version",
}
SLOTS = 11  # records that are drawn in a row
ROW = 62.0


def show_replicas(stage: Stage, store: ReplicatedStore, clients: Sequence[str] = ()) -> None:
    """Show requests of clients, records on the way, received and applied, and who reads what.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, nothing is under way, and the disks take no time.
    store : ReplicatedStore
        Its first primary stands in the middle; up to three replicas have a row each.
    clients : sequence of str
        Those who get a box of their own, from above; all others share one.
    """
    _Replicas(stage, store, clients)


@dataclass
class _Row:
    """The records that were sent to one replica, in the order of the log."""

    tokens: list[int] = field(default_factory=list)
    sent_s: dict[int, float] = field(default_factory=dict)  # by number in the log, at first
    received: int = 0
    applied: int = 0


class _Replicas:
    """The picture: a dot for each record at each node, and one for each request."""

    def __init__(self, stage: Stage, store: ReplicatedStore, clients: Sequence[str]) -> None:
        self.stage, self.store = stage, store
        self._rows = {name: _Row() for name in store.replicas}
        self._answers = {"writes acknowledged": 0, "fresh reads": 0, "stale reads": 0}
        self._scenery(tuple(clients) or ("clients",))
        tap(store.network, "send", self._send)
        stage.watch(self._look, self._books)

    def _scenery(self, clients: tuple[str, ...]) -> None:
        stage, replicas = self.stage, self.store.replicas
        stage.height = ROW * max(len(replicas), len(clients)) + 20
        stage.legend |= LEGEND
        middle = stage.height / 2
        self._boxes: dict[str, int] = {}
        self._doors: dict[str, int] = {}
        self._ends: dict[tuple[str, str], int] = {}
        for i, name in enumerate(clients):
            y = middle + ROW * (i - (len(clients) - 1) / 2)
            self._door(name, name, 34.0, y, 60.0)
            for what in self._answers:
                place = Place(name=f"{name}, {what}", x=34, y=y, keep="out", counter=what)
                self._ends[name, what] = stage.place(place)
        self._shared = clients[-1]
        self._door(self.store.primary, "primary", 152.0, middle, 64.0)
        self._source = stage.place(
            Place(name="the primary's log", x=152, y=middle, keep="out", half=(32, 15))
        )
        self._received, self._applied = {}, {}
        for i, name in enumerate(replicas):
            y = middle + ROW * (i - (len(replicas) - 1) / 2)
            self._door(name, f"replica {i + 1}", 310.0, y, 164.0, 40.0)
            row = {"dx": 12.0, "columns": 99, "most": SLOTS}
            self._received[name] = stage.place(
                Place(
                    name=f"received by replica {i + 1}",
                    x=236,
                    y=y - 9,
                    keep="line",
                    counter="received, not applied",
                    **row,  # type: ignore[arg-type]
                )
            )
            self._applied[name] = stage.place(
                Place(
                    name=f"applied by replica {i + 1}",
                    x=236,
                    y=y + 9,
                    keep="line",
                    counter="applied",
                    **row,  # type: ignore[arg-type]
                )
            )

    def _door(
        self, name: str, label: str, x: float, y: float, width: float, height: float = 30.0
    ) -> None:
        """Put a box on the stage, and the place where requests enter and leave it."""
        inside = height < 40
        box = Box(
            label=label,
            x=x - width / 2,
            y=y - height / 2,
            width=width,
            height=height,
            inside=inside,
        )
        self._boxes[name] = self.stage.box(box)
        half = (width / 2, height / 2)
        self._doors[name] = self.stage.place(Place(name=label, x=x, y=y, keep="out", half=half))

    def _send(
        self, original: Any, source: str, target: str, message: Any, on_delivered: Any
    ) -> None:
        between = {source, target} <= set(self.store.nodes)
        if between and isinstance(message, list):
            self._ship(original, source, target, message, on_delivered)
        elif between:  # a replica says how far it is
            original(source, target, message, on_delivered)
        else:
            self._ask(original, source, target, message, on_delivered)

    def _ship(
        self, original: Any, source: str, target: str, message: Any, on_delivered: Any
    ) -> None:
        row, sent_s = self._rows[target], self.stage.clock.now_s
        for entry in message:
            if entry.position.lsn not in row.sent_s:
                row.tokens.append(self.stage.token(self._source, "record"))
                row.sent_s[entry.position.lsn] = sent_s

        original(source, target, message, on_delivered)

    def _ask(
        self, original: Any, source: str, target: str, message: Any, on_delivered: Any
    ) -> None:
        look: Look = "moving"
        end = self._doors.get(target, self._doors[self._shared])
        kind = ""
        if isinstance(message, Write):
            look, kind = "good", "writes acknowledged"
        elif isinstance(message, Read):
            stale = message.version < self.store.version_of(message.key)
            look, kind = ("lost", "stale reads") if stale else ("good", "fresh reads")
        if kind:
            end = self._ends[target if (target, kind) in self._ends else self._shared, kind]
        token = self.stage.token(self._doors.get(source, self._doors[self._shared]), look)
        sent_s = self.stage.clock.now_s

        def delivered(what: Any) -> None:
            self.stage.move(token, end, since_s=sent_s)
            if kind:
                self._answers[kind] += 1
            on_delivered(what)

        original(source, target, message, delivered)

    def _look(self) -> None:
        for name, row in self._rows.items():
            lag = self.store.lag(name)
            while row.received < len(row.tokens) - lag.in_flight:
                token, sent_s = row.tokens[row.received], list(row.sent_s.values())[row.received]
                self.stage.move(token, self._received[name], since_s=sent_s)
                row.received += 1
            while row.applied < len(row.tokens) - lag.entries:
                self.stage.move(row.tokens[row.applied], self._applied[name])
                row.applied += 1
        up = set(self.store.failover.primaries())
        for name in self._applied:
            self.stage.state(self._boxes[name], "primary now" if name in up else "")

    def _books(self) -> dict[str, int]:
        lags = [self.store.lag(name) for name in self.store.replicas]
        return {
            "received, not applied": sum(lag.entries - lag.in_flight for lag in lags),
            **self._answers,
        }
