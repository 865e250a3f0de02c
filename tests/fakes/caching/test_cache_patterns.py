"""Cache patterns: the steps they take, the races they have, and random faults."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.caching._cached_store import CrashedError
from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica, StoreDownError
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.models.cache_races import reordered_writes_probability, stale_fill_probability
from scalelab.sim.ttl_cache import WAIT, ttl_cache_run
from scalelab.workloads.popularity import zipf_trace


def ignore(result):
    """Take a result that nobody needs."""


def store(**settings):
    return BackingStore(VirtualClock(), **settings)


def aside(base, cache=None, **settings):
    return CacheAside(base, LruCache(100) if cache is None else cache, **settings)


def test_none_is_no_value():
    for made in (store(), aside(store()), WriteBehind(store(), LruCache(3))):
        with pytest.raises(ValueError, match=r"put: value must not be None, got None; use delete"):
            made.put("a", None)


def test_the_guides_write_times():
    """ca-wt-latency: a database of 5 ms and a cache of 1 to 5 ms."""
    for cache_s in (0.001, 0.005):
        base = store(write_s=0.005)
        WriteThrough(base, LruCache(10), cache_s=cache_s).put("a", 1)
        assert base.clock.now_s == pytest.approx(0.005 + cache_s)
    base = store(write_s=0.005)
    WriteBehind(base, LruCache(10), cache_s=0.001).put("a", 1)
    assert base.clock.now_s == pytest.approx(0.001)


def test_a_miss_reads_once_and_a_hit_not_at_all():
    base = store(read_s=0.010)
    users = aside(base, cache_s=0.001)
    base.put("a", 1)
    for took_s in (0.012, 0.001):
        began = base.clock.now_s
        assert users.get("a") == 1
        assert base.clock.now_s - began == pytest.approx(took_s)
    assert (users.stats().hits, users.stats().misses, users.stats().db_reads) == (1, 1, 1)


def test_absent_keys_reach_the_database_for_ever_unless_their_absence_is_kept():
    for absent_ttl_s, reads in ((None, 50), (10.0, 5)):
        base = store()
        users = aside(base, TtlCache(base.clock, 600.0), absent_ttl_s=absent_ttl_s)
        for _ in range(50):
            assert users.get("nobody") is None
            base.clock.advance(1.0)
        assert users.stats().db_reads == reads
        users.put("nobody", "somebody")
        assert users.get("nobody") == "somebody"


def test_single_flight_sends_one_of_a_stampede():
    for single_flight, reads in ((False, 50), (True, 1)):
        base = store(read_s=0.0495)
        base.put("hot", 1)
        users, seen = aside(base, single_flight=single_flight), []
        for number in range(60):  # 1,000 requests a second
            base.clock.schedule(number / 1_000, partial(users.submit_get, "hot", seen.append))
        base.clock.advance(1.0)
        stats = users.stats()
        assert (stats.db_reads, seen) == (reads, [1] * 60)
        assert stats.misses == stats.db_reads + stats.coalesced
        users.check_invariants()


@pytest.mark.parametrize("mode", ["none", "single flight"])
def test_loads_of_expired_keys_equal_the_array_kernel(mode):
    rng = np.random.default_rng(7)
    times, keys = np.cumsum(rng.exponential(0.02, 3_000)), rng.integers(0, 5, 3_000)
    run = ttl_cache_run(times, keys, ttl_s=2.0, recompute_s=0.3, mode=mode)
    base = store(read_s=0.3)
    for key in range(5):
        base.submit_put(key, "x", ignore, ignore)
    users = aside(base, TtlCache(base.clock, 2.0), single_flight=mode != "none")
    for time, key in zip(times, keys.tolist(), strict=True):
        base.clock.schedule_at(time, partial(users.submit_get, key, ignore))
    base.clock.advance(100.0)
    stats = users.stats()
    assert stats.db_reads == run.recomputations
    assert stats.hits == round(run.hit_ratio * 3_000)
    assert stats.coalesced == (run.outcome == WAIT).sum()


def test_a_failed_load_fails_all_who_wait_for_it_and_the_next_one_tries_again():
    base = store(read_s=0.010)
    users, errors = aside(base, single_flight=True), []
    for _ in range(3):
        users.submit_get("a", ignore, errors.append)
    base.clock.advance(0.005)
    base.crash()
    base.clock.advance(0.005)
    assert [type(error) for error in errors] == [StoreDownError] * 3
    base.recover()
    assert users.get("a") is None
    users.check_invariants()


def test_write_through_does_not_cache_what_it_did_not_write():
    base = store()
    base.put("a", 1)
    users = WriteThrough(base, LruCache(10), read_through=False)
    assert [users.get("a") for _ in range(4)] == [1] * 4
    assert users.stats().db_reads == 4


def test_a_partial_update_is_cached_whole_or_not():
    for caches, expected in (("row", {"name": "Ann", "mail": "a@b"}), ("changes", {"mail": "a@b"})):
        users = WriteThrough(store(), LruCache(10), caches=caches)
        users.put("u", {"name": "Ann"})
        users.update("u", {"mail": "a@b"})
        assert users.get("u") == expected


@pytest.mark.parametrize("pattern", [CacheAside, WriteBehind])
def test_a_partial_update_keeps_the_other_fields(pattern):
    users = pattern(store(), LruCache(10))
    users.put("u", {"name": "Ann"})
    users.update("u", {"mail": "a@b"})
    assert users.get("u") == {"name": "Ann", "mail": "a@b"}


def stale_after_a_race(**settings):
    base = store(read_s=0.005, write_s=0.002)
    users = aside(base, **settings)
    base.put("a", "old")
    users.submit_get("a", ignore)
    users.put("a", "new")
    base.clock.advance(1.0)
    return users.get("a"), users.stats().stale_reads


def test_an_invalidation_is_overtaken_by_a_fill_unless_there_is_a_lease():
    assert stale_after_a_race(guard="none") == ("old", 2)
    assert stale_after_a_race(guard="lease") == ("new", 1)  # the first reader gets the old row


def test_delete_then_write_lets_a_reader_cache_the_old_row_in_between():
    results = {}
    for invalidate in ("before", "after", "both", "never"):
        base = store(write_s=0.010)
        users = aside(base, invalidate=invalidate)
        users.put("a", "old")
        users.get("a")
        users.submit_put("a", "new", ignore)
        base.clock.advance(0.005)
        users.get("a")
        base.clock.advance(0.005)
        results[invalidate] = users.get("a")
    assert results == {"before": "old", "after": "new", "both": "new", "never": "old"}


def test_two_writers_leave_the_older_value_unless_versions_are_compared():
    for guard, expected in (("none", "first"), ("version", "second")):
        base = store(write_s=0.001)
        delays = iter([0.010, 0.001, 0.0])
        users = WriteThrough(
            base,
            LruCache(10),
            guard=guard,
            cache_s=lambda rng, d=delays: next(d),
            rng=np.random.default_rng(1),
        )
        users.submit_put("a", "first", ignore)
        base.clock.advance(0.002)
        users.submit_put("a", "second", ignore)
        base.clock.advance(1.0)
        assert users.get("a") == expected
        assert base.row("a").value == "second"


def test_a_crash_between_both_writes_leaves_the_old_value_in_the_cache():
    base = store(write_s=0.001)
    users, errors = WriteThrough(base, LruCache(10), cache_s=0.010), []
    users.put("a", "old")
    users.submit_put("a", "new", ignore, errors.append)
    base.clock.advance(0.005)
    users.crash()
    base.clock.advance(1.0)
    assert [type(error) for error in errors] == [CrashedError]
    assert (users.get("a"), base.row("a").value, users.stats().stale_reads) == ("old", "new", 1)
    users.check_invariants()


def replica_refills(rng, rate_per_s, lag_s, rounds):
    """Share of writes after which the first read caches the replica's old row."""
    base = store()
    replica = LaggingReplica(base, lag_s)
    users = aside(base, read_from=replica, guard="lease")
    users.put("a", 0)
    stale = 0
    for number in range(1, rounds):
        base.clock.advance(10.0)
        users.put("a", number)
        base.clock.advance(rng.exponential(1 / rate_per_s))
        users.get("a")
        base.clock.advance(10.0)
        stale += users.get("a") != number
    return stale, rounds - 1


def test_a_lagging_replica_refills_with_the_old_row():
    """raw-cache-busting-fresh: 10 reads a second, 100 ms of lag: 63.2 %."""
    stale, rounds = replica_refills(np.random.default_rng(1), 10.0, 0.1, 4_000)
    expected = 1 - math.exp(-1)
    error = math.sqrt(expected * (1 - expected) / rounds)
    assert abs(stale / rounds - expected) < 4 * error
    assert abs(stale / rounds - 0.9 * expected) > 4 * error  # the comparison can fail


def stale_fills(rng, write_rate_per_s, fill_s, rounds):
    base = store(read_s=fill_s)
    users = aside(base)
    base.put("a", 0)
    stale = 0
    for number in range(1, rounds + 1):
        users.cache.clear()
        users.submit_get("a", ignore)
        base.clock.schedule(
            rng.exponential(1 / write_rate_per_s), partial(users.submit_put, "a", number, ignore)
        )
        base.clock.advance(fill_s)
        base.clock.run_until(lambda: not base.pending)
        entry = users.cache.peek("a")
        base.clock.advance(100.0)
        stale += entry is not None and users.cache.peek("a") is entry and entry.value != number
    return stale


def test_stale_fills_agree_with_the_closed_form():
    rounds, rate, fill_s = 20_000, 100.0, 0.005
    stale = stale_fills(np.random.default_rng(3), rate, fill_s, rounds)
    expected = stale_fill_probability(rate, fill_s)
    error = math.sqrt(expected * (1 - expected) / rounds)
    assert abs(stale / rounds - expected) < 4 * error
    assert abs(stale / rounds - 1.1 * expected) > 4 * error


def test_reordered_writes_agree_with_the_closed_form():
    rng, rate, mean_s, pairs = np.random.default_rng(4), 500.0, 0.001, 20_000
    base = store()
    users = WriteThrough(base, LruCache(10), cache_s=lambda rng: rng.exponential(mean_s), rng=rng)
    wrong = 0
    for _ in range(pairs):
        users.submit_put("a", "first", ignore)
        base.clock.advance(rng.exponential(1 / rate))
        users.submit_put("a", "second", ignore)
        base.clock.advance(1.0)
        wrong += users.cache.peek("a").value == "first"
    expected = reordered_writes_probability(rate, mean_s)
    error = math.sqrt(expected * (1 - expected) / pairs)
    assert abs(wrong / pairs - expected) < 4 * error
    assert abs(wrong / pairs - 0.8 * expected) > 4 * error


def test_lifetimes_of_two_layers_add_up():
    """ca-ttl-staleness: 60 s before 600 s are 660 s at worst."""
    base = store()
    far = aside(base, TtlCache(base.clock, 600.0))
    near = aside(base, TtlCache(base.clock, 60.0), read_from=far)
    base.put("a", "old")
    far.get("a")
    base.put("a", "new")  # past both caches
    base.clock.advance(599.0)
    assert near.get("a") == "old"
    for advance_s, expected in ((59.5, "old"), (0.5, "new")):
        base.clock.advance(advance_s)
        assert near.get("a") == expected
    assert base.clock.now_s == 659.0
    assert (near.stats().stale_reads, far.stats().stale_reads) == (2, 1)


def test_the_second_layer_hits_less_behind_the_first():
    """ca-layer-independence: the first takes away what is easy to hit."""
    keys = zipf_trace(2_000, 1.0, 20_000, rng=np.random.default_rng(6)).tolist()
    base = store()
    far = aside(base, LruCache(1_000))
    near = aside(base, LruCache(100), read_from=far)
    alone = aside(base, LruCache(1_000))
    for key in set(keys):
        base.put(key, "x")
    for key in keys:
        near.get(key)
        alone.get(key)
    ratio = {
        name: made.stats().hits / (made.stats().hits + made.stats().misses)
        for name, made in (("far", far), ("alone", alone))
    }
    assert ratio["far"] < ratio["alone"] - 0.1
    assert far.stats().hits + far.stats().misses == near.stats().misses


def test_a_replicated_store_can_be_behind_the_cache():
    base = ReplicatedStore(VirtualClock(), replicas=1)
    users = aside(base, guard="lease")
    for value in (1, 2):
        users.put("a", value)
        assert users.get("a") == value
    assert users.delete("a").value is None
    assert users.get("a") is None
    assert users.stats().stale_reads == 0


PATTERNS = {
    "aside": partial(CacheAside, guard="lease"),
    "aside, no guard": CacheAside,
    "delete first": partial(CacheAside, invalidate="before"),
    "through": partial(WriteThrough, guard="version"),
    "refresh": RefreshAhead,
    "behind": partial(WriteBehind, flush_every_s=0.05),
    "behind, every write": partial(WriteBehind, flush_every_s=0.05, coalesce=False),
}


class PatternMachine(RuleBasedStateMachine):
    @initialize(
        pattern=st.sampled_from(sorted(PATTERNS)),
        single_flight=st.booleans(),
        absent_ttl_s=st.sampled_from([None, 0.1]),
        capacity=st.integers(1, 4),
        workers=st.sampled_from([None, 1]),
    )
    def start(self, pattern, single_flight, absent_ttl_s, capacity, workers):
        self.clock = VirtualClock()
        self.base = BackingStore(self.clock, read_s=0.01, write_s=0.02, workers=workers)
        self.behind = pattern.startswith("behind")
        self.store = PATTERNS[pattern](
            self.base,
            TtlCache(self.clock, 0.5, capacity),
            cache_s=0.001,
            single_flight=single_flight,
            absent_ttl_s=absent_ttl_s,
        )
        self.asked, self.ended, self.number, self.written = 0, [], 0, {}

    def ask(self, submit):
        asked = self.asked
        self.asked += 1
        submit(lambda result: self.ended.append(asked), lambda error: self.ended.append(asked))

    @rule(key=st.sampled_from("abc"))
    def get(self, key):
        self.ask(partial(self.store.submit_get, key))

    @rule(key=st.sampled_from("abc"))
    def put(self, key):
        self.number += 1
        self.ask(partial(self.store.submit_put, key, {"n": self.number}))

    @rule(key=st.sampled_from("abc"))
    def update(self, key):
        self.number += 1
        self.ask(partial(self.store.submit_update, key, {"m": self.number}))

    @rule(key=st.sampled_from("abc"))
    def delete(self, key):
        self.ask(partial(self.store.submit_delete, key))

    @rule(seconds=st.sampled_from([0.0, 0.005, 0.03, 0.3]))
    def advance(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def crash_database(self):
        self.base.crash()

    @rule()
    def recover_database(self):
        self.base.recover()

    @rule()
    def crash_process(self):
        self.store.crash()

    @invariant()
    def the_books_are_in_order(self):
        if hasattr(self, "store"):
            self.store.check_invariants()
            self.base.check_invariants()
            assert len(self.ended) == len(set(self.ended))

    def teardown(self):
        """With the database up and time enough, all ends, and what is read is true."""
        if not hasattr(self, "store"):
            return
        self.base.recover()
        self.clock.advance(5.0)
        assert sorted(self.ended) == list(range(self.asked))
        for key in "abc":
            self.clock.advance(1.0)  # whatever was cached has expired
            assert self.store.get(key) == self.base.row(key).value
        self.the_books_are_in_order()


PatternMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestPatterns = PatternMachine.TestCase
