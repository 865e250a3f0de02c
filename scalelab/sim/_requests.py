"""The trace that a cache simulator takes: keys from zero upwards, four bytes each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v

KeyArray = NDArray[np.int32]
MOST_KEYS = 2**28  # a kernel holds some ten bytes for each number up to the largest key
MOST_REQUESTS = 2**31 - 2**29  # their positions, and room for a cache, in four bytes


def checked_trace(function: str, trace: ArrayLike, argument: str = "trace") -> tuple[KeyArray, int]:
    """Return the trace as int32 and the number of keys, one more than the largest."""
    rule = "be a non-empty one-dimensional array of integers >= 0"
    array = v.array_of(function, argument, trace, rule)
    if array.dtype.kind not in "iu" or array.ndim != 1 or array.size == 0:
        v.refuse(function, argument, rule, v.Words(f"shape {array.shape} of {array.dtype}"))
    if array.size > MOST_REQUESTS:
        v.refuse(function, argument, f"have at most {MOST_REQUESTS} requests", array.size)
    least, most = _extremes(array)
    if least < 0:
        v.refuse(function, argument, rule, least)
    if most >= MOST_KEYS:
        remedy = "renumber them with scalelab.workloads.traces.renumber_keys"
        v.refuse(function, argument, f"have keys < {MOST_KEYS}", most, remedy)
    return np.ascontiguousarray(array, dtype=np.int32), most + 1


def _extremes(array: NDArray[np.integer]) -> tuple[int, int]:
    """Return a lower bound, negative if a number is, and the largest number."""
    if array.dtype == np.int32:  # one pass instead of two: a negative number would look huge
        most = int(array.view(np.uint32).max())
        if most <= np.iinfo(np.int32).max:
            return 0, most
    return int(array.min()), int(array.max())
