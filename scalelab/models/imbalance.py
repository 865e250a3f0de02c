"""Uneven shares: what the fullest server costs the whole fleet."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def peak_to_mean(loads: ArrayLike) -> float:
    """Load of the fullest server over the mean load.

    Parameters
    ----------
    loads : array_like, shape (servers,)
        Requests, sessions, bytes or shares of each server, >= 0, not all zero.

    Returns
    -------
    float
        1 for an even load, up to the number of servers.

    Examples
    --------
    >>> round(peak_to_mean([1_000, 100, 500]), 3)
    1.875
    """
    load = _loads("peak_to_mean", loads)
    return float(load.max() / load.mean())


def usable_share(loads: ArrayLike) -> float:
    """Share of the fleet's nominal capacity that an uneven load leaves.

    Parameters
    ----------
    loads : array_like, shape (servers,)
        As in `peak_to_mean`.

    Returns
    -------
    float
        In (0, 1], the inverse of `peak_to_mean`.

    Examples
    --------
    >>> round(usable_share([1_000, 100, 500]), 4)
    0.5333
    """
    load = _loads("usable_share", loads)
    return float(load.mean() / load.max())


def _loads(function: str, loads: ArrayLike) -> v.FloatArray:
    load = v.non_negative(function, "loads", v.vector(function, "loads", loads))
    if not np.any(load > 0):
        v.refuse(function, "loads", "hold a number above zero", loads)
    return load
