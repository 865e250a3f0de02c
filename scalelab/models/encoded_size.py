"""How many bytes a number takes: as decimal text, in MessagePack, and in Protocol Buffers."""

from __future__ import annotations

import math
import operator

import numpy as np

from scalelab import _validate as v

TAG, DOUBLE = 1, 8


def decimal_bytes(value: int) -> int:
    """Bytes of a whole number as decimal text, which is what JSON writes.

    Parameters
    ----------
    value : int
        Any whole number.

    Returns
    -------
    int
        Its digits, and one for a minus sign.

    References
    ----------
    RFC 8259 (JSON), sec. 6.

    Examples
    --------
    >>> decimal_bytes(7), decimal_bytes(-1_234)
    (1, 5)
    """
    whole = _whole("decimal_bytes", value)
    size = abs(whole)
    if size < 10**300:
        return len(str(whole))
    # Python refuses to print a number of over 4,300 digits
    digits = math.floor((size.bit_length() - 1) * math.log10(2))
    while size >= 10**digits:
        digits += 1
    return digits + (whole < 0)


def msgpack_integer_bytes(value: int) -> int:
    """Bytes of a whole number in MessagePack, its type included.

    Parameters
    ----------
    value : int
        From −2⁶³ to 2⁶⁴ − 1.

    Returns
    -------
    int
        1 from −32 to 127, else 1 for the type and 1, 2, 4 or 8 for the number.

    References
    ----------
    MessagePack specification, int format family.

    Examples
    --------
    >>> [msgpack_integer_bytes(n) for n in (100, 200, 60_000, 3_000_000_000, 10**12)]
    [1, 2, 3, 5, 9]
    """
    number = _whole("msgpack_integer_bytes", value)
    if not -(2**63) <= number < 2**64:
        v.refuse("msgpack_integer_bytes", "value", "fit 64 bits", number)
    if -32 <= number < 128:
        return TAG
    for width in (1, 2, 4, 8):
        if -(2 ** (8 * width - 1)) <= number < 2 ** (8 * width):
            return TAG + width
    raise AssertionError("a number of 64 bits fits eight bytes")


def varint_bytes(value: int) -> int:
    """Bytes of a whole number as a varint of Protocol Buffers, without its field's tag.

    Parameters
    ----------
    value : int
        From −2⁶³ to 2⁶⁴ − 1.

    Returns
    -------
    int
        One byte for every seven bits, from 1 to 10; every negative number takes ten, since it
        is sent as its two's complement in 64 bits.

    References
    ----------
    Protocol Buffers documentation, "Encoding": base 128 varints.

    Examples
    --------
    >>> [varint_bytes(n) for n in (1, 127, 128, 300, -1)]
    [1, 1, 2, 2, 10]
    """
    number = _whole("varint_bytes", value)
    if not -(2**63) <= number < 2**64:
        v.refuse("varint_bytes", "value", "fit 64 bits", number)
    bits = (number % 2**64).bit_length()
    return max(1, -(-bits // 7))


def _whole(function: str, value: int) -> int:
    rule = "be a whole number"
    if isinstance(value, (bool, np.bool_)):  # an older NumPy takes its own for an index
        v.refuse(function, "value", rule, value)
    try:
        return operator.index(value)
    except TypeError:
        v.refuse(function, "value", rule, value)
