"""Values written and read that are the same, and such that are not."""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np


@dataclass
class Cart:
    owner: str
    items: list


NUMBERS = list(range(5_000))
OTHERS = [*NUMBERS[:2_500], -1, *NUMBERS[2_501:]]  # the text of both arrays is the same

SAME = [
    ({"tea": 1, "milk": 2}, {"milk": 2, "tea": 1}),
    ({"tea": 1}, OrderedDict(tea=1)),
    ({"tea": 1}, MappingProxyType({"tea": 1})),
    ([{"b": [1], "a": {2}}], [{"a": {2}, "b": [1]}]),
    ({3, 1, 2}, frozenset((1, 2, 3))),
    (("x", [2]), ("x", [2])),
    (np.array(NUMBERS), np.array(NUMBERS)),
    (np.array([1, 2], dtype=np.int8), np.array([1.0, 2.0])),
    (np.array([["a"], ["b"]]), np.array([["a"], ["b"]], dtype=object)),
    (np.int64(1), 1),
    (Fraction(1, 2), 0.5),
    (np.True_, True),
    (np.datetime64("2026-01-01"), np.datetime64("2026-01-01")),
    (bytearray(b"x"), b"x"),
    (Cart("ann", ["tea"]), Cart("ann", ["tea"])),
]
DIFFERENT = [
    ([1], "[1]"),
    ([1], (1,)),
    ({"tea": 1}, "{'tea': 1}"),
    ({"tea": 1}, [("tea", 1)]),
    ({"tea": 1}, {"tea"}),
    (True, 1),
    (0, False),
    ([True], [1]),
    ({"tea": True}, {"tea": 1}),
    (np.array([True]), np.array([1])),
    (True, (bool, True)),
    ([np.datetime64("2026-01-01")], [True]),
    ([np.longdouble(1) / 3], [True]),
    ([1], (list, (1,))),
    (np.array(NUMBERS), np.array(OTHERS)),
    (np.array([1, 2]), np.array([[1, 2]])),
    (np.array([1, 2]), [1, 2]),
    (b"x", "x"),
    (Cart("ann", ["tea"]), Cart("ann", ["milk"])),
    (Cart("ann", []), ("ann", [])),
]
