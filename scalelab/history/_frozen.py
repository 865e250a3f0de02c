"""Values as something that can be compared, looked up and no longer changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from scalelab._validate import refuse


def frozen(function: str, argument: str, value: Any) -> Hashable:
    """Return something hashable that is equal for equal values, and for no others.

    Values are equal as ``==`` says, all the way down, but for two points. ``True`` is not 1:
    a store that gives back one for the other has changed what was written. Arrays are equal
    if they have one shape and equal elements, whatever their number type.

    Raises
    ------
    ValueError
        A part of the value is not equal to itself, as NaN, or cannot be compared: it is
        neither hashable nor a list, tuple, set, mapping, array or data class. Or it
        contains itself, or is nested hundreds deep.
    """
    try:
        return _frozen(value)
    except RecursionError:
        refuse(function, argument, "not contain itself or nest hundreds deep", type(value).__name__)
    except _NotEqualToItselfError as error:
        refuse(function, argument, "be equal to itself", error.args[0])
    except TypeError as error:
        rule = "be plain data or hashable"
        refuse(function, argument, rule, value, f"turn {error} into a list, dict or text")


class _NotEqualToItselfError(Exception):
    """A part such as NaN, of which no read can tell whether it returned what was written."""


def _frozen(value: Any) -> Hashable:
    kind = type(value)
    if value is None or kind is int or kind is str:
        return value
    if isinstance(value, (bool, np.bool_)):
        return bool, bool(value)
    if isinstance(value, np.generic):  # NumPy's own compare with a tuple element by element
        plain = value if isinstance(value, (np.datetime64, np.timedelta64)) else value.item()
        return (kind, _leaf(plain)) if isinstance(plain, np.generic) else _frozen(plain)
    if isinstance(value, np.ndarray):
        return np.ndarray, value.shape, tuple(map(_frozen, value.flat))
    if isinstance(value, Mapping):
        return dict, frozenset((_frozen(k), _frozen(v)) for k, v in value.items())
    if isinstance(value, Set):
        return set, frozenset(map(_frozen, value))
    if isinstance(value, (list, tuple)):
        return list if isinstance(value, list) else tuple, tuple(map(_frozen, value))
    if isinstance(value, bytearray):
        return bytes(value)
    if is_dataclass(kind) and kind.__eq__ is not object.__eq__:
        return kind, tuple(_frozen(getattr(value, f.name)) for f in fields(value) if f.compare)
    return _leaf(value)


def _leaf(value: Any) -> Hashable:
    """Return what is hashable and equal to itself as it is."""
    try:
        hash(value)
        is_equal = bool(value == value)
    except (TypeError, ValueError):
        raise TypeError(f"the {type(value).__name__}") from None
    if not is_equal:
        raise _NotEqualToItselfError(value)
    return value
