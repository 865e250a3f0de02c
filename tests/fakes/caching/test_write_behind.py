"""Write-behind: what its buffer saves, and what a crash takes."""

from functools import partial

import pytest

from scalelab.fakes.caching.backing_store import BackingStore
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock


def ignore(result):
    """Take a result that nobody needs."""


def store(**settings):
    return BackingStore(VirtualClock(), **settings)


def test_a_crash_loses_exactly_the_buffered_writes():
    """ca-wb-loss: 1,000 writes a second and a flush each second lose up to 1,000."""
    base = store(write_s=0.0001)
    events = WriteBehind(base, LruCache(10_000), flush_every_s=1.0)
    for number in range(3_000):
        base.clock.schedule(number / 1_000, partial(events.submit_put, number, "x", ignore))
    base.clock.advance(2.5)
    acknowledged, buffered = events.acknowledged, events.buffered
    assert 300 < buffered <= 1_000
    events.crash()
    base.clock.advance(0.01)
    assert len(events.lost_writes) == buffered
    assert sum(base.row(n).value == "x" for n in range(acknowledged)) == acknowledged - buffered
    assert all(base.row(write.key).value is None for write in events.lost_writes)
    events.check_invariants()


def test_a_slow_database_lets_the_buffer_grow():
    """ca-wb-reduces-load: 1,200 writes a second in, 1,000 out."""
    base = store(write_s=0.001)
    events = WriteBehind(base, LruCache(100_000), flush_every_s=0.1)
    for number in range(12_000):
        base.clock.schedule(number / 1_200, partial(events.submit_put, number, "x", ignore))
    base.clock.advance(10.0)
    assert events.buffered == pytest.approx(200 * 10 + 1_000 * 0.1, abs=3)
    events.flush()
    assert base.writes == 12_000


def test_only_coalescing_saves_writes():
    for coalesce, writes in ((True, 1), (False, 10)):
        base = store()
        views = WriteBehind(base, LruCache(10), coalesce=coalesce)
        for number in range(10):
            views.put("page", number)
        views.flush()
        assert (base.writes, base.row("page").value) == (writes, 9)
        views.check_invariants()


def test_an_evicted_entry_is_read_from_the_buffer():
    base = store()
    views = WriteBehind(base, LruCache(1))
    views.put("a", 1)
    views.put("b", 2)
    views.delete("b")
    assert (views.get("a"), views.get("b"), base.reads) == (1, None, 0)


def test_a_flush_into_a_crashed_database_is_tried_again():
    base = store(write_s=0.010)
    views = WriteBehind(base, LruCache(10), flush_every_s=1.0)
    views.put("a", 1)
    views.put("b", 1)
    base.clock.advance(1.005)
    views.put("a", 2)
    base.crash()
    base.clock.advance(3.0)
    views.check_invariants()
    base.recover()
    views.flush()
    assert (base.row("a").value, base.row("b").value) == (2, 1)


def test_a_flush_that_cannot_end_says_so():
    views = WriteBehind(store(), LruCache(10))
    views.put("a", 1)
    views._epoch += 1  # the flush will not come
    with pytest.raises(RuntimeError, match=r"WriteBehind.flush: no event is left"):
        views.flush()
    views.acknowledged += 1
    with pytest.raises(AssertionError, match="a write is lost or sent twice"):
        views.check_invariants()
