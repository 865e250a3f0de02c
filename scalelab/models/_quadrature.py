"""Integrals over the half line."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from scalelab import _validate as v


def half_line(
    integrand: Callable[[v.FloatArray], v.FloatArray], shortest: float, longest: float
) -> float:
    """∫ of a smooth, decaying integrand over 0..∞, by the trapezoidal rule in ln x.

    `shortest` and `longest` are scales of x on which it changes; 17 decades below the one and
    three above the other are covered, where the rule converges faster than any power of the step.
    """
    logs = np.arange(math.log(shortest) - 40, math.log(longest) + 7, 0.02)
    points = np.exp(logs)
    return float(0.02 * np.sum(integrand(points) * points))
