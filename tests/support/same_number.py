"""The same number in another type, and whether two results are the same."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

TYPES = (np.int8, np.int16, np.int64, np.uint64, np.float16, np.float32, np.float64)
ARRAY_TYPES = (">i2", ">i8", ">f8", np.float32, np.int8, np.uint64)


def is_number(value: Any) -> bool:
    """Whether it is a number of Python's; True is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers_in(value: Any) -> np.ndarray | None:
    """`value` as an array of numbers, if it is a list of them."""
    if isinstance(value, (list, np.ndarray)) and len(value):
        array = np.asarray(value)
        return array if array.dtype.kind in "iuf" else None
    return None


def variants(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the same number, or numbers, plain and in another type, each with its name."""
    array = numbers_in(value)
    if is_number(value):
        yield from _numbers(value)
    elif array is not None:
        for kind in map(np.dtype, ARRAY_TYPES):
            fits = kind.kind == "f" or (array.min() >= 0 and array.max() <= 127)
            if (kind.kind == "f") == (array.dtype.kind == "f") and fits:
                yield kind.name, array.astype(kind).astype(array.dtype), array.astype(kind)


def _numbers(value: float) -> Iterator[tuple[str, Any, Any]]:
    for kind in TYPES:
        if issubclass(kind, np.integer):
            fits = value == int(value) and np.iinfo(kind).min <= value <= 127
        else:
            fits = isinstance(value, float)  # 3.0 is no count
        if not fits:
            continue
        with np.errstate(over="ignore"):
            other = kind(value)
        if np.isfinite(other):
            yield kind.__name__, other.item(), other


def same(one: Any, other: Any, depth: int = 0) -> bool:
    """Whether two results are equal, but for rounding."""
    if isinstance(one, BaseException) or isinstance(other, BaseException):
        return type(one) is type(other)
    if depth > 4:
        return True
    if isinstance(one, (pd.DataFrame, pd.Series)):
        one, other = one.to_numpy(), other.to_numpy()
    if isinstance(one, (bool, int, float, np.generic, np.ndarray)):
        left, right = np.asarray(one), np.asarray(other)
        if left.dtype.kind not in "iufb" or left.shape != right.shape:
            return left.shape == right.shape
        return bool(np.allclose(left, right, rtol=1e-9, atol=0, equal_nan=True))
    one, other = parts_of(one), parts_of(other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(
            same(left, right, depth + 1) for left, right in zip(one, other, strict=True)
        )
    return type(one) is type(other)


def parts_of(value: Any) -> Any:
    """What a record or a mapping holds, as a list; anything else as it is."""
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return list(value.values()) if isinstance(value, Mapping) else value
