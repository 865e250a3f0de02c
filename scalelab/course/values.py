"""Values as a learner may return them: read in one form, shown in a few words, refused by name."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Number as AnyNumber
from typing import Any

import numpy as np

LONGEST = 160  # characters of a value in a verdict
MOST_ITEMS = 100_000  # of a list that is read; to read more takes longer than anybody waits


class NotThatError(Exception):
    """A value that cannot be read as what was asked for, and what is the matter with it."""

    def __init__(self, asked: str, got: object, why: str) -> None:
        super().__init__(f"asked for {asked}")
        self.asked, self.got, self.why = asked, got, why


def is_column(value: Any) -> bool:
    """Whether a value is a column of pandas, which is not loaded for that."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.Series, pandas.Index))


def short(value: object, longest: int = LONGEST) -> str:
    """`repr` of a value in a few words, whatever it makes of itself."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a learner's __repr__, or an integer of over 4,300 digits
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def unwrapped(value: Any) -> Any:
    """Return Python's own for NumPy's numbers and arrays of no dimension; the rest as it is."""
    if isinstance(value, (np.generic, np.ndarray)) and np.ndim(value) == 0:
        return None if value is np.ma.masked else value.item()
    return value


def is_number(value: Any) -> bool:
    """Whether it is a real number; True is none."""
    real = isinstance(value, (int, float, Fraction, Decimal))
    return real and not isinstance(value, bool)


NOTHING = (
    "Nothing came back: the result is None. `print` only shows a value; `return` hands it to the "
    "caller. Look at the end of every branch."
)


def refused(asked: str, got: Any, plain: Any) -> NotThatError:
    """Say what is the matter with a value, before anybody guesses a misconception."""
    plain = unwrapped(plain)
    if got is None:
        return NotThatError(asked, got, NOTHING)
    if isinstance(plain, str) and asked.startswith(("a number", "a whole")):
        return NotThatError(asked, got, "This is a text. Return the number itself, unformatted.")
    if isinstance(plain, (bytes, bytearray)) and asked == "a text":
        return NotThatError(asked, got, "These are bytes. `.decode()` makes a text of them.")
    if isinstance(plain, bool):
        return NotThatError(asked, got, "A yes or a no is not what the caller needs here.")
    if callable(plain):
        return NotThatError(asked, got, "This is a function. Call it: its result is wanted.")
    if (
        asked == "a text"
        and isinstance(plain, (list, tuple))
        and all(isinstance(p, str) for p in plain)
    ):
        return NotThatError(
            asked, got, f"This is a {type(plain).__name__} of texts. Return one text."
        )
    several = isinstance(plain, (list, tuple, np.ndarray)) or is_column(plain)
    if several and len(plain) and all(isinstance(p, (bool, np.bool_)) for p in plain):
        why = f"This is a yes or a no for each item, and {asked} is asked for."
        return NotThatError(asked, got, why)
    if several and len(plain) == 1:
        return NotThatError(asked, got, "The value is wrapped in a list of one. Return it bare.")
    return NotThatError(asked, got, f"The caller goes on with {asked}, and this is none.")


def sequence(asked: str, value: Any) -> list[Any]:
    """Return the items of a list, a tuple, an array or a column."""
    if isinstance(value, (str, bytes, bytearray, AnyNumber)) or value is None:
        raise refused(asked, value, value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        raise refused(asked, value, value.item())
    if isinstance(value, (Sequence, np.ndarray)) or is_column(value):
        refuse_endless(asked, value)
        return list(value)
    if isinstance(value, Mapping) or is_dataclass(value) or isinstance(value, type):
        raise refused(asked, value, value)
    if isinstance(value, (set, frozenset)):
        raise NotThatError(asked, value, "A set has no order. Return a list.")
    if hasattr(value, "__next__"):
        why = "This is a generator: it gives its items once. `list(...)` makes a list of it."
        raise NotThatError(asked, value, why)
    raise refused(asked, value, value)


def refuse_endless(asked: str, value: Any) -> None:
    """Refuse what has more items than any question of a lab asks for."""
    if len(value) > MOST_ITEMS:
        why = f"It has {len(value):,} items, far more than the question has. Where do they come in?"
        raise NotThatError(asked, value, why)
