"""What an argument is, and which values are therefore wrong.

``POSITIVE(2.0)`` is a good value and its kind. A kind knows the values that no argument of it may
take; what is wrong for one argument only stands with it: ``SHARE(0.5, 1)`` refuses 1 as well.
"""

import math
from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(1)


class Argument(NamedTuple):
    """A value that is right, and those that must be refused; none where anything goes."""

    good: Any
    bad: tuple


class Kind:
    """Arguments that refuse the same values."""

    def __init__(self, *bad: Any) -> None:
        self.bad = bad

    def __call__(self, good: Any, *also_bad: Any) -> Argument:
        return Argument(good, (*self.bad, *also_bad))

    def but(self, *also_bad: Any) -> "Kind":
        """Return the kind that refuses these, too."""
        return Kind(*self.bad, *also_bad)

    def or_none(self) -> "Kind":
        """Return the kind for which None is a value."""
        return Kind(*(value for value in self.bad if value is not None))


ANY = Kind()  # a key of any type, a callback, an object that only its owner passes
ONLY = Kind()  # its bad values stand with it

POSITIVE = Kind(0, -1.0, math.nan, math.inf, "2", None, True, 1j)
NOT_NEGATIVE = Kind(-1.0, math.nan, math.inf, "2", None, 1j)
FROM_ONE = POSITIVE.but(0.5)
ABOVE_ONE = FROM_ONE.but(1.0)
SHARE = Kind(-0.1, 1.5, math.nan, "half", None)
BELOW_ONE = SHARE.but(1)
INSIDE = BELOW_ONE.but(0)  # the open interval
COUNT_OR_ZERO = Kind(-3, 2.5, 2.0, True, "2", None)
COUNT = COUNT_OR_ZERO.but(0)
COUNTS = Kind(0, -3, 2.5, True, "2", None, [1, 0], [1.5, 2.0])
VECTOR = Kind([], 3.0, [[1.0, 2.0]], [math.nan], ["a"], None)
TIMES = VECTOR.but([1.0, math.nan], [1.0, math.inf], [-1.0, -2.0])

TEXT = Kind("", 3, None, ["a"])
CHOICE = Kind("no such word", "", None, 3)
TRUTH = Kind(None, 1, "yes")
KEY = Kind([], {}, math.nan)
FUNCTION = Kind(None, 3, "f", [1])
CLOCK = Kind(None, 3, "clock")
ROUTER = Kind(None, 3, "router", object())
GENERATOR = Kind(None, 1, np.random.RandomState(1))
