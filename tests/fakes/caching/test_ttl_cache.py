"""The cache with lifetimes against the array kernel and against a dictionary."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.clock import VirtualClock
from scalelab.sim.ttl_cache import HIT, ttl_cache_run


def hits(cache, trace):
    found = []
    for key in trace:
        found.append(cache.get(key) is not None)
        if not found[-1]:
            cache.put(key, "value")
    cache.check_invariants()
    return found


@pytest.mark.parametrize("expiry", ["lazy", "active"])
def test_lifetimes_equal_the_array_kernel(expiry):
    rng = np.random.default_rng(2)
    times, keys = np.cumsum(rng.exponential(1.0, 500)), rng.integers(0, 5, 500)
    run = ttl_cache_run(times, keys, ttl_s=7.0, recompute_s=0.0)
    clock = VirtualClock()
    cache, found = TtlCache(clock, 7.0, expiry=expiry), []
    for time, key in zip(times, keys, strict=True):
        clock.run(time)
        found += hits(cache, [key])
    assert found == (run.outcome == HIT).tolist()
    assert 0 < sum(found) < 500


@pytest.mark.parametrize("expiry", ["lazy", "active"])
@given(data=st.data())
@settings(max_examples=30)
def test_random_actions_and_time_agree_with_a_dictionary(expiry, data):
    clock, expected = VirtualClock(), {}  # value and time of expiry of each key
    cache = TtlCache(clock, 4.0, expiry=expiry)
    for number in range(data.draw(st.integers(1, 40))):
        verb, key, wait_s = data.draw(
            st.tuples(
                st.sampled_from(["get", "put", "brief", "delete", "wait", "in"]),
                st.integers(0, 3),
                st.sampled_from([0.0, 1.0, 2.0]),
            )
        )
        now_s = clock.now_s
        alive = {k: entry for k, entry in expected.items() if entry[1] > now_s}
        if verb in ("put", "brief"):
            ttl_s = 1.0 if verb == "brief" else None
            cache.put(key, number, ttl_s=ttl_s)
            expected[key] = (number, now_s + (ttl_s or 4.0))
        elif verb == "get":
            assert cache.get(key) == alive.get(key, (None,))[0]
        elif verb == "delete":
            assert cache.delete(key) == (key in alive)
            expected.pop(key, None)
        elif verb == "in":
            assert (key in cache) == (key in alive)
        else:
            clock.advance(wait_s)
        cache.check_invariants()
        alive = {k for k, entry in expected.items() if entry[1] > clock.now_s}
        assert {k for k in range(4) if k in cache} == alive
        assert len(cache) >= len(alive)
        assert expiry == "lazy" or len(cache) == len(alive)


def test_an_entry_expires_at_its_time_and_no_later():
    clock = VirtualClock()
    cache = TtlCache(clock, 10.0)
    cache.put("a", 1)
    cache.put("b", 2, ttl_s=3.0)
    clock.advance(3.0)
    assert ("a" in cache, "b" in cache) == (True, False)
    assert len(cache) == 2  # lazy: the room is taken until somebody asks
    assert cache.delete("b") is False
    assert len(cache) == 1
    assert cache.remaining_s("a") == 7.0
    assert cache.remaining_s("b") is None


def test_active_expiry_frees_the_room_and_spares_a_newer_entry():
    clock = VirtualClock()
    cache = TtlCache(clock, 10.0, expiry="active")
    cache.put("a", 1)
    clock.advance(5.0)
    cache.put("a", 2)
    cache.put("b", 1)
    cache.delete("b")
    clock.advance(5.0)
    assert cache.get("a") == 2
    clock.advance(5.0)
    assert (len(cache), cache.expirations) == (0, 1)
    cache.check_invariants()


def test_jitter_spreads_expiry_over_its_range():
    clock = VirtualClock()
    cache = TtlCache(clock, 100.0, jitter=0.1, rng=np.random.default_rng(1))
    for key in range(500):
        cache.put(key, key)
    left = [cache.remaining_s(key) for key in range(500)]
    assert 90 <= min(left) < 91
    assert 109 < max(left) <= 110
    assert np.mean(left) == pytest.approx(100, abs=1)


def test_timers_of_entries_that_are_gone_do_not_pile_up():
    clock = VirtualClock()
    cache = TtlCache(clock, 3_600.0, 10, expiry="active")
    tracemalloc.start()
    for number in range(20_000):
        cache.put("again", number)
        cache.put(number, number)  # evicted soon
        cache.delete(number - 1)
    cache.clear()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
    assert not clock.run_until(lambda: False)  # nothing is left to expire
    assert cache.expirations == 0
