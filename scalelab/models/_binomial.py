"""Tail of the binomial distribution."""

from __future__ import annotations

import math

import numpy as np

from scalelab import _validate as v


def binomial_tail(share: v.FloatArray, least: int, nodes: int) -> v.FloatArray:
    """P(Binomial(nodes, share) >= least), for shares that are checked."""
    share = np.asarray(share, dtype=np.float64)
    total = np.zeros_like(share)
    for count in range(least, nodes + 1):
        total = total + math.comb(nodes, count) * share**count * (1 - share) ** (nodes - count)
    return np.minimum(total, 1.0)
