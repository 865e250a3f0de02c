"""What a placement of keys is worth: how many move, and how even the shares are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._keys import MOST_NODES, whole_ids


def moved_share(before: ArrayLike, after: ArrayLike) -> float:
    """Share of keys whose owner is another than before.

    Parameters
    ----------
    before, after : array_like of int, shape (n,)
        Owner of each key.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> moved_share([0, 1, 2, 0], [0, 1, 2, 3])
    0.25
    """
    old = v.vector("moved_share", "before", before)
    return float(np.mean(old != v.vector("moved_share", "after", after, length=old.size)))


def largest_over_mean(owners: ArrayLike, nodes: int) -> float:
    """How much more than its share the fullest node holds.

    Parameters
    ----------
    owners : array_like of int, shape (n,)
        Owner of each key, from 0 to `nodes` − 1.
    nodes : int
        Number of nodes, >= 1; one that owns nothing counts too.

    Returns
    -------
    float
        Keys of the fullest node over the mean, >= 1.

    Examples
    --------
    >>> largest_over_mean([0, 0, 0, 1], nodes=2)
    1.5
    """
    nodes = v.count("largest_over_mean", "nodes", nodes, maximum=MOST_NODES)
    ids = whole_ids("largest_over_mean", "owners", owners)
    if ids.max() >= nodes:
        v.refuse("largest_over_mean", "owners", f"be < nodes={nodes}", ids.max())
    return float(np.bincount(ids, minlength=nodes).max() * nodes / ids.size)
