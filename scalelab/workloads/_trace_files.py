"""What the readers of traces share: their result, their error and their checks."""

from __future__ import annotations

import bz2
import gzip
import importlib
import importlib.util
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

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


# How compressed files begin, and what opens them.
_PACKED: dict[str, tuple[re.Pattern[bytes], Callable[..., Any] | None]] = {
    "gzip": (re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"), gzip.open),
    "bzip2": (re.compile(rb"BZh[1-9]1AY&SY"), bz2.open),
    "xz": (re.compile(rb"\xfd7zXZ\x00"), lzma.open),
    "zstd": (re.compile(rb"\x28\xb5\x2f\xfd"), None),
}
_DAMAGE: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, lzma.LZMAError)
_ZSTD = "compression.zstd"  # in the standard library from Python 3.14 on


@contextmanager
def opened(function: str, path: object) -> Iterator[BinaryIO]:
    """Open a file for its bytes, unpacked where it is compressed, whatever its name.

    Raises
    ------
    TraceFormatError
        The file is cut off or damaged, or this Python cannot unpack it.
    OSError
        It cannot be opened.
    """
    file = file_at(function, path)
    with file.open("rb") as raw:
        kind, opener = _compression(raw.read(10))
    damage = _DAMAGE
    if kind == "zstd" and importlib.util.find_spec(_ZSTD.partition(".")[0]):
        zstd = importlib.import_module(_ZSTD)
        opener, damage = zstd.open, (*_DAMAGE, zstd.ZstdError)
    if kind and opener is None:
        rule = f"{function}: {path} must be unpacked for this Python, got a {kind} file"
        raise TraceFormatError(f"{rule}; run {kind} -d on it")
    if not kind:
        with file.open("rb") as data:
            yield data
        return
    assert opener is not None  # for mypy: refused above
    try:
        with opener(file, "rb") as data:
            yield data
    except damage as error:
        rule = f"{function}: {path} must be a whole {kind} file, got {error}"
        raise TraceFormatError(rule) from None


def _compression(beginning: bytes) -> tuple[str, Callable[..., Any] | None]:
    """Return what a file that begins so is packed with, and what opens it; "" for nothing."""
    for kind, (pattern, opener) in _PACKED.items():
        if pattern.match(beginning):
            return kind, opener
    return "", None


@contextmanager
def opened_text(function: str, path: object) -> Iterator[io.TextIOWrapper]:
    """Open a file for its text in UTF-8, with or without a byte-order mark; see `opened`."""
    with (
        opened(function, path) as data,
        io.TextIOWrapper(data, encoding="utf-8-sig", newline="") as lines,
    ):
        yield lines


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
