"""Traces of requests from files, so that a simulator can run on what really happened."""

from __future__ import annotations

import csv
import os
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scalelab import _validate as v
from scalelab.workloads._trace_files import Trace as Trace
from scalelab.workloads._trace_files import TraceFormatError as TraceFormatError
from scalelab.workloads._trace_files import checked_trace, opened_text
from scalelab.workloads.popularity import KeyArray

CHUNK = 1 << 18  # keys at a time
Rows = Iterator[list[str]]


class _RowError(Exception):
    """What is wrong with the row that was read last."""


def renumber_keys(keys: Iterable[Hashable]) -> KeyArray:
    """Replace keys of any kind by whole numbers from zero, in order of first appearance.

    Parameters
    ----------
    keys : iterable of hashable, length n
        Text, numbers or tuples; an array of whole numbers is renumbered fastest.

    Returns
    -------
    ndarray of int32, shape (n,)
        Equal numbers for equal keys.

    Notes
    -----
    Numbers that leave few gaps go through a table with one entry for each number in their range.
    All else goes through a dictionary, one key at a time: memory grows with the number of
    different keys, and nothing is sorted.

    Examples
    --------
    >>> renumber_keys(["b", "a", "b", "c"])
    array([0, 1, 0, 2], dtype=int32)
    >>> renumber_keys(np.array([7, 5, 7]))
    array([0, 1, 0], dtype=int32)
    """
    name, rule = "renumber_keys", "be a non-empty one-dimensional sequence of hashable keys"
    if isinstance(keys, (str, bytes)) or not isinstance(keys, Iterable):
        v.refuse(name, "keys", rule, keys)
    if isinstance(keys, np.ndarray):
        if keys.ndim != 1 or keys.size == 0:
            v.refuse(name, "keys", rule, v.Words(f"shape {keys.shape}"))
        if keys.dtype.kind in "iu" and int(keys.max()) - int(keys.min()) < 4 * keys.size + 1024:
            return _renumber_by_table(keys)
        keys = _one_by_one(keys)
    try:
        numbers = np.fromiter(_numbers(keys), np.int32)
    except TypeError:
        v.refuse(name, "keys", rule, keys)
    if numbers.size == 0:
        v.refuse(name, "keys", rule, v.Words("none"))
    return numbers


def _numbers(keys: Iterable[Hashable]) -> Iterator[int]:
    seen: dict[Hashable, int] = {}
    for key in keys:
        yield seen.setdefault(key, len(seen))


def _one_by_one(keys: NDArray) -> Iterator[Hashable]:
    for start in range(0, keys.size, CHUNK):  # a list of all would take forty bytes a key
        yield from keys[start : start + CHUNK].tolist()


def _renumber_by_table(keys: NDArray) -> KeyArray:
    keys = keys.astype(np.uint64 if keys.dtype.kind == "u" else np.int64, copy=False)
    low, known = keys.min(), 0  # in 64 bits: differences do not fit in the type of small keys
    number = np.full(int(keys.max()) - int(low) + 1, -1, np.int32)
    result = np.empty(keys.size, np.int32)
    for start in range(0, keys.size, CHUNK):  # so that scratch arrays do not grow with the trace
        place = keys[start : start + CHUNK] - low
        fresh, first = np.unique(place[number[place] < 0], return_index=True)
        number[fresh[np.argsort(first)]] = np.arange(known, known + fresh.size, dtype=np.int32)
        known += fresh.size
        result[start : start + CHUNK] = number[place]
    return result


def read_text_trace(path: str | os.PathLike[str]) -> Trace:
    """Read a trace with one key on each line.

    Parameters
    ----------
    path : path
        A text file in UTF-8, also packed by gzip, bzip2 or xz. Blanks around a key do not
        count; empty lines are left out.

    Returns
    -------
    Trace
        Keys only.

    Raises
    ------
    TraceFormatError
        The file holds no request, or is not text.
    OSError
        The file cannot be opened.
    """
    name = "read_text_trace"
    with opened_text(name, path) as lines:
        try:
            key = np.fromiter(_numbers(filter(None, map(str.strip, lines))), np.int32)
        except UnicodeDecodeError as error:
            raise TraceFormatError(f"{name}: {path} must be text in UTF-8, got {error}") from None
    return checked_trace(name, path, key)


def read_csv_trace(
    path: str | os.PathLike[str],
    *,
    key: str | int,
    time_s: str | int | None = None,
    size_bytes: str | int | None = None,
    delimiter: str = ",",
) -> Trace:
    """Read a trace from a table with one request on each row.

    Parameters
    ----------
    path : path
        A text file in UTF-8, also packed by gzip, bzip2 or xz; rows in order of time.
    key, time_s, size_bytes : str or int
        The columns, by name or by position from zero; only the key's is needed. If one is a
        name, the first row is the header; if all are positions, there is none.
    delimiter : str
        The one character between columns.

    Returns
    -------
    Trace
        The columns that were named. Keys are text: ``1`` and ``01`` differ.

    Raises
    ------
    TraceFormatError
        There is no such column, a row is too short, a quotation has no end, a number is none, a
        size is not whole, or a row is earlier than the one before; the message has the line.
    OSError
        The file cannot be opened.
    """
    name = "read_csv_trace"
    columns = {"key": key, "time_s": time_s, "size_bytes": size_bytes}
    wanted = {
        argument: _column(name, argument, column, optional=argument != "key")
        for argument, column in columns.items()
    }
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        v.refuse(name, "delimiter", "be one character", delimiter)
    with opened_text(name, path) as lines:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        given = {argument: column for argument, column in wanted.items() if column is not None}
        try:
            positions = _positions(name, rows, given)
            table = _table(rows, positions)
        except (_RowError, UnicodeDecodeError, csv.Error) as error:
            rule = f"{name}: {path} must be a table with a request on each row"
            raise TraceFormatError(f"{rule}, got line {rows.line_num}: {error}") from None
    return checked_trace(name, path, **table)


def _column(
    function: str, argument: str, column: str | int | None, optional: bool
) -> str | int | None:
    if (column is None and optional) or isinstance(column, str):
        return column
    try:
        return v.count(function, argument, column, minimum=0)  # type: ignore[arg-type]
    except ValueError:
        v.refuse(function, argument, "be a column's name or its position from zero", column)


def _positions(function: str, rows: Rows, wanted: dict[str, str | int]) -> dict[str, int]:
    """Where the wanted columns stand; reads the header if one is wanted by name."""
    header: list[str] = []
    if any(isinstance(column, str) for column in wanted.values()):
        header = [title.strip() for title in next(rows, [])]
    positions = {}
    for argument, column in wanted.items():
        if isinstance(column, str) and column not in header:
            rule = f"be one of the columns {header}"
            v.refuse(function, argument, rule, column, error=TraceFormatError)
        positions[argument] = header.index(column) if isinstance(column, str) else column
    return positions


def _table(rows: Rows, positions: dict[str, int]) -> dict[str, NDArray]:
    """Read the columns at `positions`: the keys renumbered, the others as numbers."""
    seen: dict[str, int] = {}
    columns: dict[str, list[Any]] = {argument: [] for argument in positions}
    readers = {
        "key": lambda cell: seen.setdefault(cell, len(seen)),
        "time_s": _seconds,
        "size_bytes": _bytes,
    }
    latest_s = 0.0
    for row in rows:
        if not row:
            continue
        if len(row) <= max(positions.values()):
            raise _RowError(f"{len(row)} columns")
        for argument, position in positions.items():
            columns[argument].append(readers[argument](row[position]))
        if "time_s" in columns:
            if columns["time_s"][-1] < latest_s:
                raise _RowError(f"time {row[positions['time_s']]} after {latest_s:g}")
            latest_s = columns["time_s"][-1]
    dtypes = {"key": np.int32, "time_s": np.float64, "size_bytes": np.int64}
    return {argument: np.array(cells, dtypes[argument]) for argument, cells in columns.items()}


def _bytes(cell: str) -> int:
    try:
        number = int(cell)
    except ValueError:  # 4096.0 and 4e3 are whole, too
        exact = _seconds(cell)
        if exact != int(exact) or exact > v.EXACT:
            raise _RowError(f"{cell!r} instead of a whole number of bytes") from None
        number = int(exact)
    if not 0 <= number < 2**62:
        raise _RowError(f"{cell!r} instead of a whole number >= 0 and < 2**62")
    return number


def _seconds(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        raise _RowError(f"{cell!r} instead of a number") from None
    if not 0 <= number < 2**62:  # NaN compares false
        raise _RowError(f"{cell!r} instead of a finite number >= 0")
    return number
