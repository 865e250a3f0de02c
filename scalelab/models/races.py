"""Chance that something else happens in a short window."""

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

    Notes
    -----
    A second request of a session while the first still holds a copy of it; a read that
    caches the old row while the replica lags; a write while a cache entry is filled.

    References
    ----------
    Feller, *An Introduction to Probability Theory and Its Applications*, vol. 1, 3rd ed., 1968,
    ch. VI.

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
