"""How large a cache, or how skewed a popularity, a wanted hit ratio takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._popularity_classes import PopularityClasses, descending
from scalelab.models._root import increasing_root

STEEPEST = 64.0  # the second of two keys has 2**-64 of the requests
_Ratio = Callable[[int], float]


def smallest_cache(popularity: ArrayLike, hit_ratio: float, policy: str = "lru") -> int:
    """Fewest objects with which a cache reaches a hit ratio in the long run.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0.
    hit_ratio : float
        Wanted share of hits, in (0, 1].
    policy : {"lru", "perfect"}
        LRU by Che's approximation, or the most popular keys.

    Returns
    -------
    int
        Objects, at most the number of keys.

    References
    ----------
    As `scalelab.models.hit_ratio.lru_hit_ratio`; Che, Tung and Wang, "Hierarchical web caching
    systems: modeling, design and experimental results", IEEE Journal on Selected Areas in
    Communications 20, 2002.

    Examples
    --------
    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> popularity = zipf_popularity(10_000, 0.883)
    >>> smallest_cache(popularity, 0.8, "perfect"), smallest_cache(popularity, 0.8, "lru")
    (2854, 4173)
    """
    name = "smallest_cache"
    _check_policy(name, policy)
    weight = descending(v.weights(name, "popularity", popularity))
    target = _target(name, "hit_ratio", hit_ratio)
    ratio_at = _ratio_at(weight, policy)
    enough, too_few = weight.size, 0
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if ratio_at(middle) >= target:
            enough = middle
        else:
            too_few = middle
    return enough


def zipf_exponent_for(
    keys: int, key_share: float, hit_ratio: float, policy: str = "perfect"
) -> float:
    """Zipf exponent at which a cache for a share of the keys reaches a hit ratio.

    Parameters
    ----------
    keys : int
        Keys in the catalogue, >= 2.
    key_share : float
        Share of the keys that fit, in (0, 1); rounded to whole keys, at least one.
    hit_ratio : float
        Wanted share of hits, in [`key_share`, 1).
    policy : {"perfect", "lru"}
        The most popular keys, or LRU by Che's approximation.

    Returns
    -------
    float
        Exponent, >= 0, to six digits.

    References
    ----------
    Breslau et al., "Web caching and Zipf-like distributions: evidence and implications",
    INFOCOM 1999.

    Examples
    --------
    What it takes for 20 % of a hundred thousand keys to get 80 % of the requests:

    >>> round(zipf_exponent_for(100_000, 0.2, 0.8), 3)
    0.914
    """
    name = "zipf_exponent_for"
    _check_policy(name, policy)
    keys = v.count(name, "keys", keys, 2, v.MOST_DRAWN)
    share = float(v.open_fraction(name, "key_share", v.number(name, "key_share", key_share)))
    target = _target(name, "hit_ratio", hit_ratio)
    v.open_fraction(name, "hit_ratio", target)
    capacity = min(max(round(share * keys), 1), keys - 1)
    log_rank = np.log(np.arange(1, keys + 1))

    def ratio(exponent: float) -> float:
        return _ratio_at(np.exp(-exponent * log_rank), policy)(capacity)

    least = ratio(0.0)
    if target < least - 1e-12:
        v.refuse(name, "hit_ratio", f"be >= {least:g}", target, "equal keys give as much")
    steep = 1.0
    while ratio(steep) < target and steep < STEEPEST:
        steep *= 2
    return increasing_root(ratio, target, 0.0, steep, tolerance=1e-8)


def _ratio_at(weight: v.FloatArray, policy: str) -> _Ratio:
    """Hit ratio as a function of the capacity, for weights in descending order."""
    if policy == "perfect":
        held = np.cumsum(weight)
        return lambda capacity: float(held[capacity - 1] / held[-1])
    classes = PopularityClasses(weight)

    def ratio(capacity: int) -> float:
        time = classes.time_to_fill(np.array(float(capacity)))
        return float(classes.different_and_again(time)[1])

    return ratio


def _check_policy(function: str, policy: str) -> None:
    if not isinstance(policy, str) or policy not in ("lru", "perfect"):
        v.refuse(function, "policy", "be 'lru' or 'perfect'", policy)


def _target(function: str, argument: str, ratio: float) -> float:
    target = v.number(function, argument, ratio)
    v.fraction(function, argument, target)
    return target
