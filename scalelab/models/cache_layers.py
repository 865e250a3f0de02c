"""A cache behind a cache: what the second layer still hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._popularity_classes import PopularityClasses, descending

STEPS = 48  # of the recursion, within one characteristic time of the first layer
FEWEST_KEYS = 90  # with fewer, Che's approximation is off by more than 0.002
FAR = 100.0  # characteristic times after which the first layer's misses look like Poisson


@dataclass(frozen=True, kw_only=True)
class TwoLayers:
    """Hit ratios of an LRU cache behind another.

    Parameters
    ----------
    first : float
        Share of all requests that the first layer hits.
    second : float
        Share of the first layer's misses that the second hits.
    second_alone : float
        Share of all requests that the second layer would hit without the first.
    origin : float
        Share of all requests that neither hits.
    """

    first: float
    second: float
    second_alone: float
    origin: float


def two_lru_layers(popularity: ArrayLike, first_capacity: int, second_capacity: int) -> TwoLayers:
    r"""Hit ratios of LRU behind LRU in the long run: the first layer takes the easy hits.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0; at least 90 of them are above zero.
    first_capacity, second_capacity : int
        Objects that fit into each, >= 1. A miss of both is stored in both.

    Returns
    -------
    TwoLayers
        Hit ratios of both and of the second alone.

    Notes
    -----
    By Che's approximation a key stays in the first layer for :math:`T_1` requests after its last.
    Its misses are then at least :math:`T_1` apart, and beyond that occur at rate
    :math:`\mu = p e^{-pT_1}`. The chance S(u) that the next is more than u away therefore
    solves :math:`S'(u) = -\mu S(u - T_1)`, with S = 1 up to :math:`T_1`. The second layer hits if
    it is within :math:`T_2`, which is where :math:`\sum \mu \int_0^{T_2} S\,du` is its capacity.
    The equation is stepped through numerically, or, if :math:`T_2 > 100\,T_1`, replaced by that
    of Poisson misses.

    References
    ----------
    Che, Tung and Wang, "Hierarchical web caching systems: modeling, design and experimental
    results", IEEE Journal on Selected Areas in Communications 20, 2002; Fofack et al.,
    "Performance evaluation of hierarchical TTL-based cache networks", Computer Networks 65, 2014.

    Examples
    --------
    Two thousand objects in front of fifty thousand, of a hundred thousand:

    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> layers = two_lru_layers(zipf_popularity(100_000, 1.0), 2_000, 50_000)
    >>> round(layers.first, 3), round(layers.second_alone, 3), round(layers.second, 3)
    (0.574, 0.918, 0.808)
    """
    name = "two_lru_layers"
    weights = descending(v.weights(name, "popularity", popularity))
    if np.count_nonzero(weights) < FEWEST_KEYS:
        rule = f"have at least {FEWEST_KEYS} weights above zero"
        remedy = "for fewer keys, simulate"
        v.refuse(name, "popularity", rule, np.count_nonzero(weights), remedy)
    classes = PopularityClasses(weights)
    first = v.count(name, "first_capacity", first_capacity)
    second = v.count(name, "second_capacity", second_capacity)
    times = classes.time_to_fill(np.array([first, second], dtype=np.float64))
    hits = classes.different_and_again(times)[1]
    if not np.isfinite(times[0]):  # nothing is left for the second
        return TwoLayers(first=1.0, second=0.0, second_alone=float(hits[1]), origin=0.0)
    missed = classes.share * np.exp(-classes.popularity * times[0])
    behind = 1.0
    if np.isfinite(times[1]):
        behind = float(missed @ _hits_behind(classes, float(times[0]), second) / missed.sum())
    origin = float((1 - hits[0]) * (1 - behind))
    return TwoLayers(
        first=float(hits[0]), second=behind, second_alone=float(hits[1]), origin=origin
    )


def _hits_behind(classes: PopularityClasses, first_time: float, capacity: int) -> v.FloatArray:
    """Chance, for each class, that a miss of the first layer hits in the second."""
    rate = classes.popularity * np.exp(-classes.popularity * first_time)
    step = first_time / STEPS
    survival = np.ones((STEPS + 1, rate.size))  # of the last STEPS + 1 moments, in turn
    inside, held = np.zeros(rate.size), 0.0
    for now in range(round(FAR * STEPS)):
        last, following = survival[now % (STEPS + 1)], survival[(now + 1) % (STEPS + 1)]
        # one characteristic time ago; `following` still holds the older of the two
        delayed = (following + survival[(now + 2) % (STEPS + 1)]) / 2
        further = last - rate * step * delayed if now >= STEPS else np.ones(rate.size)
        inside += rate * step * (last + further) / 2
        before, held = held, float(classes.members @ inside)
        if held >= capacity:
            part = (capacity - before) / (held - before)
            return 1 - (last + part * (further - last))
        survival[(now + 1) % (STEPS + 1)] = further
    return _poisson_hits(classes.members, rate, capacity)


def _poisson_hits(members: v.FloatArray, rate: v.FloatArray, capacity: int) -> v.FloatArray:
    low, high = 0.0, 1 / rate.max()
    while members @ -np.expm1(-rate * high) < capacity and high < 1e300:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        full = members @ -np.expm1(-rate * middle) >= capacity
        low, high = (low, middle) if full else (middle, high)
    return -np.expm1(-rate * high)
