"""Two places with a copy of the data each, clients in both, and a cut between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.replication.replicated_store import ReplicatedStore

LEGEND: dict[Look, str] = {
    "moving": "write",
    "record": "record of the log",
    "good": "confirmed",
    "miss": "no answer",
    "lost": "confirmed, then lost",
}
XS = (100.0, 300.0)


def show_partition(stage: Stage, store: ReplicatedStore, clients: Sequence[str]) -> None:
    """Show writes of two places, the log between their copies, and what became of each write.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, and nothing is under way.
    store : ReplicatedStore
        Of two nodes.
    clients : sequence of str
        The clients in the place of the first node, and those in the place of the second.
    """
    _Partition(stage, store, clients)


class _Partition:
    """A box for each copy, its clients above it, and three places for the writes below."""

    def __init__(self, stage: Stage, store: ReplicatedStore, clients: Sequence[str]) -> None:
        self.stage, self.store = stage, store
        stage.height, stage.noun = 214.0, "write"
        stage.legend |= LEGEND
        self._nodes, self._clients = tuple(store.nodes), tuple(clients)
        self._boxes = [
            stage.box(Box(label=name, x=x - 48, y=90, width=96, height=34, inside=True))
            for name, x in zip(("copy in the east", "copy in the west"), XS, strict=True)
        ]
        self._doors = {
            node: stage.place(Place(name=f"the {node}", x=x, y=107, keep="out", half=(48, 17)))
            for node, x in zip(self._nodes, XS, strict=True)
        }
        self._lines = {}
        for client, x in zip(self._clients, XS, strict=True):
            stage.sign(x, 20, client)
            self._lines[client] = stage.place(
                Place(name=client, x=x - 60, y=44, keep="line", dx=15, columns=99, most=8,
                      counter="waiting")
            )  # fmt: skip
        self._ends = {}
        for name, x in (("confirmed", 80.0), ("no answer", 200.0), ("lost", 320.0)):
            self._ends[name] = stage.place(Place(name=name, x=x, y=176, keep="out", counter=name))
            stage.sign(x, 202, name)
        self._confirmed: list[int] = []
        self._lost: set[int] = set()
        tap(store, "submit_put", self._put)
        tap(store.network, "send", self._send)
        stage.watch(self._look, self._books)

    def _put(
        self, original: Any, key: Any, value: Any, on_done: Any, on_failed: Any, **rest: Any
    ) -> None:
        token = self.stage.token(self._lines[rest["client"]], "moving", str(value))

        def done(write: Any) -> None:
            self.stage.move(token, self._ends["confirmed"], "good")
            self._confirmed.append(token)
            on_done(write)

        def failed(error: Exception) -> None:
            self.stage.move(token, self._ends["no answer"], "miss")
            on_failed(error)

        original(key, value, done, failed, **rest)

    def _send(
        self, original: Any, source: str, target: str, message: Any, on_delivered: Any
    ) -> None:
        if isinstance(message, list) and {source, target} <= set(self._nodes):
            sent_s = self.stage.clock.now_s
            token = self.stage.token(self._doors[source], "record")

            def delivered(what: Any) -> None:
                self.stage.move(token, self._doors[target], since_s=sent_s)
                on_delivered(what)

            original(source, target, message, delivered)
        else:
            original(source, target, message, on_delivered)

    def _look(self) -> None:
        primaries = set(self.store.failover.primaries())
        for node, box in zip(self._nodes, self._boxes, strict=True):
            said = "takes writes" if node in primaries else "follows"
            self.stage.state(box, said, bad=len(primaries) > 1)
        lost = set(self.store.lost_writes())
        for i, write in enumerate(self.store.acknowledged_writes()[: len(self._confirmed)]):
            if write in lost and i not in self._lost:
                self._lost.add(i)
                self.stage.move(self._confirmed[i], self._ends["lost"], "lost")

    def _books(self) -> dict[str, int]:
        stats, lost = self.store.stats(), len(self._lost)
        return {
            "waiting": stats.pending,
            "confirmed": len(self.store.acknowledged_writes()) - lost,
            "no answer": stats.refused + stats.timed_out,
            "lost": lost,
        }
