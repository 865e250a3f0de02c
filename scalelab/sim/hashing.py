"""Hashes of keys: the same on every machine and in every run."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import UintArray, as_keys, mix, text_bytes
from scalelab.sim._placement_kernels import _hash


def hash_keys(keys: ArrayLike) -> UintArray:
    """Spread whole numbers evenly over 64 bits.

    Parameters
    ----------
    keys : array_like of int, shape (n,)
        Keys, such as ids of users; negative ones are taken modulo 2⁶⁴.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Hashes. Neighbouring keys have hashes that nobody would call neighbours.

    Notes
    -----
    splitmix64: three multiplications and shifts, a permutation of the 64-bit numbers, so no
    two keys share a hash. It is fast and no secret: whoever knows it can choose colliding
    shards.

    References
    ----------
    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

    Examples
    --------
    >>> [hex(h) for h in hash_keys([0, 1])]
    ['0xe220a8397b1dcdaf', '0x910a2dec89025cc1']
    """
    keys = as_keys("hash_keys", keys)
    if not can_compile():
        return mix(keys)
    hashes = np.empty_like(keys)
    _hash(keys, hashes)
    return hashes


def hash_text(key: str | bytes) -> int:
    """Hash a text or bytes to 64 bits, the same in every process.

    Parameters
    ----------
    key : str or bytes
        The key; a text is encoded as UTF-8, lone surrogates too, as in a file's name.

    Returns
    -------
    int
        From 0 to 2⁶⁴ − 1. Python's own ``hash`` of a text differs from process to process, so
        two servers that used it would disagree on the owner of every key.

    References
    ----------
    RFC 7693 (BLAKE2).

    Examples
    --------
    >>> hash_text("user:42") % 4
    2
    """
    if not isinstance(key, (str, bytes)):
        v.refuse("hash_text", "key", "be text or bytes", key, "hash_keys takes numbers")
    return int.from_bytes(hashlib.blake2b(text_bytes(key), digest_size=8).digest(), "big")
