"""Chances that something else happens in a short window."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def arrival_within(rate_per_s: ArrayLike, window_s: ArrayLike) -> float | v.FloatArray:
    r"""Chance of at least one event of a Poisson stream in a window.

    Parameters
    ----------
    rate_per_s : float or array_like, shape (...)
        Events per second, :math:`\lambda > 0`.
    window_s : float or array_like, shape (...)
        Length of the window in seconds, w >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - e^{-\lambda w}`.

    Raises
    ------
    ValueError
        An argument is out of range.

    Notes
    -----
    A second request of a session while the first still holds a copy of it; a read that
    caches the old row while the replica lags; a write while a cache entry is filled.

    Examples
    --------
    A lag of 100 ms, and 1, 10 or 100 reads per second:

    >>> arrival_within([1, 10, 100], 0.1).round(4)
    array([0.0952, 0.6321, 1.    ])
    """
    rate = v.positive("arrival_within", "rate_per_s", rate_per_s)
    window = v.non_negative("arrival_within", "window_s", window_s)
    v.broadcastable("arrival_within", rate_per_s=rate, window_s=window)
    return v.scalar_or_array(-np.expm1(-rate * window))


def reordered_share(write_rate_per_s: ArrayLike, mean_delay_s: ArrayLike) -> float | v.FloatArray:
    r"""Share of successive writes that reach the cache in the opposite order.

    Parameters
    ----------
    write_rate_per_s : float or array_like, shape (...)
        Writes to one key per second, a Poisson stream, :math:`w > 0`.
    mean_delay_s : float or array_like, shape (...)
        Mean of the exponential delay between database and cache, m >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\tfrac12 m/(m + 1/w)`: the older value stays.

    Raises
    ------
    ValueError
        An argument is out of range.

    Notes
    -----
    The first write is still on its way when the second begins with probability
    :math:`m/(m + 1/w)`; without memory, either is then the first to arrive with one half.

    Examples
    --------
    >>> reordered_share([10, 100], 0.001).round(5)
    array([0.00495, 0.04545])
    """
    rate = v.positive("reordered_share", "write_rate_per_s", write_rate_per_s)
    delay = v.non_negative("reordered_share", "mean_delay_s", mean_delay_s)
    v.broadcastable("reordered_share", write_rate_per_s=rate, mean_delay_s=delay)
    return v.scalar_or_array(0.5 * delay / (delay + 1 / rate))
