"""What the learner wrote in earlier labs, in this shop: a cache, measured once, and its worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab.course.chapters.capstone.plan import PRICES, ShopPlan, system_of
from scalelab.real.limits import call
from scalelab.sim.miss_ratio_curve import lru_curve
from scalelab.workloads.popularity import KeySampler

READS = 200_000  # from an empty cache


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
    popularity = system_of(ShopPlan()).demand.popularity()
    keys = KeySampler(popularity).draw(READS, rng=rng)
    cache, hits = call(make_cache, entries), 0
    for key in keys.tolist():
        if call(cache.get, key) is None:
            call(cache.put, key, key + 1)
        else:
            hits += 1
    ratio = hits / READS
    curve = lru_curve(keys)
    like = curve.smallest_capacity(min(ratio, float(curve.hit_ratio[-1])))
    saved = (like - entries) / 1e6 * PRICES.cache_million_usd
    return MeasuredCache(hit_ratio=ratio, like_lru_of=like, saved_usd=saved)
