"""Hit ratio of each key against closed forms, and against a cache played by hand."""

from collections import OrderedDict

import numpy as np
import pytest

from scalelab.models.hit_ratio import lru_hit_ratio
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.ttl_cache import ttl_cache
from scalelab.workloads.popularity import zipf_popularity

SHARE = zipf_popularity(2_000, 0.9)
READS, WRITES = 900 * SHARE, 100 * SHARE


def test_without_writes_it_is_che():
    keys = hit_ratio_by_key(READS, 0 * READS, 200)
    assert keys.hit_ratio == pytest.approx(lru_hit_ratio(SHARE, 200), abs=1e-3)


def test_where_all_fits_only_writes_end_an_entry():
    keys = hit_ratio_by_key(READS, WRITES, 2_000)
    assert keys.hit_ratios == pytest.approx(np.full(2_000, 0.9))
    assert keys.kept_s is None


def test_where_all_fits_a_lifetime_is_that_of_a_ttl_cache():
    keys = hit_ratio_by_key(READS, 0 * READS, 2_000, ttl_s=20.0)
    assert keys.hit_ratio == pytest.approx(ttl_cache(SHARE, 900.0, 20.0).hit_ratio)


def test_one_key_that_takes_long_to_fill():
    """A renewal: one miss, r·F others, then r/w hits until a write."""
    keys = hit_ratio_by_key([50.0], [1.0], 1, fill_s=0.04)
    assert keys.hit_ratio == pytest.approx(50 / (1 + 50 * 0.04 + 50))


def played(rng, capacity, requests=400_000, ttl_s=np.inf):
    """Share of reads that hit, by key, in an LRU whose entries writes make invalid."""
    time = np.cumsum(rng.exponential(1e-3, requests)).tolist()
    keys = rng.choice(SHARE.size, requests, p=SHARE).tolist()
    writes = (rng.random(requests) < 0.1).tolist()
    cache, hits, reads = OrderedDict(), np.zeros(SHARE.size), np.zeros(SHARE.size)
    for now, key, write, counts in zip(
        time, keys, writes, np.arange(requests) > requests / 4, strict=True
    ):
        if write:
            if key in cache:
                cache[key] = -1.0
            continue
        hit = cache.get(key, -1.0) > now
        if not hit:
            cache[key] = now + ttl_s
        cache.move_to_end(key)
        if len(cache) > capacity:
            cache.popitem(last=False)
        reads[key] += counts
        hits[key] += hit * counts
    return hits, reads


@pytest.mark.parametrize(("capacity", "ttl_s"), [(200, np.inf), (1_000, np.inf), (2_000, 5.0)])
def test_a_cache_played_by_hand_agrees(capacity, ttl_s):
    hits, reads = played(np.random.default_rng(3), capacity, ttl_s=ttl_s)
    model = hit_ratio_by_key(READS, WRITES, capacity, ttl_s=None if ttl_s == np.inf else ttl_s)
    assert model.hit_ratio == pytest.approx(hits.sum() / reads.sum(), abs=0.005)
    popular, rare = slice(0, 20), slice(200, 400)
    for some in (popular, rare):
        found = hits[some].sum() / reads[some].sum()
        expected = model.hit_ratios[some] @ READS[some] / READS[some].sum()
        assert expected == pytest.approx(found, abs=0.02)
    without = hit_ratio_by_key(READS, 0 * WRITES, capacity)
    assert without.hit_ratio != pytest.approx(hits.sum() / reads.sum(), abs=0.02)
