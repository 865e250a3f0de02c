"""Keys and ids of nodes as arrays, and splitmix64 without numba: what the placements share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v

UintArray = NDArray[np.uint64]
Owners = NDArray[np.int32]
MOST_NODES = 100_000  # where some work is done for each, one after another
CHUNK = 1 << 14  # keys at a time: three temporaries of this size stay in the cache


def as_keys(function: str, keys: ArrayLike, argument: str = "keys") -> UintArray:
    """Keys as contiguous uint64 of this machine, checked on behalf of `function`."""
    rule = "be a non-empty one-dimensional array of whole numbers"
    if isinstance(keys, (list, tuple)) and _are_words(keys):
        # in a list around 2**63, NumPy sees neither kind of integer
        keys = np.array([int(key) % 2**64 for key in keys], np.uint64)
    array = v.array_of(function, argument, keys, rule)
    if array.dtype.kind not in "iu":
        v.refuse(function, argument, rule, keys)
    if array.ndim != 1 or array.size == 0:
        v.refuse(function, argument, rule, v.Words(f"shape {array.shape}"))
    # a copy only of what is narrower, in another order of bytes, or spread out
    return np.ascontiguousarray(array, np.int64 if array.dtype.kind == "i" else np.uint64).view(
        np.uint64
    )


def _are_words(keys: object) -> bool:
    """Whether a list holds nothing but whole numbers of 64 bits."""
    return isinstance(keys, (list, tuple)) and all(
        isinstance(key, (int, np.integer)) and not isinstance(key, bool) and -(2**63) <= key < 2**64
        for key in keys
    )


def text_bytes(key: str | bytes) -> bytes:
    """Bytes of a key: UTF-8, and half a surrogate pair as the three bytes it would take."""
    return key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key


def mix(keys: UintArray) -> UintArray:
    """Without numba: splitmix64 of each key, a chunk at a time and in place."""
    hashes = np.empty_like(keys)
    for start in range(0, keys.size, CHUNK):
        mix_into(keys[start : start + CHUNK], hashes[start : start + CHUNK])
    return hashes


def mix_into(keys: UintArray, hashes: UintArray) -> None:
    """Hash keys of any shape into an array of the same shape, which holds a temporary less."""
    np.add(keys, np.uint64(0x9E3779B97F4A7C15), out=hashes)
    shifted = hashes >> np.uint64(30)
    hashes ^= shifted
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(hashes, np.uint64(27), out=shifted)
    hashes ^= shifted
    hashes *= np.uint64(0x94D049BB133111EB)
    np.right_shift(hashes, np.uint64(31), out=shifted)
    hashes ^= shifted


def node_ids(function: str, nodes: Sequence[int]) -> Owners:
    """Return distinct ids of nodes as an array, checked on behalf of `function`."""
    ids = whole_ids(function, "nodes", nodes)
    if np.unique(ids).size < ids.size:
        v.refuse(function, "nodes", "be distinct", ids)
    return ids


def whole_ids(function: str, argument: str, ids: Sequence[int] | ArrayLike) -> Owners:
    """Ids as int32, checked on behalf of `function`."""
    rule = "be a non-empty one-dimensional array of integers >= 0"
    array = v.array_of(function, argument, ids, rule)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        v.refuse(function, argument, rule, ids)
    if array.min() < 0 or array.max() >= 2**31:
        v.refuse(
            function, argument, "be in [0, 2**31)", array.min() if array.min() < 0 else array.max()
        )
    return array.astype(np.int32)
