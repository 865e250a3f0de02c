import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.workloads.ids import (
    auto_increment_ids,
    id_collision_probability,
    random_ids,
    snowflake_ids,
)


def test_counters_count():
    assert auto_increment_ids(4, start=10).tolist() == [10, 11, 12, 13]


def snowflakes_one_by_one(millis, worker):
    last, sequence, ids = -1, 0, []
    for wish in millis:
        now = max(wish, last)
        sequence = sequence + 1 if now == last else 0
        if sequence == 4096:
            now, sequence = now + 1, 0
        last = now
        ids.append(now << 22 | worker << 12 | sequence)
    return ids


@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 7]), min_size=1, max_size=60),
    burst=st.integers(0, 9_000),
)
def test_snowflakes_are_those_of_a_loop(gaps, burst):
    millis = np.cumsum(gaps + [0] * burst)
    ids = snowflake_ids(millis / 1e3, worker=9)
    assert ids.tolist() == snowflakes_one_by_one(millis.tolist(), 9)
    assert (np.diff(ids) > 0).all()


def test_snowflakes_at_a_low_rate_all_fall_on_one_shard(rng):
    times = np.cumsum(rng.exponential(0.5, 5_000))
    ids = snowflake_ids(times)
    assert np.mean(ids % 4 == 0) > 0.99
    assert np.bincount((ids >> 22) % 4).min() > 1_000  # the time itself would have spread


def test_random_ids_spread_and_seldom_meet(rng):
    ids = random_ids(200_000, rng=rng)
    assert np.bincount(ids % 4).min() > 49_000
    assert np.unique(ids).size == 200_000


def test_birthdays():
    """23 people and 365 days make 50.7 %; in bits: 2^8.51 days."""
    pairs = [random_ids(50, bits=10, rng=np.random.default_rng(s)) for s in range(3_000)]
    met = np.mean([np.unique(ids).size < 50 for ids in pairs])
    assert met == pytest.approx(id_collision_probability(50, 10), abs=0.03)
    assert id_collision_probability(1, 64) == 0.0
    assert id_collision_probability(2, 10) == pytest.approx(2**-10, rel=1e-3)
    assert id_collision_probability(10**9, 64) == pytest.approx(0.02673, abs=1e-4)
    assert id_collision_probability(10**200, 64) == 1.0
    with pytest.raises(ValueError, match=r"count must be an integer of at most 2\*\*1023, got"):
        id_collision_probability(10**400, 64)
