"""Owners by a table: what modulo, Maglev and fixed slots share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab.sim import _placement_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import Owners, as_keys, mix


def by_table(function: str, keys: ArrayLike, table: Owners) -> Owners:
    """Owner by the hash modulo the length of a table."""
    keys = as_keys(function, keys)
    if not can_compile():
        return table[(mix(keys) % np.uint64(table.size)).astype(np.int64)]
    owners = np.empty(keys.size, np.int32)
    kernels._table(keys, table, owners)
    return owners
