"""What requests do: read or write, and which key."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v


def write_flags(count: int, write_share: float, *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether each request is a write, independently of the others.

    Parameters
    ----------
    count : int
        Number of requests, >= 1.
    write_share : float
        Share of writes, in [0, 1]: 0.1 for nine reads to a write.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of bool, shape (count,)
        True for a write.

    Examples
    --------
    >>> float(write_flags(100_000, 0.1, rng=np.random.default_rng(1)).mean().round(2))
    0.1
    """
    name = "write_flags"
    share = _share(name, "write_share", write_share)
    return (
        v.generator(name, rng).random(v.count(name, "count", count, maximum=v.MOST_DRAWN)) < share
    )


def read_again_flags(keys: ArrayLike, window: int) -> NDArray[np.bool_]:
    """Whether each request asks for a key that was asked for a short while ago.

    Parameters
    ----------
    keys : array_like of int, shape (n,)
        Key of each request, in order.
    window : int
        How many requests back to look, >= 1.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the same key stands among the `window` requests before: the share is a first
        look at the locality of a trace.

    Examples
    --------
    >>> read_again_flags([7, 8, 7, 9, 8], window=2)
    array([False, False,  True, False, False])
    """
    name = "read_again_flags"
    values = v.vector(name, "keys", keys)
    width = v.count(name, "window", window)
    order = np.argsort(values, kind="stable")  # equal keys together, in order of time
    repeats = values[order[1:]] == values[order[:-1]]
    near = np.diff(order) <= width
    flags = np.zeros(values.size, np.bool_)
    flags[order[1:][repeats & near]] = True
    return flags


def _share(function: str, argument: str, value: float) -> float:
    share = v.number(function, argument, value, minimum=0)
    if share > 1:
        v.refuse(function, argument, "be a ratio in [0, 1]", share)
    return share
