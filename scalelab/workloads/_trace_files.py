"""What the readers of traces share: their result, their error and their checks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scalelab import _validate as v
from scalelab.workloads.popularity import MOST_KEYS, KeyArray


class TraceFormatError(ValueError):
    """A file is not what its format says."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Requests in order of time, with keys renumbered from zero in order of appearance.

    Parameters
    ----------
    key : ndarray of int32, shape (n,)
        The key of each request, from 0 to `keys` - 1.
    keys : int
        Number of different keys.
    time_s : ndarray of float64, shape (n,), optional
        When each request came, where the file says so.
    size_bytes : ndarray of int64, shape (n,), optional
        Size of what was asked for, where the file says so.
    """

    key: KeyArray
    keys: int
    time_s: v.FloatArray | None = None
    size_bytes: NDArray[np.int64] | None = None


def file_at(function: str, path: object) -> Path:
    """Return the path, or say that it is none."""
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        v.refuse(function, "path", "be a path", path)
    return Path(path)


def checked_trace(
    function: str,
    path: object,
    key: KeyArray,
    time_s: v.FloatArray | None = None,
    size_bytes: NDArray[np.int64] | None = None,
) -> Trace:
    """Return the trace, or say that there is nothing in it."""
    if not 0 < key.size <= MOST_KEYS:
        raise TraceFormatError(f"{function}: {path} must hold a request, got {key.size}")
    return Trace(key=key, keys=int(key.max()) + 1, time_s=time_s, size_bytes=size_bytes)
