"""Caches whose entries live for a fixed time: hit ratios, what they hold, how old it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._popularity_classes import PopularityClasses, descending
from scalelab.models._root import increasing_root


@dataclass(frozen=True, kw_only=True)
class TtlCacheResult:
    """A cache with room for everything that has not expired.

    Parameters
    ----------
    hit_ratio : float
        Share of all requests that hit, in [0, 1).
    mean_entries : float
        Entries that live at a time, on average.
    """

    hit_ratio: float
    mean_entries: float


def ttl_hit_ratio(
    request_rate_per_s: ArrayLike, ttl_s: ArrayLike, *, renewed: bool = False
) -> float | v.FloatArray:
    r"""Hit ratio of one key whose entry expires after a fixed time.

    Parameters
    ----------
    request_rate_per_s : float or array_like, shape (...)
        Poisson requests for the key per second, :math:`\lambda > 0`.
    ttl_s : float or array_like, shape (...)
        Lifetime of an entry in seconds, :math:`T \ge 0`.
    renewed : bool
        Whether each hit begins the lifetime anew, as in a session store; otherwise only a miss
        does, as with ``SETEX``.

    Returns
    -------
    float or ndarray, shape (...)
        Share of hits, in [0, 1).

    Notes
    -----
    A miss and the :math:`\lambda T` hits that follow it on average make a cycle, so
    :math:`h = \lambda T/(1 + \lambda T)`. Renewed, a request hits if the one before was less than
    T ago: :math:`h = 1 - e^{-\lambda T}`.

    References
    ----------
    Jung, Berger and Balakrishnan, "Modeling TTL-based internet caches", INFOCOM 2003; Fofack et
    al., "Performance evaluation of hierarchical TTL-based cache networks", Computer Networks 65,
    2014.

    Examples
    --------
    One request a minute, ten minutes or one:

    >>> [round(ttl_hit_ratio(1 / 60, ttl), 3) for ttl in (600, 60)]
    [0.909, 0.5]
    """
    requests = _requests_per_lifetime("ttl_hit_ratio", request_rate_per_s, ttl_s)
    ratio = -np.expm1(-requests) if renewed else requests / (1 + requests)
    return v.scalar_or_array(ratio)


def ttl_cache(
    popularity: ArrayLike, request_rate_per_s: float, ttl_s: float, *, renewed: bool = False
) -> TtlCacheResult:
    """Hit ratio and size of a cache in which only time ends an entry's life.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0; they need not add up to one.
    request_rate_per_s : float
        Poisson requests per second for all keys, > 0.
    ttl_s : float
        Lifetime of an entry in seconds, >= 0.
    renewed : bool
        As in `ttl_hit_ratio`.

    Returns
    -------
    TtlCacheResult
        Hit ratio over all requests, mean number of entries.

    Notes
    -----
    Poisson arrivals see time averages: the share of a key's requests that hit is also the share
    of time for which its entry is there. Memory sets no limit here; if the mean number of entries
    is above what fits, the cache's size and not its lifetime decides.

    Examples
    --------
    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> cache = ttl_cache(zipf_popularity(10_000, 0.8), 10.0, ttl_s=600.0)
    >>> round(cache.hit_ratio, 3), round(cache.mean_entries)
    (0.575, 2548)
    """
    name = "ttl_cache"
    weight = v.weights(name, "popularity", popularity)
    rate = v.number(name, "request_rate_per_s", request_rate_per_s)
    ttl = v.number(name, "ttl_s", ttl_s, minimum=0)
    share = weight / weight.sum()
    requests = share * rate * ttl
    ratio = -np.expm1(-requests) if renewed else requests / (1 + requests)
    return TtlCacheResult(hit_ratio=float(share @ ratio), mean_entries=float(ratio.sum()))


def request_rate_for_ttl_hit_ratio(popularity: ArrayLike, hit_ratio: float, ttl_s: float) -> float:
    """Return the requests per second at which a lifetime suffices for a hit ratio.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0.
    hit_ratio : float
        Wanted share of hits, in (0, 1).
    ttl_s : float
        Lifetime of an entry in seconds, > 0, begun by a miss only.

    Returns
    -------
    float
        Requests per second for all keys.

    Examples
    --------
    >>> round(request_rate_for_ttl_hit_ratio([1, 1, 1, 1], 0.8, ttl_s=8.0), 6)
    2.0
    """
    name = "request_rate_for_ttl_hit_ratio"
    weight = v.weights(name, "popularity", popularity)
    target = v.number(name, "hit_ratio", hit_ratio)
    v.open_fraction(name, "hit_ratio", target)
    ttl = v.number(name, "ttl_s", ttl_s)
    classes = PopularityClasses(descending(weight))

    def ratio(log_rate: float) -> float:
        requests = classes.popularity * math.exp(log_rate) * ttl
        return float(classes.share @ (requests / (1 + requests)))

    # The rarest key alone reaches the target at the highest of these rates, all keys as one at
    # the lowest; logarithms make the function nearly straight between them.
    lowest = math.log(target / (1 - target) / ttl)
    highest = lowest - math.log(classes.popularity[-1])
    return math.exp(increasing_root(ratio, target, lowest, highest, tolerance=1e-10))


def refresh_ahead_miss_ratio(
    request_rate_per_s: ArrayLike, ttl_s: ArrayLike, window: ArrayLike = 0.1
) -> float | v.FloatArray:
    r"""Share of misses when a request near the end of a lifetime renews the entry.

    Parameters
    ----------
    request_rate_per_s : float or array_like, shape (...)
        Poisson requests for the key per second, :math:`\lambda > 0`.
    ttl_s : float or array_like, shape (...)
        Lifetime of an entry in seconds, :math:`T \ge 0`.
    window : float or array_like, shape (...)
        Last share of the lifetime in which a request triggers the renewal, :math:`w` in [0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        :math:`e^{-w\lambda T} / (1 + (1 - w)\lambda T)`; the renewal itself takes no time.

    Notes
    -----
    A cycle begins with a new entry, has :math:`(1-w)\lambda T` hits on average and ends with the
    first request after them. That one misses if nobody came within the window. All cycles end
    with one read of the origin, so the origin has :math:`1/(1 + (1-w)\lambda T)` reads a request.

    Examples
    --------
    Ten requests in a lifetime, with and without renewal:

    >>> [round(refresh_ahead_miss_ratio(1 / 60, 600, window), 3) for window in (0.1, 0.0)]
    [0.037, 0.091]
    """
    name = "refresh_ahead_miss_ratio"
    share = v.fraction(name, "window", window)
    requests = _requests_per_lifetime(name, request_rate_per_s, ttl_s)
    v.broadcastable(name, requests_per_lifetime=requests, window=share)
    return v.scalar_or_array(np.exp(-share * requests) / (1 + (1 - share) * requests))


def _requests_per_lifetime(function: str, rate: ArrayLike, ttl_s: ArrayLike) -> v.FloatArray:
    rates = v.positive(function, "request_rate_per_s", rate)
    lifetime = v.non_negative(function, "ttl_s", ttl_s)
    v.broadcastable(function, request_rate_per_s=rates, ttl_s=lifetime)
    with np.errstate(over="ignore"):
        requests = rates * lifetime
    if not np.all(np.isfinite(requests)):
        v.refuse(function, "request_rate_per_s × ttl_s", "be finite", v.Words("inf"))
    return requests
