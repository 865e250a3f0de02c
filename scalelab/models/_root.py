"""Where an increasing function reaches a value."""

from __future__ import annotations

from collections.abc import Callable


def increasing_root(
    value_at: Callable[[float], float], target: float, low: float, high: float, tolerance: float
) -> float:
    """Return x within `tolerance` of where `value_at` reaches `target`, between `low` and `high`.

    False position with Illinois' rule: an end that stays twice counts half, so that both move.

    References
    ----------
    Dowell and Jarratt, "A modified regula falsi method for computing the root of an equation",
    BIT 11, 1971.
    """
    below, above = value_at(low) - target, value_at(high) - target
    if below >= 0 or above <= 0:  # reached at an end, but for rounding
        return low if below >= 0 else high
    kept = 0  # the end that stayed last: -1 the high one, 1 the low one
    x = low
    for _ in range(200):
        last, x = x, (low * above - high * below) / (above - below)
        if abs(x - last) <= tolerance:
            break
        off = value_at(x) - target
        if off < 0:
            low, below = x, off
            above = above / 2 if kept == -1 else above
            kept = -1
        else:
            high, above = x, off
            below = below / 2 if kept == 1 else below
            kept = 1
    return x
