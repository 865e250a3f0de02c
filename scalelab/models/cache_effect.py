"""What hit ratios do for latency and for the load that is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def layer_shares(hit_ratios: ArrayLike) -> v.FloatArray:
    """Share of the requests that each layer answers, the origin last.

    Parameters
    ----------
    hit_ratios : array_like, shape (layers,), layers >= 1
        Hit ratio of each layer among the requests that reach it, in [0, 1].

    Returns
    -------
    ndarray, shape (layers + 1,)
        Shares that add up to one.

    Notes
    -----
    The ratio of a later layer is that among the misses of the earlier ones. It is lower than
    what the layer would hit alone: see `scalelab.models.cache_layers.two_lru_layers`.

    Examples
    --------
    >>> layer_shares([0.6, 0.9])
    array([0.6 , 0.36, 0.04])
    """
    ratios = v.vector("layer_shares", "hit_ratios", hit_ratios)
    v.fraction("layer_shares", "hit_ratios", ratios)
    reach = np.concatenate([[1.0], np.cumprod(1 - ratios)])
    return reach * np.append(ratios, 1.0)


def mean_layer_latency_s(hit_ratios: ArrayLike, latencies_s: ArrayLike) -> float:
    """Mean latency of requests that try one layer after the other.

    Parameters
    ----------
    hit_ratios : array_like, shape (layers,), layers >= 1
        Hit ratio of each layer among the requests that reach it, in [0, 1].
    latencies_s : array_like, shape (layers + 1,)
        Seconds that each layer takes, hit or miss, and the origin's, >= 0.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    A cache as slow as its database makes reads slower:

    >>> round(mean_layer_latency_s([0.8], [0.005, 0.005]), 6)
    0.006
    """
    shares, totals = _answers("mean_layer_latency_s", hit_ratios, latencies_s)
    return float(shares @ totals)


def layer_latency_percentile_s(
    q: ArrayLike, hit_ratios: ArrayLike, latencies_s: ArrayLike
) -> float | v.FloatArray:
    """Latency that a share of the requests does not exceed.

    Parameters
    ----------
    q : float or array_like, shape (...)
        Share of the requests, in [0, 1].
    hit_ratios, latencies_s
        As in `mean_layer_latency_s`.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Examples
    --------
    With 4 % of misses the 99th percentile is a miss:

    >>> layer_latency_percentile_s([0.5, 0.95, 0.99], [0.96], [0.001, 0.030])
    array([0.001, 0.001, 0.031])
    """
    name = "layer_latency_percentile_s"
    wanted = v.fraction(name, "q", q)
    shares, totals = _answers(name, hit_ratios, latencies_s)
    share_so_far = np.cumsum(shares)
    place = np.searchsorted(share_so_far, wanted * (1 - 1e-12))
    return v.scalar_or_array(totals[np.minimum(place, totals.size - 1)])


def break_even_hit_ratio(cache_s: ArrayLike, origin_s: ArrayLike) -> float | v.FloatArray:
    """Hit ratio above which a cache makes the mean latency shorter.

    Parameters
    ----------
    cache_s : float or array_like, shape (...)
        Seconds for a look into the cache, >= 0, which a miss takes too.
    origin_s : float or array_like, shape (...)
        Seconds for an answer of the origin, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        `cache_s` / `origin_s`; from 1 upwards no hit ratio helps.

    Examples
    --------
    >>> break_even_hit_ratio(0.003, 0.010)
    0.3
    """
    name = "break_even_hit_ratio"
    cache = v.non_negative(name, "cache_s", cache_s)
    origin = v.positive(name, "origin_s", origin_s)
    v.broadcastable(name, cache_s=cache, origin_s=origin)
    return v.scalar_or_array(cache / origin)


def capacity_multiplier(hit_ratio: ArrayLike, write_share: ArrayLike = 0.0) -> float | v.FloatArray:
    r"""How many times more requests an origin bears with a cache in front of it.

    Parameters
    ----------
    hit_ratio : float or array_like, shape (...)
        Share h of the reads that the cache answers, in [0, 1].
    write_share : float or array_like, shape (...)
        Share w of the requests that are writes, in [0, 1], which all reach the origin.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1/(w + (1-w)(1-h))`, where writes and reads cost the origin the same; infinite
        where nothing reaches it. Its inverse is the origin's share of the load, and the factor
        by which the load grows when the cache fails is the multiplier.

    References
    ----------
    Denning and Buzen, "The operational analysis of queueing network models", ACM Computing
    Surveys 10, 1978: the forced flow law.

    Examples
    --------
    >>> capacity_multiplier(0.9, [0.0, 0.01, 0.1]).round(2)
    array([10.  ,  9.17,  5.26])
    """
    name = "capacity_multiplier"
    hits = v.fraction(name, "hit_ratio", hit_ratio)
    writes = v.fraction(name, "write_share", write_share)
    v.broadcastable(name, hit_ratio=hits, write_share=writes)
    load = writes + (1 - writes) * (1 - hits)
    result = np.divide(1.0, load, out=np.full(np.shape(load), np.inf), where=load > 0)
    return v.scalar_or_array(result)


def _answers(
    function: str, hit_ratios: ArrayLike, latencies_s: ArrayLike
) -> tuple[v.FloatArray, v.FloatArray]:
    """Share of the requests that each layer answers, and how long they take until then."""
    ratios = v.vector(function, "hit_ratios", hit_ratios)
    v.fraction(function, "hit_ratios", ratios)
    latencies = v.vector(function, "latencies_s", latencies_s, length=ratios.size + 1)
    v.non_negative(function, "latencies_s", latencies)
    return layer_shares(ratios), np.cumsum(latencies)
