"""Model beside simulation: one row a case, with a standard error from independent runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Real
from string import Formatter
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.quantities import NBSP, number, with_error
from scalelab.sim.statistics import estimate

ROUNDING = 1e-12  # relative
AGREE = 3  # standard errors: of ten runs, chance alone goes beyond once in seventy


def compare(
    cases: Iterable[Any],
    label: str,
    *,
    model: Callable[..., float],
    simulate: Callable[..., float],
    seed: int,
    runs: int = 10,
    unit: str = "",
    caption: str = "Model beside simulation",
) -> Html:
    """Simulate each case several times and set the mean beside what the model says.

    Parameters
    ----------
    cases : iterable
        The arguments of each case: a tuple, or one value.
    label : str
        Name of a case, with one ``{}`` for each argument.
    model : callable
        Of the arguments; the value that theory gives.
    simulate : callable
        Of a generator and the arguments; the value of one run.
    seed : int
        Of all runs; the cases share their random numbers.
    runs : int
        Independent runs of each case, >= 2.
    unit : str
        Of model and simulation.
    caption : str
        What is compared; what the marks mean is added to it.

    Returns
    -------
    Html
        The last column has the mean ± its standard error, and ✓ where the model lies within three
        of them, else how many lie between.

    Raises
    ------
    ValueError
        There is no case, or fewer than two runs.

    Examples
    --------
    >>> def throw(rng, sides):
    ...     return rng.integers(1, sides + 1, 1000).mean()
    >>> compare([6], "{} sides", model=lambda sides: (1 + sides) / 2, simulate=throw, seed=1)
    case | model | simulated
    6 sides | 3.5 | 3.486 ± 0.018 ✓
    """
    runs = v.count("compare", "runs", runs, minimum=2)
    in_unit = f", {unit}" if unit else ""
    rows = []
    for case in cases:
        given = case if isinstance(case, tuple) else (case,)
        samples = [simulate(rng, *given) for rng in np.random.default_rng(seed).spawn(runs)]
        theory, result = model(*given), estimate(samples)
        # Runs that all give the same value differ by rounding, which is no error of theirs.
        rounding = ROUNDING * abs(result.mean)
        error = result.standard_error if result.standard_error > rounding else 0.0
        gap = abs(result.mean - theory)
        apart = gap / error if error else (math.inf if gap > rounding else 0.0)
        rows.append(
            {
                "case": _Written().format(label, *given),
                f"model{in_unit}": number(theory),
                f"simulated{in_unit}": _simulated(result.mean, error, apart),
            }
        )
    return table(rows, f"{caption}, ± standard error; ✓: within three standard errors.")


class _Written(Formatter):
    """Numbers without a format of their own are written as everywhere in the book."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write one argument of a case."""
        if format_spec or not isinstance(value, Real) or isinstance(value, bool):
            return str(super().format_field(value, format_spec))
        return number(float(value))


def _simulated(mean: float, error: float, apart: float) -> str:
    """Write a mean with its error, and whether the model agrees with it."""
    if apart <= AGREE:
        return f"{with_error(mean, error)}{NBSP}✓"
    return f"{with_error(mean, error)}{NBSP}✗" + (f", {apart:.1f} errors apart" if error else "")
