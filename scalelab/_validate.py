"""Checks of arguments, and the one place that words their errors.

Every message reads ``<function>: <argument> must <rule>, got <value>``, with a
remedy after a semicolon where there is one. Each check returns the value in the
form that the caller goes on with.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
EXACT = 2**53  # up to here a float64 holds every whole number
LONGEST_LIST = 10_000_000  # numbers that are not in an array yet; a list of more is a mistake
MOST_DRAWN = 100_000_000  # numbers that one call makes: 800 MB
MOST_STEPS = 1_000_000  # steps that follow each other, each of some microseconds


class Words(str):
    """Words of ours for a value, shown without quotes: those are for a text of the caller's."""

    __slots__ = ()


def refuse(
    function: str,
    argument: str,
    rule: str,
    got: object,
    remedy: str = "",
    error: type[ValueError] = ValueError,
) -> NoReturn:
    """Raise `error` with the message of the house form."""
    tail = f"; {remedy}" if remedy else ""
    raise error(f"{function}: {argument} must {rule}, got {_short(got)}{tail}")


def _short(value: object) -> str:
    """`value` in at most 60 characters, whatever it makes of itself."""
    try:
        quoted = isinstance(value, (str, bytes)) and not isinstance(value, Words)
        text = repr(value) if quoted else str(value)
    except Exception:  # an integer of over 4,300 digits, a __str__ that fails
        text = f"a value of type {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _numbers(function: str, argument: str, value: ArrayLike, rule: str) -> FloatArray:
    """`value` as float64, refusing all that is no number or would silently become another."""
    array = array_of(function, argument, value, rule)
    if array.dtype.kind not in "iuf":
        refuse(function, argument, rule, value)
    if array.dtype.kind in "iu" and array.itemsize == 8 and array.size:
        extreme = array.max() if array.max() > EXACT else array.min()
        if not -EXACT <= extreme <= EXACT:
            refuse(function, argument, "be at most 2**53 where it is whole", extreme)
    return array.astype(np.float64, copy=False)


def array_of(function: str, argument: str, value: ArrayLike, rule: str) -> NDArray[Any]:
    """`value` as an array of any type; masked values and what no memory holds are refused."""
    if isinstance(value, np.ma.MaskedArray):
        refuse(function, argument, "hold no masked values", value, "pass value.compressed()")
    if not isinstance(value, np.ndarray) and _length(value) > LONGEST_LIST:
        refuse(
            function,
            argument,
            f"hold at most {LONGEST_LIST:,} numbers",
            Words(f"{_length(value):,}"),
        )
    try:
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        refuse(function, argument, rule, value)


def _length(value: object) -> int:
    if not isinstance(value, (Sequence, Set, Mapping)):
        return 0
    try:
        return len(value)
    except OverflowError:  # a range of more numbers than any list can hold
        return sys.maxsize


def _checked(
    function: str, argument: str, value: ArrayLike, rule: str, remedy: str, ok: Any
) -> FloatArray:
    array = _numbers(function, argument, value, rule)
    good = ok(array)  # NaN compares false, so it never passes
    if not good.all():
        refuse(function, argument, rule, array[~good][0] if array.ndim else array, remedy)
    return array


def positive(function: str, argument: str, value: ArrayLike, remedy: str = "") -> FloatArray:
    """Finite numbers above zero, of any shape."""
    rule = "be finite and > 0"
    return _checked(function, argument, value, rule, remedy, lambda a: (a > 0) & np.isfinite(a))


def non_negative(function: str, argument: str, value: ArrayLike, remedy: str = "") -> FloatArray:
    """Finite numbers of zero or more, of any shape."""
    rule = "be finite and >= 0"
    return _checked(function, argument, value, rule, remedy, lambda a: (a >= 0) & np.isfinite(a))


def fraction(function: str, argument: str, value: ArrayLike, remedy: str = "") -> FloatArray:
    """Ratios from 0 to 1, ends included, of any shape."""
    rule = "be a ratio in [0, 1]"
    return _checked(function, argument, value, rule, remedy, lambda a: (a >= 0) & (a <= 1))


def open_fraction(function: str, argument: str, value: ArrayLike, remedy: str = "") -> FloatArray:
    """Ratios strictly between 0 and 1, of any shape."""
    return _checked(
        function, argument, value, "be a ratio in (0, 1)", remedy, lambda a: (a > 0) & (a < 1)
    )


def at_least(
    function: str, argument: str, value: ArrayLike, minimum: float, remedy: str = ""
) -> FloatArray:
    """Finite numbers of at least `minimum`, of any shape."""
    rule = f"be finite and >= {minimum:g}"
    return _checked(
        function, argument, value, rule, remedy, lambda a: (a >= minimum) & np.isfinite(a)
    )


def counts(function: str, argument: str, value: ArrayLike, minimum: int = 1) -> FloatArray:
    """Whole numbers of at least `minimum`, of any shape; 3.0 is none here."""
    rule = f"be integers >= {minimum}"
    array = _numbers(function, argument, value, rule)
    if np.asarray(value).dtype.kind not in "iu":
        refuse(function, argument, rule, value)
    return _checked(function, argument, array, rule, "", lambda a: a >= minimum)


def number(function: str, argument: str, value: float, *, minimum: float | None = None) -> float:
    """One finite number of at least `minimum`, or above zero where none is given."""
    enough = operator.gt if minimum is None else operator.ge
    if type(value) in (float, int) and enough(value, minimum or 0) and value < EXACT:
        return float(value)  # the usual case, which needs no array
    if minimum is None:
        array = positive(function, argument, value)
    else:
        array = at_least(function, argument, value, minimum)
    if array.ndim:
        refuse(function, argument, "be one number", value)
    return float(array)


def real(function: str, argument: str, value: float) -> float:
    """One finite number of either sign."""
    rule = "be one finite number"
    array = _numbers(function, argument, value, rule)
    if array.ndim or not np.isfinite(array):
        refuse(function, argument, rule, value)
    return float(array)


def drawn(function: str, argument: str, mean: float) -> float:
    """Return how many numbers a call draws on average, unless no memory holds them."""
    if not mean <= MOST_DRAWN:
        refuse(function, argument, f"make at most {MOST_DRAWN:,} numbers", mean)
    return mean


@contextmanager
def no_overflow(function: str, arguments: str) -> Iterator[None]:
    """Refuse arguments whose result no float holds, instead of an infinite one."""
    try:
        with np.errstate(over="raise"):
            yield
    except (FloatingPointError, OverflowError):
        refuse(function, arguments, "have a result that a float holds", Words("one beyond 1.8e308"))


def count(function: str, argument: str, value: int, minimum: int = 1, maximum: int = EXACT) -> int:
    """Return a whole number of at least `minimum`; 3.0 and True are none here.

    A `maximum` belongs to each argument with which time or memory grows.
    """
    rule = f"be an integer >= {minimum}"
    if isinstance(value, (bool, np.bool_)):
        refuse(function, argument, rule, value)
    try:
        whole = operator.index(value)
    except TypeError:
        refuse(function, argument, rule, value)
    if whole < minimum:
        refuse(function, argument, rule, whole)
    if whole > maximum:
        power = maximum.bit_length() - 1
        most = f"2**{power}" if power > 32 and maximum == 2**power else f"{maximum:,}"
        refuse(function, argument, f"be an integer of at most {most}", whole)
    return whole


def keep(record: object, **checked: float) -> None:
    """Put what the checks returned into a frozen dataclass; numbers of Python stay as they are."""
    for field, value in checked.items():
        if type(getattr(record, field)) not in (int, float):
            object.__setattr__(record, field, value)


def choice(function: str, argument: str, value: str, allowed: Sequence[str]) -> str:
    """Return one of a few words."""
    if not isinstance(value, str) or value not in allowed:
        refuse(function, argument, f"be one of {', '.join(allowed)}", value)
    return value


def truth(function: str, argument: str, value: bool) -> bool:
    """Return True or False; 1 and "yes" are neither."""
    if not isinstance(value, (bool, np.bool_)):
        refuse(function, argument, "be True or False", value)
    return bool(value)


def vector(function: str, argument: str, value: ArrayLike, length: int | None = None) -> FloatArray:
    """Return a one-dimensional, non-empty array of finite numbers, of `length` if given."""
    rule = "be a non-empty one-dimensional array of finite numbers"
    array = _numbers(function, argument, value, rule)
    if array.ndim != 1 or array.size == 0:
        refuse(function, argument, rule, Words(f"shape {array.shape}"))
    if not np.isfinite(array).all():
        refuse(function, argument, rule, array[~np.isfinite(array)][0])
    if length is not None and array.size != length:
        refuse(function, argument, f"have length {length}", array.size)
    return array


def weights(function: str, argument: str, value: ArrayLike) -> FloatArray:
    """Return a vector of numbers >= 0 whose sum is finite and positive."""
    array = vector(function, argument, non_negative(function, argument, value))
    with np.errstate(over="ignore"):
        total = array.sum()
    if not 0 < total < np.inf:
        refuse(function, argument, "have a finite sum > 0", total)
    return array


def broadcastable(function: str, **arrays: FloatArray) -> None:
    """Refuse arrays whose shapes do not fit together."""
    shapes = [array.shape for array in arrays.values()]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        refuse(function, " and ".join(arrays), "have shapes that broadcast together", shapes)


def generator(function: str, rng: np.random.Generator) -> np.random.Generator:
    """Return a seeded generator, so that every run can be repeated."""
    if not isinstance(rng, np.random.Generator):
        refuse(
            function,
            "rng",
            "be a numpy.random.Generator",
            Words(type(rng).__name__),
            "pass np.random.default_rng(SEED)",
        )
    return rng


def scalar_or_array(result: ArrayLike) -> Any:
    """Return a float for a scalar result, the array otherwise; no zero is negative."""
    array = np.asarray(result, dtype=np.float64) + 0.0
    return float(array) if array.ndim == 0 else array
