"""What stands for a key: a number or a text, the same for equal keys and in every process."""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from scalelab import _validate as v
from scalelab.sim.hashing import hash_text


def number_of(function: str, key: Hashable) -> int:
    """Return the 64-bit number that stands for a key, for whoever hashes numbers.

    A whole number of up to 64 bits stands for itself, so that a router agrees with the arrays
    of :mod:`scalelab.sim`; of everything else it is the hash of its text.
    """
    plain = _plain(key)
    if isinstance(plain, int) and -(2**63) <= plain < 2**64:
        return plain % 2**64
    return hash_text(text_of(function, plain))


def text_of(function: str, key: Hashable) -> str | bytes:
    """Return the text that stands for a key, for whoever hashes texts."""
    return key if isinstance(key, (str, bytes)) else _text_of(function, key)


def _plain(key: Any) -> Any:
    """Return the same object for equal numbers: 1, 1.0, True and NumPy's 1 are one key."""
    if isinstance(key, numbers.Integral):
        return int(key)
    if not isinstance(key, (numbers.Real, Decimal)):
        return key
    number: Any = key
    return int(number) if math.isfinite(number) and number == int(number) else float(number)


def _text_of(function: str, key: Any) -> str:
    """Return the same text for equal keys, in every process."""
    if isinstance(key, tuple):
        return f"({', '.join(_text_of(function, part) for part in key)})"
    if isinstance(key, frozenset):
        return f"{{{', '.join(sorted(_text_of(function, part) for part in key))}}}"
    if type(key).__repr__ is object.__repr__ or callable(key):
        v.refuse(function, "key", "be a text, a number or a tuple of such", key)
    return repr(_plain(key))
