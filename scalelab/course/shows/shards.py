"""Requests in line at the shards of a store, and the rows that each shard has."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.sharding.sharded_store import ShardedStore

ROW = 62.0
LEGEND: dict[Look, str] = {
    "moving": "write, or lookup of a row",
    "again": "question, one for each shard asked",
    "record": "row",
}
VERBS: dict[str, Look] = {
    "submit_put": "moving",
    "submit_delete": "moving",
    "submit_get": "moving",
    "submit_query": "again",
}
ROWS, WAITING, ANSWERS = "rows", "in line", "answers"
SERVED = {"writes": "moving", "reads": "moving", "queries": "again"}  # by the look of the request


def show_shards(stage: Stage, store: ShardedStore) -> None:
    """Show each request in the line of its shard, and a dot for each row.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, and empty.
    store : ShardedStore
        Of up to five shards, which stay up.
    """
    _Shards(stage, store)


class _Shards:
    """The picture: a line before each shard, and its rows in it."""

    def __init__(self, stage: Stage, store: ShardedStore) -> None:
        self.stage, self.store = stage, store
        self._lines: dict[Hashable, list[tuple[Look, int]]] = {name: [] for name in store.shards}
        self._rows: dict[Hashable, list[int]] = {name: [] for name in store.shards}
        self._seen = self._loads()
        self._scenery()
        for verb, look in VERBS.items():
            tap(store, verb, partial(self._ask, look))
        stage.watch(self._look, self._books)

    def _scenery(self) -> None:
        stage, names = self.stage, self.store.shards
        stage.height = ROW * len(names) + 12
        stage.legend |= LEGEND
        middle = ROW * len(names) / 2 + 12
        stage.box(Box(label="clients", x=2, y=middle - 15, width=62, height=30, inside=True))
        half = (31.0, 15.0)
        self._clients = stage.place(Place(name="the clients", x=33, y=middle, half=half))
        self._ends = {}
        for end, counter in (("answered", ANSWERS), ("removed", "")):
            place = Place(name=end, x=33, y=middle, keep="out", counter=counter, half=half)
            self._ends[end] = stage.place(place)
        self._places: dict[Hashable, int] = {}
        self._homes: dict[Hashable, int] = {}
        for i, name in enumerate(names):
            y = 24 + ROW * i
            stage.box(Box(label=str(name), x=206, y=y, width=190, height=44))
            line = Place(
                name=f"in line at {name}",
                x=192,
                y=y + 22,
                keep="line",
                dx=-12,
                columns=8,
                most=8,
                counter=WAITING,
            )
            self._places[name] = stage.place(line)
            home = Place(
                name=f"on {name}",
                x=218,
                y=y + 12,
                keep="line",
                dx=13,
                dy=14,
                columns=13,
                most=26,
                counter=ROWS,
            )
            self._homes[name] = stage.place(home)

    def _ask(self, look: Look, original: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        before = self.store.loads("requested")
        original(*args, **kwargs)
        for name, count in self.store.loads("requested").items():
            for _ in range(int(count - before[name])):
                token = self.stage.token(self._clients, look)
                self.stage.move(token, self._places[name])
                self._lines[name].append((look, token))

    def _look(self) -> None:
        now = self._loads()
        for name in self.store.shards:
            grown = now["rows"][name] - self._seen["rows"][name]
            for counter, look in SERVED.items():
                for _ in range(now[counter][name] - self._seen[counter][name]):
                    token = self._next(name, look)
                    if counter == "writes" and grown > 0:
                        grown -= 1
                        self._rows[name].append(token)
                        self.stage.move(token, self._homes[name], "record")
                    else:
                        self.stage.move(token, self._ends["answered"])
            for _ in range(max(0, -grown)):
                self.stage.move(self._rows[name].pop(0), self._ends["removed"])
        self._seen = now

    def _next(self, name: Hashable, look: str) -> int:
        """Take the first request of this kind out of a line."""
        line = self._lines[name]
        return line.pop(next(i for i, (kind, _) in enumerate(line) if kind == look))[1]

    def _loads(self) -> dict[str, dict[Hashable, int]]:
        stats = {name: self.store.shard_stats(name) for name in self.store.shards}
        names = ("rows", "writes", "reads", "queries", "requested")
        return {n: {shard: getattr(s, n) for shard, s in stats.items()} for n in names}

    def _books(self) -> dict[str, int]:
        total = {name: sum(counts.values()) for name, counts in self._loads().items()}
        served = total["writes"] + total["reads"] + total["queries"]
        return {ROWS: total["rows"], WAITING: total["requested"] - served}
