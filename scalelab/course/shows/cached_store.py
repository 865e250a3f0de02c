"""A store behind a cache: who is answered from where, what the cache holds, and what is lost."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.caching._cached_store import CachedStore
from scalelab.fakes.caching.backing_store import Row
from scalelab.fakes.caching.cache_patterns import WriteThrough

LEGEND: dict[Look, str] = {
    "moving": "request",
    "record": "row on its way to the cache",
    "good": "answer, up to date",
    "lost": "old answer, or lost write",
}


def show_cached_store(
    stage: Stage, cached: CachedStore, key: Hashable, *, cache_s: float, read_s: float
) -> None:
    """Show the requests for one key, the way of each to cache and database, and what they hold.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, and nothing is under way.
    cached : CachedStore
        A pattern over a `BackingStore`; it is used by `submit_read` and `submit_put`.
    key : hashable
        The one that is asked for.
    cache_s, read_s : float
        Seconds in which a read asks the cache, and the database.
    """
    _CachedStore(stage, cached, key, cache_s, read_s)


class _CachedStore:
    """The picture: application on the left, cache above, database on the right."""

    def __init__(
        self, stage: Stage, cached: CachedStore, key: Hashable, cache_s: float, read_s: float
    ) -> None:
        self.stage, self.cached, self.key = stage, cached, key
        self._cache_s, self._read_s = cache_s, read_s
        self._counts = {"fresh answers": 0, "old answers": 0, "database reads": 0}
        self._counts |= {"writes acknowledged": 0}
        self._rows: list[tuple[int | None, int, float]] = []  # version, token, since when
        self._dropped = self._lost = 0
        self._written = cached.store.writes
        self._scenery()
        tap(cached, "submit_read", self._read)
        tap(cached, "submit_put", self._put)
        tap(cached.store, "submit_read", self._database_read)
        tap(cached.store, "submit_put", self._database_put)
        tap(cached.cache, "put", self._into_cache)
        stage.watch(self._look, self._books)

    def _scenery(self) -> None:
        stage = self.stage
        stage.height = 176.0
        stage.legend |= LEGEND
        self._app = self._area("application", 6, 74, 120, 62, half=(60, 31))
        self._cache = self._area("cache", 160, 22, 104, 40, half=(52, 20))
        self._database = self._area("database", 282, 108, 112, 40, half=(56, 20))
        stage.sign(66, 164, "requests under way")
        self._line = stage.place(
            Place(name="the application", x=26, y=105, keep="line", dx=16, columns=99, most=6)
        )
        self._ends = {}
        for name, at in (
            ("fresh answers", (66, 105)),
            ("old answers", (66, 105)),
            ("writes acknowledged", (66, 105)),
            ("database reads", (66, 105)),
            ("database writes", (338, 128)),
            ("writes lost", (212, 42)),
        ):
            place = Place(name=name, x=at[0], y=at[1], keep="out", counter=name)
            self._ends[name] = stage.place(place)

    def _area(
        self, label: str, x: float, y: float, width: float, height: float, half: tuple[float, float]
    ) -> tuple[int, int]:
        box = self.stage.box(Box(label=label, x=x, y=y, width=width, height=height))
        middle = Place(
            name=f"the {label}", x=x + width / 2, y=y + height / 2, keep="out", half=half
        )
        return box, self.stage.place(middle)

    # requests ------------------------------------------------------------------------------

    def _read(self, original: Any, key: Hashable, on_done: Any, *rest: Any) -> None:
        token = self.stage.token(self._line)
        ask = self.stage.token(self._app[1])
        began_s = self.stage.clock.now_s
        arrives = partial(self.stage.move, ask, self._cache[1], since_s=began_s)
        self.stage.clock.schedule(self._cache_s, arrives)

        def done(row: Row) -> None:
            old = row.version is not None and row.version < self.cached.store.version_of(key)
            name, look = ("old answers", "lost") if old else ("fresh answers", "good")
            self._count(token, name, look)  # type: ignore[arg-type]
            on_done(row)

        original(key, done, *rest)

    def _put(self, original: Any, key: Hashable, value: Any, on_done: Any, *rest: Any) -> None:
        token = self.stage.token(self._line, "moving", str(value))

        def done(row: Row) -> None:
            self._count(token, "writes acknowledged", "good")
            on_done(row)

        original(key, value, done, *rest)

    def _count(self, token: int, name: str, look: Look) -> None:
        self.stage.move(token, self._ends[name], look)
        self._counts[name] += 1

    # what they ask of the database, and of the cache ------------------------------------------

    def _database_read(self, original: Any, key: Hashable, on_done: Any, on_failed: Any) -> None:
        began_s = self.stage.clock.now_s
        token = self.stage.token(self._app[1])
        arrives = partial(self.stage.move, token, self._database[1], since_s=began_s)
        self.stage.clock.schedule(self._read_s / 2, arrives)

        def done(row: Row) -> None:
            left_s = began_s + self._read_s / 2
            self.stage.move(token, self._ends["database reads"], since_s=left_s)
            self._counts["database reads"] += 1
            self._row_comes(row)
            on_done(row)

        original(key, done, on_failed)

    def _database_put(
        self, original: Any, key: Hashable, value: Any, on_done: Any, on_failed: Any
    ) -> None:
        began_s = self.stage.clock.now_s
        token = self.stage.token(self._app[1], "moving", str(value))

        def done(row: Row) -> None:
            self.stage.move(token, self._ends["database writes"], "good", since_s=began_s)
            if isinstance(self.cached, WriteThrough):
                self._row_comes(row)
            on_done(row)

        original(key, value, done, on_failed)

    def _row_comes(self, row: Row) -> None:
        token = self.stage.token(self._app[1], "record", str(row.value))
        self._rows.append((row.version, token, self.stage.clock.now_s))

    def _into_cache(self, original: Any, key: Hashable, row: Row, **settings: Any) -> None:
        original(key, row, **settings)
        mine = next((r for r in self._rows if r[0] == row.version), None)
        if mine is not None:
            self._rows.remove(mine)
            self.stage.move(mine[1], self._cache[1], since_s=mine[2])

    # states --------------------------------------------------------------------------------

    def _look(self) -> None:
        row = self.cached.cache.peek(self.key)
        kept = self.cached.store.row(self.key)
        old = row is not None and row.version is not None and row.version < (kept.version or 0)
        words = "empty" if row is None else str(row.value)
        self.stage.state(self._cache[0], f"{words}, old" if old else words, bad=old)
        self.stage.state(self._database[0], str(kept.value))
        while self._dropped < self.cached.stats().dropped_fills:
            self._dropped += 1
            self._rows.sort(key=lambda row: row[0] or 0)
            self.stage.move(self._rows.pop(0)[1], self._app[1], "ghost")
        while self._lost < len(getattr(self.cached, "lost_writes", ())):
            self._lost += 1
            self.stage.token(self._ends["writes lost"], "lost")

    def _books(self) -> dict[str, int]:
        lost = len(getattr(self.cached, "lost_writes", ()))
        written = self.cached.store.writes - self._written
        return {**self._counts, "database writes": written, "writes lost": lost}
