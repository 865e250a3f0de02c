"""Many requests for what has just expired: stampede, early recomputation, mass expiry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._quadrature import half_line


@dataclass(frozen=True, kw_only=True)
class EarlyRecomputation:
    """What XFetch does at one expiry of a hot key.

    Parameters
    ----------
    miss_probability : float
        Chance that nobody recomputed early, so that a request finds nothing.
    mean_recomputations : float
        Recomputations in all, the needless ones included.
    mean_early_s : float
        Time before expiry at which the first begins.
    """

    miss_probability: float
    mean_recomputations: float
    mean_early_s: float


def redundant_recomputations(
    request_rate_per_s: ArrayLike, recompute_s: ArrayLike
) -> float | v.FloatArray:
    r"""Mean number of requests that recompute a key which is being recomputed already.

    Parameters
    ----------
    request_rate_per_s : float or array_like, shape (...)
        Requests for the key per second, :math:`\lambda > 0`.
    recompute_s : float or array_like, shape (...)
        Seconds that one recomputation takes, :math:`\delta \ge 0`.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\lambda\delta`, besides the first. With a lock or a lease it is zero.

    Examples
    --------
    >>> redundant_recomputations(1_000, 0.05)
    50.0
    """
    name = "redundant_recomputations"
    rate = v.positive(name, "request_rate_per_s", request_rate_per_s)
    time = v.non_negative(name, "recompute_s", recompute_s)
    v.broadcastable(name, request_rate_per_s=rate, recompute_s=time)
    return v.scalar_or_array(rate * time)


def early_recomputation(
    request_rate_per_s: float, recompute_s: float, *, beta: float = 1.0
) -> EarlyRecomputation:
    r"""Probabilistic early recomputation of a hot key: XFetch.

    Parameters
    ----------
    request_rate_per_s : float
        Poisson requests for the key per second, :math:`\lambda > 0`.
    recompute_s : float
        Seconds that one recomputation takes, :math:`\delta > 0`.
    beta : float
        Eagerness, from 0.01 to 100; above one it recomputes earlier.

    Returns
    -------
    EarlyRecomputation
        Chance of a miss, recomputations, and how early the first is.

    Notes
    -----
    A request at a time :math:`g` before expiry recomputes with probability
    :math:`e^{-g/(\beta\delta)}`, so the chance that nobody does is :math:`e^{-m}` with
    :math:`m = \lambda\beta\delta` (for a lifetime of many :math:`\beta\delta`). While the
    first recomputation runs, others may begin: they are counted up to expiry with the same
    intensity, and after it as misses.

    References
    ----------
    Vattani, Chierichetti and Lowenstein, "Optimal probabilistic cache stampede prevention",
    PVLDB 8(8), 2015.

    Examples
    --------
    >>> early = early_recomputation(1_000, 0.05)
    >>> round(early.mean_recomputations, 2), round(early.mean_early_s, 3)
    (2.72, 0.224)
    """
    name = "early_recomputation"
    rate = v.number(name, "request_rate_per_s", request_rate_per_s)
    time = v.number(name, "recompute_s", recompute_s)
    eagerness = v.number(name, "beta", beta)
    if not 0.01 <= eagerness <= 100:
        v.refuse(name, "beta", "be from 0.01 to 100", beta)
    load = v.number(name, "request_rate_per_s × recompute_s", rate * time)
    whole = load * eagerness  # recomputations begun before expiry, if none stopped the rest
    miss = math.exp(-whole)
    return EarlyRecomputation(
        miss_probability=miss,
        mean_recomputations=1 + miss * load + _overlapping(load, whole, eagerness),
        mean_early_s=eagerness
        * time
        * half_line(
            lambda x: -np.expm1(-whole * np.exp(-x)),
            min(1.0, 1 / whole),
            10.0 + max(math.log(whole), 0.0),
        ),
    )


def mass_expiry_misses(
    keys: int, request_rate_per_s: ArrayLike, window_s: ArrayLike
) -> float | v.FloatArray:
    r"""Misses in a window after many equally popular keys expire at one moment.

    Parameters
    ----------
    keys : int
        Keys that expire, K >= 1.
    request_rate_per_s : float or array_like, shape (...)
        Requests per second for all of them, :math:`\lambda > 0`.
    window_s : float or array_like, shape (...)
        Seconds after the expiry, w >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`K(1 - e^{-\lambda w/K})`: the different keys that are asked for, if each is
        cached again at once.

    Examples
    --------
    >>> round(mass_expiry_misses(100_000, 10_000, 1.0))
    9516
    """
    name = "mass_expiry_misses"
    count = v.count(name, "keys", keys)
    rate = v.positive(name, "request_rate_per_s", request_rate_per_s)
    window = v.non_negative(name, "window_s", window_s)
    v.broadcastable(name, request_rate_per_s=rate, window_s=window)
    return v.scalar_or_array(-count * np.expm1(-rate * window / count))


def jittered_expiry_rate_per_s(
    keys: int, ttl_s: ArrayLike, jitter_share: ArrayLike
) -> float | v.FloatArray:
    r"""Highest mean rate of expiry of keys that were loaded together, with jitter.

    Parameters
    ----------
    keys : int
        Keys, K >= 1.
    ttl_s : float or array_like, shape (...)
        Mean time to live in seconds, T > 0.
    jitter_share : float or array_like, shape (...)
        Each key lives :math:`T(1 \pm j)`, uniformly, with j in (0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        :math:`K/(2jT)` keys per second. Misses cannot come faster on average.

    Examples
    --------
    >>> round(jittered_expiry_rate_per_s(100_000, 600, 0.1))
    833
    """
    name = "jittered_expiry_rate_per_s"
    count = v.count(name, "keys", keys)
    ttl = v.positive(name, "ttl_s", ttl_s)
    jitter = v.positive(name, "jitter_share", jitter_share)
    v.fraction(name, "jitter_share", jitter)
    v.broadcastable(name, ttl_s=ttl, jitter_share=jitter)
    return v.scalar_or_array(count / (2 * jitter * ttl))


def _overlapping(load: float, whole: float, beta: float) -> float:
    """Further recomputations while the first, begun before expiry, runs.

    The first begins when m of `whole` have accumulated, with density exp(−m).
    """
    growth = math.expm1(min(1 / beta, 700.0))
    inside = whole * math.exp(-1 / beta)  # begun later, it is still running at expiry
    early = growth * (1 - math.exp(-inside) * (1 + inside))

    m = np.linspace(inside, min(whole, inside + 745.0), 4001)
    after_expiry = load - whole * (np.log(whole) - np.log(np.maximum(m, 1e-300)))
    density = np.exp(-m) * (whole - m + np.maximum(after_expiry, 0.0))
    return early + float(np.sum((density[1:] + density[:-1]) / 2) * (m[1] - m[0]))
