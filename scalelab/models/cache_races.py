"""How often a cache keeps an old value although every write deletes or replaces it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def stale_fill_probability(write_rate_per_s: ArrayLike, fill_s: ArrayLike) -> float | v.FloatArray:
    r"""Chance that what a miss stores is old already, with delete-on-write.

    Parameters
    ----------
    write_rate_per_s : float or array_like, shape (...)
        Poisson writes to the key per second, :math:`w > 0`.
    fill_s : float or array_like, shape (...)
        Seconds from the read of the origin to the store in the cache, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - e^{-w t}`: a write and its delete fell in between, and nothing deletes again.

    References
    ----------
    Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, sec. 3.2.1, who prevent it by
    leases.

    Examples
    --------
    >>> round(stale_fill_probability(10.0, 0.005), 4)
    0.0488
    """
    name = "stale_fill_probability"
    rate = v.positive(name, "write_rate_per_s", write_rate_per_s)
    time = v.non_negative(name, "fill_s", fill_s)
    v.broadcastable(name, write_rate_per_s=rate, fill_s=time)
    with np.errstate(over="ignore"):
        return v.scalar_or_array(-np.expm1(-rate * time))


def reordered_writes_probability(
    write_rate_per_s: ArrayLike, mean_delay_s: ArrayLike
) -> float | v.FloatArray:
    r"""Chance that of two successive writes the older one reaches the cache last.

    Parameters
    ----------
    write_rate_per_s : float or array_like, shape (...)
        Poisson writes to the key per second, :math:`w > 0`.
    mean_delay_s : float or array_like, shape (...)
        Mean seconds m >= 0 from the write in the database to that in the cache, exponential and
        independent.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\tfrac12 m/(m + 1/w)`: the second write comes before the first has arrived, and
        then either is as likely to arrive first.

    Examples
    --------
    >>> round(reordered_writes_probability(100.0, 0.001), 4)
    0.0455
    """
    name = "reordered_writes_probability"
    rate = v.positive(name, "write_rate_per_s", write_rate_per_s)
    delay = v.non_negative(name, "mean_delay_s", mean_delay_s)
    v.broadcastable(name, write_rate_per_s=rate, mean_delay_s=delay)
    with np.errstate(over="ignore"):
        return v.scalar_or_array(0.5 * delay / (delay + 1 / rate))


def worst_staleness_s(lifetimes_s: ArrayLike) -> float:
    """Oldest value that a reader may see through caches that fill from each other.

    Parameters
    ----------
    lifetimes_s : array_like, shape (layers,), layers >= 1
        Lifetime of the entries of each layer in seconds, >= 0, and the lag of a replica that the
        last one reads from, if there is one.

    Returns
    -------
    float
        Their sum: a layer may fill from another just before that one's entry expires.

    Examples
    --------
    >>> worst_staleness_s([60, 600])
    660.0
    """
    name = "worst_staleness_s"
    lifetimes = v.vector(name, "lifetimes_s", lifetimes_s)
    return float(v.non_negative(name, "lifetimes_s", lifetimes).sum())
