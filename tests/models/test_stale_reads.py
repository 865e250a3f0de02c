"""Stale reads against one key that is read and written by hand."""

import heapq

import numpy as np
import pytest

from scalelab.models.lag_laws import ConstantLag
from scalelab.models.stale_reads import stale_share_at_replica, stale_share_behind_cache
from scalelab.models.staleness import stale_share


def test_a_lag_that_is_always_the_same_is_the_share_of_ages_below_it():
    """The age of the newest write is exponential: the law of one age, averaged over ages."""
    ages = np.random.default_rng(1).exponential(0.5, 400_000)
    lag = ConstantLag(mean_s=0.2)
    expected = np.mean(stale_share(lag, ages))
    assert stale_share_at_replica(2.0, 0.2, 1e-12) == pytest.approx(expected, rel=0.01)


def test_rare_writes_lose_no_digits():
    assert stale_share_at_replica(1e-9, 0.005, 0.002) == pytest.approx(7e-12)
    assert stale_share_at_replica(0.0, 0.005, 0.002) == 0


def one_key(rng, reads, writes, delay, replay, fill, seconds, cached=True, ttl_s=np.inf):
    """Share of stale reads of one key, event by event: each write has a lag of its own."""
    events = [(t, "read", None) for t in times(reads, seconds, rng)]
    events += [(t, "write", None) for t in times(writes, seconds, rng)]
    heapq.heapify(events)
    newest, applied, cache, dies = 0, 0, None, np.inf
    stale = total = 0
    while events:
        now, kind, value = heapq.heappop(events)
        if kind == "write":
            newest += 1
            cache = None
            lag = delay + rng.exponential(replay)
            heapq.heappush(events, (now + lag, "applied", newest))
        elif kind == "applied":
            applied = max(applied, value)
        elif kind == "filled":
            cache, dies = value, now + ttl_s
        else:
            hit = cached and cache is not None and now < dies
            seen = cache if hit else applied
            if cached and not hit:
                heapq.heappush(events, (now + fill, "filled", applied))
            total += 1
            stale += seen < newest
    return stale / total


def times(rate, seconds, rng):
    return (rng.random(rng.poisson(rate * seconds)) * seconds).tolist()


def test_a_replica_played_by_hand_agrees():
    rng = np.random.default_rng(2)
    found = one_key(rng, 50.0, 1.0, 0.02, 0.03, 0.0, 4_000, cached=False)
    assert stale_share_at_replica(1.0, 0.02, 0.03) == pytest.approx(found, rel=0.06)
    assert stale_share_at_replica(1.0, 0.02, 0.04) != pytest.approx(found, rel=0.06)


@pytest.mark.parametrize(
    ("reads", "writes", "fill", "ttl_s"),
    [
        (10.0, 0.5, 0.0, np.inf),
        (40.0, 0.5, 0.01, np.inf),
        (40.0, 0.5, 0.06, np.inf),
        (100.0, 1.0, 0.04, np.inf),
        (40.0, 0.5, 0.02, 0.5),
    ],
)
def test_a_cache_played_by_hand_agrees(reads, writes, fill, ttl_s):
    rng = np.random.default_rng(4)
    delay, replay, seconds = 0.02, 0.03, 4_000
    found = one_key(rng, reads, writes, delay, replay, fill, seconds, ttl_s=ttl_s)
    ttl = None if ttl_s == np.inf else ttl_s
    arguments = {"delay_s": delay, "replay_s": replay, "ttl_s": ttl}
    model = stale_share_behind_cache([reads], [writes], fill_s=fill, **arguments)[0]
    assert model == pytest.approx(found, rel=0.12)
    if fill >= 0.04:
        hasty = stale_share_behind_cache([reads], [writes], fill_s=0.0, **arguments)[0]
        assert hasty != pytest.approx(found, rel=0.12)


def test_a_key_that_is_soon_forgotten_is_stale_for_less_long():
    kept = [
        stale_share_behind_cache([0.1], [0.01], 0.02, 0.03, kept_s=kept_s)[0]
        for kept_s in (0.5, 100.0, None)
    ]
    assert kept == sorted(kept)
    assert kept[0] < 0.1 * kept[2]


def test_behind_a_cache_more_is_stale_than_at_the_replica():
    behind = stale_share_behind_cache([10.0], [1.0], 0.005, 0.002)[0]
    assert behind > 9 * stale_share_at_replica(1.0, 0.005, 0.002)
