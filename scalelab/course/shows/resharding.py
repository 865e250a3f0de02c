"""Rows that move to other nodes while they are written: where each copy is, and which are wrong."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.live_resharding import LiveResharding, Step

Home = tuple[Hashable, Hashable]  # node and key
ROW = 54.0
RIGHT, WRONG, DROPPED = "copies as written", "wrong copies", "copies dropped"
LEGEND: dict[Look, str] = {
    "record": "row, as it was last written",
    "lost": "older row, or one that was deleted",
    "ghost": "copy that yields",
    "moving": "write or delete",
}
SAID = {
    Step.OLD_NODES_ONLY: "Readers look at the old nodes.",
    Step.NEW_NODES_ADDED: "The new nodes are there.",
    Step.DOUBLE_WRITING: "From now on a row that moves is written in both places.",
    Step.BACKFILLED: "The backfill has come to its last row.",
    Step.VERIFIED: "Both copies are equal.",
    Step.READS_SWITCHED: "Readers look at the new copy now.",
    Step.DOUBLE_WRITES_STOPPED: "Only the new copy is written.",
    Step.CLEANED_UP: "The old copies of what has moved are gone.",
}


def show_resharding(stage: Stage, moving: LiveResharding, before: Router, after: Router) -> None:
    """Show the rows of each node, the backfill's copies under way, and what clients write.

    Parameters
    ----------
    stage : Stage
        The move is on its clock.
    moving : LiveResharding
        Without rows yet.
    before, after : Router
        Those of the move.
    """
    _Nodes(stage, moving, before, after)


class _Nodes:
    """The picture: a dot for each copy of a row, where it is right or where it is wrong."""

    def __init__(self, stage: Stage, moving: LiveResharding, before: Router, after: Router) -> None:
        self.stage, self.moving, self.before, self.after = stage, moving, before, after
        self.names = list(dict.fromkeys((*before.nodes, *after.nodes)))
        self._written: dict[Hashable, Any] = {}  # what clients wrote last; None is a delete
        self._dots: dict[Home, tuple[int, bool]] = {}  # the copy, and whether it stands as right
        self._copies: dict[Hashable, tuple[int, float]] = {}  # under way: token, since when
        self._step = moving.step
        self._scenery()
        tap(moving, "put", self._put)
        tap(moving, "delete", self._delete)
        moving.watch(self._backfill)
        stage.watch(self._look, self._books)

    def _scenery(self) -> None:
        stage = self.stage
        stage.height, stage.noun = ROW * len(self.names) + 40, "copy"
        stage.legend |= LEGEND
        middle = ROW * len(self.names) / 2 + 6
        stage.box(Box(label="clients", x=2, y=middle - 14, width=62, height=28))
        self._clients = stage.place(Place(name="the clients", x=33, y=middle))
        self._right, self._bad, self._doors, self._starts = {}, {}, {}, {}
        for i, name in enumerate(self.names):
            y = 22 + ROW * i
            stage.box(Box(label=f"{name}", x=118, y=y, width=278, height=34))
            line = Place(name=f"on {name}", x=130, y=y + 11, keep="line", dx=14, dy=13)
            right = replace(line, columns=13, most=26, counter=RIGHT)
            bad = replace(line, name=f"wrong on {name}", x=332, columns=5, most=10, counter=WRONG)
            self._right[name], self._bad[name] = stage.place(right), stage.place(bad)
            door = Place(name=f"the door of {name}", x=108, y=y + 17, keep="out")
            self._doors[name] = stage.place(door)
            self._starts[name] = stage.place(Place(name=f"read on {name}", x=300, y=y + 17))
        low = stage.height - 20
        gone = Place(name="removed", x=200, y=low, keep="out")
        dropped = Place(name=DROPPED, x=320, y=low, keep="out", counter=DROPPED)
        self._gone, self._dropped = stage.place(gone), stage.place(dropped)
        stage.sign(200, stage.height - 4, "removed")
        stage.sign(320, stage.height - 4, DROPPED)

    # What clients do, and the backfill ------------------------------------------------------

    def _put(self, original: Any, key: Hashable, value: Any) -> int:
        version: int = original(key, value)
        self._write(key, value)
        return version

    def _delete(self, original: Any, key: Hashable) -> int:
        version: int = original(key)
        self._write(key, None)
        return version

    def _write(self, key: Hashable, value: Any) -> None:
        self._written[key] = value
        switched = self.moving.step >= Step.READS_SWITCHED
        node = (self.after if switched else self.before).node_for(key)
        self.stage.move(self.stage.token(self._clients), self._doors[node])

    def _backfill(self, what: str, key: Hashable, kept: bool = False) -> None:
        """Let a copy leave its old node, and arrive; what is kept is then the new node's row."""
        old = self.before.node_for(key)
        if what == "read":
            if key in self.moving.rows_on(old):
                token = self.stage.token(self._starts[old], "record")
                self._copies[key] = token, self.stage.clock.now_s
            return
        token, since_s = self._copies.pop(key, (-1, 0.0))
        home = self.after.node_for(key), key
        if token >= 0 and kept:
            self._remove(home)  # what was there is overwritten
            self.stage.move(token, self._right[home[0]], since_s=since_s)
            self._dots[home] = token, True
        elif token >= 0:
            self.stage.move(token, self._dropped, "ghost", since_s=since_s)

    # What the nodes have --------------------------------------------------------------------

    def _remove(self, home: Home) -> None:
        if home in self._dots:
            self.stage.move(self._dots.pop(home)[0], self._gone)

    def _look(self) -> None:
        there = self._there()
        for home in [home for home in self._dots if home not in there]:
            self._remove(home)
        for home, right in there.items():
            place, look = self._place(home[0], right)
            if home not in self._dots:
                self._dots[home] = self.stage.token(place, look), right
            elif self._dots[home][1] != right:
                token = self._dots[home][0]
                self.stage.move(token, place, look)
                self._dots[home] = token, right
        if self.moving.step != self._step:
            self._step = self.moving.step
            self.stage.say(SAID[self._step])

    def _place(self, node: Hashable, right: bool) -> tuple[int, Look]:
        return (self._right[node], "record") if right else (self._bad[node], "lost")

    def _there(self) -> dict[Home, bool]:
        """Return every copy on the nodes, and whether it is what was last written."""
        return {
            (node, key): value == self._written.get(key)
            for node in self.names
            for key, value in self.moving.rows_on(node).items()
        }

    def _books(self) -> dict[str, int]:
        there = self._there().values()
        return {RIGHT: sum(there), WRONG: len(there) - sum(there)}
