"""Student's t distribution for whole degrees of freedom."""

from __future__ import annotations

import math


def central_share(t: float, degrees: int) -> float:
    """P(|T| <= t), t >= 0, by the finite series for whole degrees of freedom.

    Abramowitz and Stegun, *Handbook of Mathematical Functions*, 1964, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(degrees))
    cosine = math.cos(angle)
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(1 + odd, degrees, 2):  # powers of the cosine up to degrees - 2
        total += term
        term *= cosine * cosine * k / (k + 1)
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


def two_sided_quantile(confidence: float, degrees: int) -> float:
    """Return the t with P(|T| <= t) = confidence, by bisection."""
    low, high = 0.0, 1.0
    while central_share(high, degrees) < confidence:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if central_share(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2
