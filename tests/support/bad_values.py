"""Values that an argument must refuse, by what the argument is."""

import math

import numpy as np

RNG = np.random.default_rng(1)
NOT_POSITIVE = [0, -1.0, math.nan, math.inf, "2", None, True, 1j]
NEGATIVE = [-1.0, math.nan, math.inf, "2", None, 1j]
NOT_A_SHARE = [-0.1, 1.5, math.nan, "half", None]
NOT_A_COUNT = [0, -3, 2.5, 2.0, True, "2", None]
NOT_A_COUNT_OR_ZERO = [-3, 2.5, 2.0, True, "2", None]
NOT_TIMES = [[], 3.0, [[1.0, 2.0]], [1.0, math.nan], ["a", "b"], [1.0, math.inf], [-1.0, -2.0]]
NOT_A_GENERATOR = [None, 1, np.random.RandomState(1)]

# What the walk offers to every argument, whatever it is for.
HOSTILE = {
    "nan": math.nan,
    "inf": math.inf,
    "minus_inf": -math.inf,
    "zero": 0,
    "negative": -1,
    "negative_float": -0.5,
    "fraction": 0.5,
    "text": "x",
    "empty_text": "",
    "none": None,
    "true": True,
    "complex": 1j,
    "empty": [],
    "empty_rows": [[]],
    "rows": [[1.0, 2.0], [3.0, 4.0]],
    "ragged": [[1.0], [1.0, 2.0]],
    "nan_array": np.array([1.0, math.nan]),
    "words": np.array(["a", "b"]),
    "object": object(),
}
