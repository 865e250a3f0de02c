"""Traces in libCacheSim's binary format, in which the field publishes them."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.workloads._trace_files import (
    Trace,
    TraceFormatError,
    checked_trace,
    file_at,
    opened,
)
from scalelab.workloads.traces import renumber_keys

# One request of libCacheSim's oracleGeneral format: 24 bytes, little-endian, no padding.
ORACLE_GENERAL = np.dtype(
    [("time_s", "<u4"), ("key", "<u8"), ("size_bytes", "<u4"), ("next_request", "<i8")]
)

MOST_PACKED = 2_000  # no packer makes a file shorter by more


def read_oracle_general(path: str | os.PathLike[str], max_requests: int | None = None) -> Trace:
    """Read a trace in libCacheSim's binary format oracleGeneral.

    Parameters
    ----------
    path : path
        The file, also packed by gzip, bzip2 or xz, or by zstd where Python knows it (3.14).
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
        The file is empty, ends within a record or goes back in time, or cannot be unpacked.
    OSError
        The file cannot be opened.

    References
    ----------
    Yang et al., libCacheSim, 2020; Yang et al., "FIFO queues are all you need for cache eviction",
    SOSP 2023, whose collection of traces has this format.
    """
    name = "read_oracle_general"
    record = ORACLE_GENERAL.itemsize
    limit = -1
    if max_requests is not None:
        limit = record * v.count(name, "max_requests", max_requests, maximum=v.EXACT // record)
    limit = min(limit, file_at(name, path).stat().st_size * MOST_PACKED)
    with opened(name, path) as file:
        data = file.read(limit)
    rest = len(data) % record
    if rest:
        rule = f"consist of records of {record} bytes"
        raise TraceFormatError(f"{name}: {path} must {rule}, got {rest} bytes after the last")
    records = np.frombuffer(data, ORACLE_GENERAL)
    if not records.size:
        return checked_trace(name, path, np.empty(0, np.int32))
    early = np.flatnonzero(records["time_s"][1:] < records["time_s"][:-1])
    if early.size:
        before_s, time_s = records["time_s"][early[0] : early[0] + 2]
        rule = f"{name}: {path} must be in order of time"
        got = f"request {early[0] + 2}: time {time_s} after {before_s}"
        raise TraceFormatError(f"{rule}, got {got}")
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
        Seconds, >= 0, in order, cut down to whole ones; zero where left out.
    size_bytes : array_like of int, shape (n,), optional
        Sizes, >= 0; one byte each where left out, so that a cache's size is a number of objects.

    Raises
    ------
    OSError
        The file cannot be written.

    Notes
    -----
    Requests are numbered from one, as libCacheSim does it; the last one of a key has -1 for the
    number of its next.
    """
    name = "write_oracle_general"
    file = file_at(name, path)
    key = _whole_numbers(name, "keys", keys, 2**63)
    records = np.empty(key.size, ORACLE_GENERAL)
    records["key"] = key
    times = _column(name, "time_s", time_s, 0, key.size)
    if np.any(np.diff(times) < 0):
        v.refuse(name, "time_s", "be in order of time", times[1:][np.diff(times) < 0][0])
    records["time_s"] = times
    records["size_bytes"] = _column(name, "size_bytes", size_bytes, 1, key.size)
    order = np.argsort(key, kind="stable")
    again = key[order[1:]] == key[order[:-1]]
    records["next_request"] = -1
    records["next_request"][order[:-1][again]] = order[1:][again] + 1
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
    array = v.array_of(function, argument, value, rule)
    if array.dtype.kind not in "iu" or array.ndim != 1 or array.size == 0:
        v.refuse(function, argument, rule, v.Words(f"shape {array.shape} of {array.dtype}"))
    if int(array.min()) < 0 or int(array.max()) >= limit:
        v.refuse(function, argument, rule, array.min() if array.min() < 0 else array.max())
    return array
