"""What the learner wrote in earlier labs, in this shop: a cache, measured once, and its worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab.course.chapters.capstone.plan import PRICES, Plan, system_of
from scalelab.models.hit_ratio import lru_hit_ratio
from scalelab.real.limits import call
from scalelab.workloads.popularity import KeySampler

READS = 100_000  # after as many that only warm the cache


@dataclass(frozen=True, kw_only=True)
class MeasuredCache:
    """A cache under the reads of the shop.

    Parameters
    ----------
    hit_ratio : float
        Share of the reads that found their key.
    like_lru_of : int
        Entries with which LRU would have it.
    saved_usd : float
        Dollars a month that these cost more than those that are there.
    """

    hit_ratio: float
    like_lru_of: int
    saved_usd: float


def measure_cache(
    make_cache: Callable[[int], Any], entries: int, *, rng: np.random.Generator
) -> MeasuredCache:
    """Read through a cache with `get`, which gives None where it has nothing, and `put`.

    `make_cache` makes one with so many entries. The week knows LRU only: a plan takes the entries
    of an LRU cache that hits as often, and the price of those between is what the policy saves.
    """
    popularity = system_of(Plan()).demand.popularity()
    keys = KeySampler(popularity).draw(2 * READS, rng=rng).tolist()
    cache, hits = call(make_cache, entries), 0
    for number, key in enumerate(keys):
        if call(cache.get, key) is None:
            call(cache.put, key, key + 1)
        elif number >= READS:
            hits += 1
    low, high = 1, popularity.size
    while high - low > popularity.size // 1_000:
        middle = (low + high) // 2
        enough = float(lru_hit_ratio(popularity, middle)) * READS >= hits
        low, high = (low, middle) if enough else (middle, high)
    saved = (high - entries) / 1e6 * PRICES.cache_million_usd
    return MeasuredCache(hit_ratio=hits / READS, like_lru_of=high, saved_usd=saved)
