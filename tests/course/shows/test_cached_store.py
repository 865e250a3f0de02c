"""A store behind a cache on the stage: every answer, every read and write of the database."""

import numpy as np
import pytest

from scalelab.course.shows.cached_store import show_cached_store
from scalelab.course.stage import Stage
from scalelab.fakes.caching.backing_store import BackingStore
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock

CACHE_S, READ_S, HORIZON_S = 0.1, 0.5, 30.0
CASES = {
    "cache-aside": (CacheAside, {}),
    "leases": (CacheAside, {"guard": "lease"}),
    "single flight": (CacheAside, {"single_flight": True}),
    "write-through": (WriteThrough, {}),
    "versions": (WriteThrough, {"guard": "version"}),
    "write-behind": (WriteBehind, {"flush_every_s": 1.0}),
}


def make(clock, kind, settings):
    store = BackingStore(clock, read_s=READ_S, write_s=0.3)
    store.put("k", "v0")
    return kind(store, TtlCache(clock, ttl_s=3.0), cache_s=CACHE_S, **settings)


def drive(cached):
    """Read and write at random, and crash once; returns what came, in the order of its coming."""
    rng, came = np.random.default_rng(1), []
    for i, at_s in enumerate(np.arange(1.0, HORIZON_S - 5, 0.2)):
        if rng.random() < 0.2:
            act = lambda i=i: cached.submit_put("k", f"v{i}", came.append, came.append)  # noqa: E731
        else:
            act = lambda: cached.submit_read("k", came.append, came.append)  # noqa: E731
        cached.clock.schedule_at(float(at_s), act)
    if isinstance(cached, WriteBehind):
        cached.clock.schedule_at(HORIZON_S - 5, cached.crash)
    return came


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_picture_counts_what_the_fakes_count_and_changes_nothing(case):
    stage = Stage()
    watched = make(stage.clock, *case)
    show_cached_store(stage, watched, "k", cache_s=CACHE_S, read_s=READ_S)
    came = drive(watched)
    trace = stage.run(HORIZON_S)
    wrong = [
        (ms, name, number)
        for ms, numbers in dict(stage.books).items()
        for name, number in numbers.items()
        if trace.count(name, ms) != number
    ]
    assert wrong == []
    clock = VirtualClock()
    expected = drive(make(clock, *case))
    clock.run(HORIZON_S)
    assert [str(x) for x in came] == [str(x) for x in expected]
    books = watched.stats()
    assert trace.count("old answers", trace.end_ms) == books.stale_reads
    assert trace.count("database reads", trace.end_ms) == books.db_reads
    answers = trace.count("fresh answers", trace.end_ms) + books.stale_reads
    assert answers == books.hits + books.misses


def test_lost_writes_are_shown_and_counted():
    stage = Stage()
    watched = make(stage.clock, WriteBehind, {"flush_every_s": 5.0})
    show_cached_store(stage, watched, "k", cache_s=CACHE_S, read_s=READ_S)
    stage.clock.schedule_at(1.0, lambda: watched.submit_put("k", "new", print, print))
    stage.clock.schedule_at(2.0, watched.crash)
    trace = stage.run(4.0)
    assert trace.count("writes lost", trace.end_ms) == 1
    assert trace.count("writes acknowledged", trace.end_ms) == 1
