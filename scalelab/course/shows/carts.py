"""Requests that add to carts on servers with one store: what is shown, and what is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage
from scalelab.course.values import short

ROW, STEP_S = 50.0, 1.5
LEGEND: dict[Look, str] = {
    "moving": "request",
    "good": "shows the whole cart",
    "lost": "shows another cart; item lost",
    "record": "item in the store",
}
RIGHT, WRONG, LOST, KEPT = "right carts", "wrong carts", "items lost", "items in the store"
ENDS: dict[bool, tuple[str, Look]] = {True: (RIGHT, "good"), False: (WRONG, "lost")}
Way = list[tuple[float, int, Look]]


@dataclass(frozen=True)
class Added:
    """What came of one request: an item for a user, on a server that may just have restarted."""

    user: str
    item: str
    server: int
    restarted: bool
    shown: Any
    """The cart that the user sees."""
    kept: Any
    """What the store then has for the user; None where it has nothing."""


def lasts_s(requests: int) -> float:
    """Return how long a story of so many requests is, in seconds."""
    return STEP_S * requests + 1.0


def show_carts(stage: Stage, story: Sequence[Added], servers: int) -> None:
    """Show requests one after the other, each with what its user then sees.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the story says all.
    story : sequence of Added
        In order; servers are counted from 1.
    servers : int
        How many there are.
    """
    carts = _Carts(stage, servers)
    for number, added in enumerate(story):
        carts.add(0.5 + STEP_S * number, added)
    for way in carts.ways:
        stage.history(way)


class _Carts:
    """The picture, and the way of each request and of each item in the store."""

    def __init__(self, stage: Stage, servers: int) -> None:
        self.stage = stage
        self.ways: list[Way] = []
        self._items: dict[str, list[Way]] = defaultdict(list)
        self._asked: dict[str, list[str]] = defaultdict(list)
        self._counts = dict.fromkeys((RIGHT, WRONG, LOST, KEPT), 0)
        stage.height = ROW * servers + 46
        stage.legend |= LEGEND
        middle = ROW * servers / 2 + 8
        stage.box(Box(label="users", x=2, y=middle - 14, width=54, height=28))
        stage.box(Box(label="store", x=268, y=26, width=130, height=ROW * servers - 24))
        self._users = stage.place(Place(name="the users", x=29, y=middle))
        self._boxes, self._servers = [], []
        for i in range(servers):
            name, y = f"server {i + 1}", 26 + ROW * i
            self._boxes.append(stage.box(Box(label=name, x=120, y=y, width=78, height=26)))
            self._servers.append(stage.place(Place(name=name, x=159, y=y + 13)))
        shelf = Place(name="the store", x=280, y=40, keep="line", dx=14, dy=14, columns=8, most=56)
        self._store = stage.place(replace(shelf, counter=KEPT))
        self._ends = {}
        for x, name in ((70, RIGHT), (180, WRONG), (300, LOST)):
            end = Place(name=name, x=x, y=stage.height - 22, keep="out", counter=name)
            self._ends[name] = stage.place(end)
            stage.sign(x, stage.height - 6, name)

    def add(self, at_s: float, added: Added) -> None:
        """Show one request from `at_s` on."""
        server = self._servers[added.server - 1]
        self._asked[added.user].append(added.item)
        right = bool(added.shown == self._asked[added.user])
        end, look = ENDS[right]
        way: Way = [(at_s, self._users, "moving"), (at_s + 0.1, server, "moving")]
        self.ways.append([*way, (at_s + 1.0, self._ends[end], look)])
        self._counts[end] += 1
        self._keep(at_s + 0.6, server, added)
        again = ", just restarted" if added.restarted else ""
        said = f"{added.user} adds {added.item} on server {added.server}{again}, and sees "
        self.stage.at(at_s, f"{said}{short(added.shown, 60)}.")
        box = self._boxes[added.server - 1]
        self.stage.state_at(at_s, box, "restarted" if added.restarted else "")
        self.stage.books.append((round(1000 * (at_s + 1.0)), dict(self._counts)))

    def _keep(self, at_s: float, server: int, added: Added) -> None:
        """Let items go into the store or out of it, until it has as many as it has."""
        items, kept = self._items[added.user], added.kept
        now = len(kept) if isinstance(kept, list) else int(kept is not None)
        self._counts[KEPT] += now - len(items)
        while len(items) < now:
            items.append([(at_s, server, "record"), (at_s, self._store, "record")])
            self.ways.append(items[-1])
        while len(items) > now:
            items.pop().append((at_s, self._ends[LOST], "lost"))
            self._counts[LOST] += 1
