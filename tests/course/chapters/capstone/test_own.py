"""A cache of one's own is worth what LRU would need."""

import numpy as np
import pytest

from scalelab.course.chapters.capstone import own
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lru_cache import LruCache


@pytest.fixture(autouse=True)
def _fewer_reads(monkeypatch):
    monkeypatch.setattr(own, "READS", 30_000)


def measured(make, entries=2_000):
    return own.measure_cache(make, entries, rng=np.random.default_rng(1))


def test_lru_is_worth_itself():
    found = measured(LruCache)
    assert found.like_lru_of == pytest.approx(2_000, abs=20)
    assert found.saved_usd == pytest.approx(0, abs=0.1)


def test_fifo_is_worth_less_and_its_hits_are_counted():
    lru, fifo = measured(LruCache), measured(FifoCache)
    assert 0.1 < fifo.hit_ratio < lru.hit_ratio
    assert fifo.like_lru_of < 1_900
    assert fifo.saved_usd < 0
