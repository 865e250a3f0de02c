"""Which shard of a system's database owns which key."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v
from scalelab.models.system_parts import MOST_KEYS, MOST_NODES, PLACEMENTS
from scalelab.sim._keys import Owners
from scalelab.sim.modulo import ModuloPlacement


def shard_of_keys(keys: int, shards: int, placement: str = "hash") -> Owners:
    """Shard of each key, the most popular key first.

    Parameters
    ----------
    keys : int
        Different keys, from 1 to a million.
    shards : int
        Shards, from 1 to 10,000.
    placement : str
        "hash": the hash of the key modulo the shards, which spreads the popular keys; "range":
        equal ranges in the order of popularity, so that the first shard has all popular keys.

    Returns
    -------
    ndarray of int, shape (keys,)
        From 0 to `shards` − 1.

    Examples
    --------
    >>> shard_of_keys(6, 3, "range")
    array([0, 0, 1, 1, 2, 2], dtype=int32)
    """
    name = "shard_of_keys"
    keys = v.count(name, "keys", keys, maximum=MOST_KEYS)
    shards = v.count(name, "shards", shards, maximum=MOST_NODES)
    if v.choice(name, "placement", placement, PLACEMENTS) == "range":
        return (np.arange(keys) * shards // keys).astype(np.int32)
    return ModuloPlacement(range(shards)).place(np.arange(keys))
