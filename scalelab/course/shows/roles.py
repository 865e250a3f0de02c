"""Servers that are primary, standby or off, and the writes that they confirmed and lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.replication.replicated_store import ReplicatedStore

LEGEND: dict[Look, str] = {"good": "confirmed write", "lost": "confirmed write that is lost"}
MOST = 6  # servers side by side


def show_roles(stage: Stage, store: ReplicatedStore, names: Sequence[str]) -> None:
    """Show who is primary, who is off, and what becomes of each confirmed write.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, and all its nodes are up.
    store : ReplicatedStore
        Up to six nodes.
    names : sequence of str
        What its nodes are called, in their order.
    """
    _Roles(stage, store, names)


class _Roles:
    """A box for each server, and two places for the writes."""

    def __init__(self, stage: Stage, store: ReplicatedStore, names: Sequence[str]) -> None:
        self.stage, self.store = stage, store
        self._off: set[str] = set()
        self._tokens: list[int] = []
        self._lost: set[int] = set()
        stage.height, stage.noun = 150.0, "write"
        stage.legend |= LEGEND
        step = min(78.0, 380 / len(names))
        self._boxes = {
            node: stage.box(
                Box(label=name, x=20 + step * i, y=30, width=min(54.0, step - 8), height=34)
            )
            for i, (node, name) in enumerate(zip(store.nodes, names, strict=True))
        }
        self._kept, self._gone = (
            stage.place(Place(name=name, x=x, y=118, keep="out", counter=name))
            for name, x in (("confirmed", 90.0), ("lost", 280.0))
        )
        for name, x in (("confirmed", 90.0), ("lost", 280.0)):
            stage.sign(x, 142, name)
        tap(store.failover, "crash", self._crash)
        tap(store.failover, "restart", self._restart)
        stage.watch(self._look, self._books)

    def _crash(self, original: Any, node: str) -> None:
        self._off.add(node)
        original(node)

    def _restart(self, original: Any, node: str) -> None:
        self._off.discard(node)
        original(node)

    def _look(self) -> None:
        primaries = set(self.store.failover.primaries())
        for node, box in self._boxes.items():
            role = "primary" if node in primaries else "off" if node in self._off else ""
            split = len(primaries) > 1 and node in primaries
            self.stage.state(box, role, bad=split or node in self._off)
        writes, lost = self.store.acknowledged_writes(), set(self.store.lost_writes())
        for i, write in enumerate(writes):
            if i == len(self._tokens):
                self._tokens.append(self.stage.token(self._kept, "good"))
            if write in lost and i not in self._lost:
                self._lost.add(i)
                self.stage.move(self._tokens[i], self._gone, "lost")

    def _books(self) -> dict[str, int]:
        lost = len(self._lost)
        return {"confirmed": len(self.store.acknowledged_writes()) - lost, "lost": lost}
