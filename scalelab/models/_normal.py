"""Normal distribution, from the standard library."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from scalelab import _validate as v

_erfc = np.vectorize(math.erfc, otypes=[np.float64])
_inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])


def tail(x: v.FloatArray) -> v.FloatArray:
    """P(Z > x)."""
    return 0.5 * _erfc(np.asarray(x) / math.sqrt(2))


def cdf(x: v.FloatArray) -> v.FloatArray:
    """P(Z <= x)."""
    return tail(-np.asarray(x))


def density(x: v.FloatArray) -> v.FloatArray:
    """Density of Z at x."""
    far = np.minimum(np.abs(x), 1e9)  # whose square no float holds; the density is zero there
    return np.exp(-0.5 * np.square(far)) / math.sqrt(2 * math.pi)


def quantile(q: v.FloatArray) -> v.FloatArray:
    """Return the x with P(Z <= x) = q, for q in (0, 1)."""
    return _inverse(q)
