"""Scene of the chapter on caching: four patterns, two races and a crash, in slow motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat

import numpy as np

from scalelab.course.shows.cached_store import show_cached_store
from scalelab.course.stage import Stage
from scalelab.fakes.caching._cached_store import CachedStore
from scalelab.fakes.caching.backing_store import BackingStore
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind

CACHE_S, READ_S, WRITE_S, TTL_S = 0.4, 1.2, 0.6, 6.0
KEY = "price"
END_S = 15.0
READS_S = (0.5, 3.0, 4.0, 5.4, 6.2, 7.6, 8.8, 10.0, 11.2, 12.4)
SLOW_S = 2.0


@dataclass(frozen=True, kw_only=True)
class PriceRun:
    """One run of the scene: a pattern, and when which value is written."""

    make: Callable[..., CachedStore]
    writes: dict[float, str]
    warm: bool = False
    """Whether the entry is in the cache at first."""
    slow: bool = False
    """Whether the first write is slow on its way to the cache, so that the next overtakes it."""
    crash_s: float | None = None


RUNS = {
    "cache-aside": PriceRun(make=CacheAside, writes={4.2: "v2"}),
    "cache-aside, a race": PriceRun(make=CacheAside, writes={1.2: "v2"}),
    "the same race, with leases": PriceRun(
        make=partial(CacheAside, guard="lease"), writes={1.2: "v2"}
    ),
    "write-through, a race": PriceRun(
        make=WriteThrough, writes={0.8: "v2", 1.0: "v3"}, warm=True, slow=True
    ),
    "the same race, with versions": PriceRun(
        make=partial(WriteThrough, guard="version"),
        writes={0.8: "v2", 1.0: "v3"},
        warm=True,
        slow=True,
    ),
    "write-behind, a crash": PriceRun(
        make=partial(WriteBehind, flush_every_s=2.5),
        writes={0.8: "v2", 5.4: "v3", 6.4: "v4"},
        warm=True,
        crash_s=7.0,
    ),
    "refresh-ahead": PriceRun(make=partial(RefreshAhead, share=0.5), writes={}),
}
SAID = {
    "cache-aside": {
        0.4: "The cache is empty: the first reader waits for the database, and fills the cache.",
        3.9: "The next readers are answered by the cache, and the database is not asked.",
        4.5: "A write goes to the database, and then deletes the entry. The next reader misses.",
    },
    "cache-aside, a race": {
        0.8: "The row v1 is on its way into the cache. Meanwhile v2 is written, and the entry "
        "deleted.",
        2.4: "The old row arrives after the deletion, and stays until it expires.",
        8.8: "It has expired. Only now the new value is loaded.",
    },
    "the same race, with leases": {
        0.8: "The same race. The deletion also voids the load that is under way.",
        2.4: "Its reader is answered, but the row is not kept.",
    },
    "write-through, a race": {
        0.6: "Two writers: the database gets v2 before v3, the cache v3 before v2.",
        3.2: "The cache keeps v2, the older one, and every answer is old.",
        9.4: "It has expired, and is loaded anew.",
    },
    "the same race, with versions": {
        0.6: "The same race. The cache refuses a row that is older than its own.",
    },
    "write-behind, a crash": {
        0.6: "A write is acknowledged as soon as the cache has it; the database gets it later.",
        4.0: "The database has v2.",
        7.0: "The cache crashes with v4 in its buffer, which took the place of v3.",
        7.6: "The users were told that v4 was saved. It is lost.",
    },
    "refresh-ahead": {
        0.4: "An entry lives for 6 s. A read in its second half has it loaded anew.",
        6.7: "This reader is answered at once, and the row is loaded meanwhile.",
        8.8: "It came before the old entry expired. Nobody but the first has waited.",
    },
}


def price(stage: Stage, name: str) -> None:
    """Let one price be read and written through a cache, by one of the patterns."""
    run, clock = RUNS[name], stage.clock
    work_s, way_s = chain([0.0], repeat(WRITE_S)), repeat(CACHE_S)
    rng = np.random.default_rng(1)  # nothing is drawn; a time that changes wants a generator
    store = BackingStore(clock, read_s=READ_S, write_s=lambda _: next(work_s), rng=rng)
    row = store.put(KEY, "v1")  # takes no time, as the first
    cache = TtlCache(clock, ttl_s=TTL_S)
    if run.warm:
        cache.put(KEY, row)
    ways = chain([SLOW_S], way_s) if run.slow else way_s
    cached = run.make(store, cache, cache_s=lambda _: next(ways), rng=rng)
    show_cached_store(stage, cached, KEY, cache_s=CACHE_S, read_s=READ_S)
    for at_s, value in run.writes.items():
        clock.schedule_at(at_s, partial(cached.submit_put, KEY, value, _drop, _drop))
    for at_s in READS_S:
        if not run.warm or at_s > READS_S[0]:
            clock.schedule_at(at_s, partial(cached.submit_read, KEY, _drop, _drop))
    if run.crash_s is not None:
        clock.schedule_at(run.crash_s, cached.crash)
    for at_s, said in SAID[name].items():
        stage.at(at_s, said)


def _drop(_: object) -> None:
    pass


SCENES = ((price, {name: name for name in RUNS}, END_S),)
