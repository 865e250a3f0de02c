"""Patterns, invalidations and replicas: how much work is left, and how many answers are old."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.page import Html, table
from scalelab.fakes.caching._cached_store import CachedStore
from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica, Row
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.plotting import BLUE, GREEN, ORANGE, label, plot_bars
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.popularity import KeySampler, zipf_popularity

ROWS, RATE_PER_S, WRITES, UNTIL_S = 300, 400.0, 0.1, 60.0
READ_S, WRITE_S, CACHE_S, TTL_S = 0.005, 0.008, 0.001, 10.0
PATTERNS: dict[str, Any] = {
    "no cache": None,
    "cache-aside": CacheAside,
    "write-through": WriteThrough,
    "write-behind": partial(WriteBehind, flush_every_s=1.0),
    "refresh-ahead": RefreshAhead,
}


def store_of(read_s: float = READ_S) -> BackingStore:
    """Make a store on a clock of its own."""
    return BackingStore(VirtualClock(), read_s=read_s)


def entries_of(store: BackingStore, ttl_s: float = 600.0) -> TtlCache:
    """Make an empty cache beside a store, with the guide's ten minutes."""
    return TtlCache(store.clock, ttl_s=ttl_s)


@cache
def pattern_run(name: str, seed: int = 2026) -> dict[str, float]:
    """Read and write 300 rows through a pattern for a minute, then crash the cache.

    Returns operations of the database in a hundred of the users', the mean time of a write
    in ms, old answers in 10,000 reads, and writes that were acknowledged and lost.
    """
    users, draws = np.random.default_rng(seed).spawn(2)
    store = BackingStore(VirtualClock(), read_s=READ_S, write_s=WRITE_S)
    _fill(store, ROWS)
    before = store.reads + store.writes
    make = PATTERNS[name]
    through: Any = store
    if make is not None:
        cache_ = TtlCache(store.clock, ttl_s=TTL_S, capacity=ROWS)
        through = make(store, cache_, cache_s=lambda g: g.exponential(CACHE_S), rng=draws)
    times_s = _send(through, users, RATE_PER_S, WRITES, ROWS, UNTIL_S)
    books = through.stats() if isinstance(through, CachedStore) else None
    if books is not None:
        through.crash()
    return {
        "database": 100 * (store.reads + store.writes - before) / times_s["asked"],
        "write_ms": 1e3 * times_s["writes_s"] / times_s["writes"],
        "old": 1e4 * books.stale_reads / (books.hits + books.misses) if books else 0.0,
        "lost": float(len(getattr(through, "lost_writes", ()))),
    }


def _fill(store: BackingStore, rows: int) -> None:
    for key in range(rows):
        store.submit_put(key, "first", _drop, _drop)
    store.clock.advance(1.0)


def _send(
    through: Any, rng: np.random.Generator, rate: float, writes: float, rows: int, until_s: float
) -> dict[str, float]:
    """Let users read and write; returns how many asked, and how long their writes took."""
    clock = through.clock
    at_s = clock.now_s + poisson_arrivals_until_s(rate, until_s, rng=rng)
    keys = KeySampler(zipf_popularity(rows, 1.0)).draw(at_s.size, rng=rng)
    is_write = rng.random(at_s.size) < writes
    book = {"asked": float(at_s.size), "writes": 0.0, "writes_s": 0.0}

    def write(key: int, began_s: float) -> None:
        def done(_: Row) -> None:
            book["writes"] += 1
            book["writes_s"] += clock.now_s - began_s

        through.submit_put(key, began_s, done, _drop)

    for time_s, key, writes_it in zip(at_s.tolist(), keys.tolist(), is_write, strict=True):
        act = partial(write, key, time_s) if writes_it else partial(_read, through, key)
        clock.schedule_at(time_s, act)
    clock.run(clock.now_s + until_s)
    return book


def _read(through: Any, key: int) -> None:
    through.submit_read(key, _drop, _drop)


def _drop(_: object) -> None:
    pass


def patterns_table() -> Html:
    """Show what each pattern did with the same requests."""
    rows: list[dict[str, Any]] = []
    for name in PATTERNS:
        it = pattern_run(name)
        rows.append(
            {
                "pattern": name,
                "database's work, in 100": it["database"],
                "a write takes, ms": it["write_ms"],
                "old answers, in 10,000": round(it["old"]),
                "writes lost": int(it["lost"]),
            }
        )
    return table(
        rows,
        f"{RATE_PER_S:.0f} requests/s for {ROWS} rows through each pattern, and a crash at the end",
    )


# Invalidation -----------------------------------------------------------------------------------

LOST_EVENTS = 0.01  # of those that say what was written
INVALIDATIONS = ("lifetime alone, 10 s", "the writer deletes", "events, 1 in 100 lost")


@cache
def invalidated(way: str, seed: int = 2026) -> tuple[float, float]:
    """Read and write through cache-aside for a minute: shares of old answers and of misses."""
    users, draws = np.random.default_rng(seed).spawn(2)
    store = BackingStore(VirtualClock(), read_s=READ_S, write_s=WRITE_S)
    _fill(store, ROWS)
    entries = TtlCache(store.clock, ttl_s=TTL_S, capacity=ROWS)
    rule = "after" if way == INVALIDATIONS[1] else "never"
    cached = CacheAside(store, entries, invalidate=rule, cache_s=CACHE_S)

    def hear(key: Any, _: Row) -> None:
        if draws.random() >= LOST_EVENTS:
            store.clock.schedule(CACHE_S, partial(entries.delete, key))

    if way == INVALIDATIONS[2]:
        store.on_commit(hear)
    _send(cached, users, RATE_PER_S, WRITES, ROWS, UNTIL_S)
    books = cached.stats()
    asked = books.hits + books.misses
    return books.stale_reads / asked, books.misses / asked


# A replica behind the cache ----------------------------------------------------------------------

LAG_S, REPLICA_RATE, REPLICA_WRITES, REPLICA_ROWS = 0.05, 500.0, 0.05, 1_000


class _Plain:
    """Reads from a replica and writes to its store, and counts what is old, as a cache does."""

    def __init__(self, store: BackingStore, replica: LaggingReplica) -> None:
        self.clock, self.store, self.replica = store.clock, store, replica
        self.read = self.old = 0

    def submit_put(self, *write: Any) -> None:
        self.store.submit_put(*write)

    def submit_read(self, key: int, on_done: Any, on_failed: Any) -> None:
        def got(row: Row) -> None:
            self.read += 1
            self.old += (row.version or 0) < self.store.version_of(key)

        self.replica.submit_read(key, got, on_failed)


@cache
def old_answers(way: str, writes: float = REPLICA_WRITES, seed: int = 2026) -> float:
    """Share of old answers of "replica", "cache filled from it" or "cache filled from primary"."""
    rng = np.random.default_rng(seed)
    store = BackingStore(VirtualClock())
    replica = LaggingReplica(store, LAG_S)
    _fill(store, REPLICA_ROWS)
    if way == "replica":
        plain = _Plain(store, replica)
        _send(plain, rng, REPLICA_RATE, writes, REPLICA_ROWS, 100.0)
        return plain.old / plain.read
    entries = TtlCache(store.clock, ttl_s=60.0, capacity=REPLICA_ROWS)
    source = replica if way == "cache filled from it" else store
    cached = CacheAside(store, entries, read_from=source)
    _send(cached, rng, REPLICA_RATE, writes, REPLICA_ROWS, 100.0)
    books = cached.stats()
    return books.stale_reads / (books.hits + books.misses)


def plot_old_answers(ax: Axes) -> Axes:
    """Draw the share of old answers from a replica, and through a cache that it fills."""
    ways = {
        "from the replica": "replica",
        "from a cache that it fills": "cache filled from it",
        "from a cache that the primary fills": "cache filled from primary",
    }
    shares = {name: 100 * old_answers(way) for name, way in ways.items()}
    plot_bars(ax, shares, form="{:.2f} %", colours=[BLUE, ORANGE, GREEN])
    return label(ax, x="old answers, %")


def invalidation_table() -> Html:
    """Show how many answers are old, and how many reads miss, in three ways."""
    rows: list[dict[str, Any]] = []
    for way in INVALIDATIONS:
        old, missed = invalidated(way)
        rows.append(
            {"what ends an entry": way, "old answers, %": 100 * old, "misses, %": 100 * missed}
        )
    return table(rows, "The same requests through cache-aside, invalidated in three ways")
