"""Delays that are always the same, or drawn anew each time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scalelab import _validate as v

Delay = float | Callable[[np.random.Generator], float]


def delay_source(
    function: str, argument: str, delay_s: Delay, rng: np.random.Generator | None
) -> Callable[[], float]:
    """Return a function that gives the next delay in seconds.

    Parameters
    ----------
    function, argument : str
        Named in errors.
    delay_s : float or callable
        Seconds, >= 0, or a function that draws them from a generator.
    rng : numpy.random.Generator, optional
        Needed where delays are drawn.

    Examples
    --------
    >>> delay_source("example", "delay_s", 0.005, None)()
    0.005
    """
    if rng is not None:
        v.generator(function, rng)
    if not callable(delay_s):
        constant_s = v.number(function, argument, delay_s, minimum=0)
        return lambda: constant_s
    source = v.generator(function, rng)  # type: ignore[arg-type]  # None is refused with a remedy
    return lambda: v.number(function, argument, delay_s(source), minimum=0)
