"""Traces in libCacheSim's binary format, in which the field publishes them."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.workloads._trace_files import Trace, TraceFormatError, checked_trace, file_at
from scalelab.workloads.traces import renumber_keys

# One request of libCacheSim's oracleGeneral format: 24 bytes, little-endian, no padding.
ORACLE_GENERAL = np.dtype(
    [("time_s", "<u4"), ("key", "<u8"), ("size_bytes", "<u4"), ("next_request", "<i8")]
)


def read_oracle_general(path: str | os.PathLike[str], max_requests: int | None = None) -> Trace:
    """Read a trace in libCacheSim's binary format oracleGeneral, not compressed.

    Parameters
    ----------
    path : path
        Records of 24 bytes: time in seconds (4), key (8), size (4), number of the next request
        for the same key (8), little-endian.
    max_requests : int, optional
        Read no more than so many, >= 1.

    Returns
    -------
    Trace
        Keys, times and sizes; the next request is left out, for it follows from the keys.

    Raises
    ------
    TraceFormatError
        The file is empty, or ends within a record.
    ValueError, OSError
        An argument is out of range, or the file cannot be opened.

    References
    ----------
    Yang et al., libCacheSim, 2020–; the collection of traces of Yang et al., "FIFO queues are all
    you need for cache eviction", SOSP 2023, has this format.
    """
    name = "read_oracle_general"
    limit = -1 if max_requests is None else v.count(name, "max_requests", max_requests)
    file = file_at(name, path)
    rest = file.stat().st_size % ORACLE_GENERAL.itemsize
    if rest:
        rule = f"consist of records of {ORACLE_GENERAL.itemsize} bytes"
        raise TraceFormatError(f"{name}: {path} must {rule}, got {rest} bytes after the last")
    records = np.fromfile(file, ORACLE_GENERAL, limit)
    if not records.size:
        return checked_trace(name, path, np.empty(0, np.int32))
    return checked_trace(
        name,
        path,
        renumber_keys(records["key"]),
        records["time_s"].astype(np.float64),
        records["size_bytes"].astype(np.int64),
    )


def write_oracle_general(
    path: str | os.PathLike[str],
    keys: ArrayLike,
    *,
    time_s: ArrayLike | None = None,
    size_bytes: ArrayLike | None = None,
) -> None:
    """Write a trace in libCacheSim's binary format oracleGeneral.

    Parameters
    ----------
    path : path
        The file to write or to replace.
    keys : array_like of int, shape (n,)
        Key of each request, >= 0.
    time_s : array_like, shape (n,), optional
        Seconds, >= 0, cut down to whole ones; zero where left out.
    size_bytes : array_like of int, shape (n,), optional
        Sizes, >= 0; one byte each where left out, so that a cache's size is a number of objects.

    Raises
    ------
    ValueError, OSError
        An array is empty, of another length or out of range, or the file cannot be written.

    Notes
    -----
    The number of the next request for the same key counts from zero; a last request has -1.
    """
    name = "write_oracle_general"
    file = file_at(name, path)
    key = _whole_numbers(name, "keys", keys, 2**63)
    records = np.empty(key.size, ORACLE_GENERAL)
    records["key"] = key
    records["time_s"] = _column(name, "time_s", time_s, 0, key.size)
    records["size_bytes"] = _column(name, "size_bytes", size_bytes, 1, key.size)
    order = np.argsort(key, kind="stable")
    again = key[order[1:]] == key[order[:-1]]
    records["next_request"] = -1
    records["next_request"][order[:-1][again]] = order[1:][again]
    records.tofile(file)


def _column(
    function: str, argument: str, value: ArrayLike | None, default: int, length: int
) -> v.FloatArray:
    if value is None:
        return np.full(length, float(default))
    column = v.vector(function, argument, value, length)
    if not np.all((column >= 0) & (column < 2**32)):
        outside = column[(column < 0) | (column >= 2**32)][0]
        v.refuse(function, argument, "be >= 0 and < 2**32", outside)
    return column


def _whole_numbers(function: str, argument: str, value: ArrayLike, limit: int) -> NDArray:
    rule = f"be a non-empty one-dimensional array of integers >= 0 and < {limit}"
    try:
        array = np.asarray(value)
    except ValueError:
        v.refuse(function, argument, rule, value)
    if array.dtype.kind not in "iu" or array.ndim != 1 or array.size == 0:
        v.refuse(function, argument, rule, f"shape {array.shape} of {array.dtype}")
    if int(array.min()) < 0 or int(array.max()) >= limit:
        v.refuse(function, argument, rule, array.min() if array.min() < 0 else array.max())
    return array
