"""Hit ratios from popularity alone: the most popular keys, and LRU by Che's approximation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._popularity_classes import PopularityClasses, descending


def perfect_hit_ratio(popularity: ArrayLike, capacity: ArrayLike) -> float | v.FloatArray:
    """Hit ratio of a cache that always holds the most popular keys.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0; they need not add up to one.
    capacity : int or array_like of int, shape (...)
        Objects that fit, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        Share of the requests that hit, in [0, 1].

    Notes
    -----
    The best that any policy can do in the long run when requests are independent. LFU comes near
    to it; no policy knows the popularities beforehand.

    References
    ----------
    Aho, Denning and Ullman, "Principles of optimal page replacement", Journal of the ACM 18, 1971.

    Examples
    --------
    >>> perfect_hit_ratio([0.5, 0.3, 0.2], capacity=2)
    0.8
    """
    name = "perfect_hit_ratio"
    weight = v.weights(name, "popularity", popularity)
    wanted = v.counts(name, "capacity", capacity, minimum=0)
    held = np.concatenate([[0.0], np.cumsum(descending(weight))]) / weight.sum()
    place = np.minimum(wanted, weight.size).astype(np.int64)
    return v.scalar_or_array(np.minimum(held[place], 1))


def lru_characteristic_time(popularity: ArrayLike, capacity: ArrayLike) -> float | v.FloatArray:
    r"""Che's characteristic time: for how many requests LRU keeps a key after its last use.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0.
    capacity : int or array_like of int, shape (...)
        Objects that fit, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        T, in requests; infinite where all keys fit.

    Notes
    -----
    T solves :math:`\sum_k (1 - e^{-p_k T}) = c`: in T requests, c different keys are asked for.
    Keys whose popularities differ by less than one percent are taken together.

    References
    ----------
    Che, Tung and Wang, "Hierarchical web caching systems: modeling, design and experimental
    results", IEEE Journal on Selected Areas in Communications 20, 2002.

    Examples
    --------
    Two of four equal keys:

    >>> round(lru_characteristic_time([1, 1, 1, 1], capacity=2), 3)
    2.773
    """
    name = "lru_characteristic_time"
    classes = _classes(name, popularity)
    return v.scalar_or_array(classes.time_to_fill(v.counts(name, "capacity", capacity)))


def lru_hit_ratio(popularity: ArrayLike, capacity: ArrayLike) -> float | v.FloatArray:
    r"""Hit ratio of LRU in the long run, by Che's approximation.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0.
    capacity : int or array_like of int, shape (...)
        Objects that fit, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Share of the requests that hit, in [0, 1].

    Notes
    -----
    :math:`h = \sum_k p_k (1 - e^{-p_k T})` with T of `lru_characteristic_time`, for independent
    requests. It is good from a few dozen objects upwards. A trace that begins with an empty cache
    has fewer hits, for long: see `lru_trace_hit_ratio`.

    References
    ----------
    As `lru_characteristic_time`; Fricker, Robert and Roberts, "A versatile and accurate
    approximation for LRU cache performance", International Teletraffic Congress 2012.

    Examples
    --------
    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> round(lru_hit_ratio(zipf_popularity(100_000, 0.883), capacity=20_000), 3)
    0.688
    """
    name = "lru_hit_ratio"
    classes = _classes(name, popularity)
    time = classes.time_to_fill(v.counts(name, "capacity", capacity))
    return v.scalar_or_array(classes.different_and_again(time)[1])


def lru_trace_hit_ratio(
    popularity: ArrayLike, capacity: ArrayLike, requests: int
) -> float | v.FloatArray:
    r"""Hit ratio of LRU over a trace that begins with an empty cache.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0.
    capacity : int or array_like of int, shape (...)
        Objects that fit, >= 1.
    requests : int
        Length of the trace, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Mean share of the requests that hit, in [0, 1].

    Notes
    -----
    A request hits if its key was asked for within the last T requests, or since the beginning if
    that is less ago, so that with c objects

    .. math:: h_n = \Bigl(1 - \frac{T}{n}\Bigr) \sum_k p_k (1 - e^{-p_k T}) + \frac{T - c}{n},

    and where n requests do not fill the cache, T is n and c the number of keys asked for.

    Examples
    --------
    Ten million requests over a million keys, with room for a tenth of them:

    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> popularity = zipf_popularity(1_000_000, 1.0)
    >>> round(lru_trace_hit_ratio(popularity, 100_000, requests=10_000_000), 3)
    0.777
    >>> round(lru_hit_ratio(popularity, 100_000), 3)
    0.779
    """
    name = "lru_trace_hit_ratio"
    classes = _classes(name, popularity)
    wanted = v.counts(name, "capacity", capacity)
    length = v.count(name, "requests", requests)
    time = np.minimum(classes.time_to_fill(wanted), length)
    different, steady = classes.different_and_again(time)
    ratio = (1 - time / length) * steady + (time - different) / length
    return v.scalar_or_array(np.clip(ratio, 0, 1))


def _classes(function: str, popularity: ArrayLike) -> PopularityClasses:
    return PopularityClasses(descending(v.weights(function, "popularity", popularity)))
