"""Caches: hits equal to the array kernels', random actions against a dictionary, expiry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lfu_cache import LfuCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.clock import VirtualClock
from scalelab.sim.caches import simulate_cache

CACHES = {"lru": LruCache, "lfu": LfuCache, "fifo": FifoCache}


def hits(cache, trace):
    found = []
    for key in trace:
        found.append(cache.get(key) is not None)
        if not found[-1]:
            cache.put(key, "value")
    cache.check_invariants()
    return found


@pytest.mark.parametrize("policy", CACHES)
@given(trace=st.lists(st.integers(0, 12), min_size=1, max_size=120), capacity=st.integers(1, 10))
@settings(max_examples=40)
def test_hits_equal_the_array_kernels(policy, trace, capacity):
    expected = simulate_cache(trace, capacity, policy).tolist()
    assert hits(CACHES[policy](capacity), trace) == expected
    eternal = TtlCache(VirtualClock(), 1.0, capacity, policy=policy)
    assert hits(eternal, trace) == expected


def test_the_policies_can_be_told_apart():
    trace = np.random.default_rng(1).zipf(1.5, 400) % 40
    assert len({tuple(hits(cache(8), trace)) for cache in CACHES.values()}) == 3


ACTIONS = st.tuples(
    st.sampled_from(["get", "put", "delete", "peek", "in"]), st.integers(0, 5), st.integers(0, 4)
)


@pytest.mark.parametrize("make", CACHES.values())
@given(actions=st.lists(ACTIONS, max_size=60), limit=st.sampled_from([None, 4, 9]))
@settings(max_examples=30)
def test_random_actions_agree_with_a_dictionary(make, actions, limit):
    expected = {}
    cache = make(
        4,
        capacity_bytes=limit,
        on_evict=lambda key, value: evicted.append((key, expected.pop(key), value)),
    )
    lookups = 0
    for verb, key, size in actions:
        evicted = []
        if verb == "put":
            cache.put(key, "x" * size)
            expected[key] = "x" * size
        elif verb == "delete":
            assert cache.delete(key) == (expected.pop(key, None) is not None)
        elif verb == "in":
            assert (key in cache) == (key in expected)
        else:
            assert getattr(cache, verb)(key) == expected.get(key)
            lookups += verb == "get"
        assert all(was == value for _, was, value in evicted)
        assert {k: cache.peek(k) for k in cache} == expected
        assert len(cache) == len(expected)
        cache.check_invariants()
    stats = cache.stats()
    assert stats.hits + stats.misses == lookups
    assert stats.size_bytes == (sum(map(len, expected.values())) if limit else 0)


def test_evicted_values_are_handed_over():
    evicted = []
    cache = TtlCache(
        VirtualClock(), 1.0, 1, on_evict=lambda key, value: evicted.append((key, value))
    )
    cache.put("a", 1)
    cache.put("b", 2)
    cache.clear()
    assert evicted == [("a", 1)]
    assert cache.stats().evictions == 1


def test_what_does_not_fit_is_refused():
    cache = LruCache(2, capacity_bytes=10)
    with pytest.raises(ValueError, match=r"LruCache.put: value must be at most .* got 11 bytes"):
        cache.put("a", "x" * 11)
    with pytest.raises(ValueError, match=r"LruCache.put: value must be something that size_of"):
        cache.put("a", 3)
    with pytest.raises(ValueError, match=r"TtlCache: rng must"):
        TtlCache(VirtualClock(), 1.0, jitter=0.1)


def test_the_invariants_can_fail():
    cache = LruCache(2)
    cache.put("a", 1)
    cache._values["b"] = 2
    with pytest.raises(AssertionError, match="an entry without a size"):
        cache.check_invariants()
