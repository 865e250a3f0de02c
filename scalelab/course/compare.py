"""Model beside simulation: one row a case, with a standard error from independent runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from scalelab import _validate as v
from scalelab.course.page import Html, number, table
from scalelab.sim.statistics import estimate

Simulate = Callable[[np.random.Generator], float]


def compare(
    cases: Mapping[str, tuple[float, Simulate]], *, seed: int, runs: int = 10, unit: str = ""
) -> Html:
    """Simulate each case several times and set the mean beside what the model says.

    Parameters
    ----------
    cases : dict of str to (float, callable)
        For each case the model's value, and a function of a generator that simulates it once.
    seed : int
        Of all runs; the cases share their random numbers.
    runs : int
        Independent runs of each case, >= 2.
    unit : str
        Of model and simulation.

    Returns
    -------
    Html
        The last column tells how many standard errors lie between the two: up to two is agreement.

    Raises
    ------
    ValueError
        There is no case, or fewer than two runs.

    Examples
    --------
    >>> compare({"a fair die": (3.5, lambda rng: rng.integers(1, 7, 1000).mean())}, seed=1)
    case | model | simulated | ± standard error | apart, in errors
    a fair die | 3.5 | 3.486 | 0.01768 | 0.8
    """
    runs = v.count("compare", "runs", runs, minimum=2)
    in_unit = f", {unit}" if unit else ""
    rows = []
    for name, (model, simulate) in cases.items():
        samples = [simulate(rng) for rng in np.random.default_rng(seed).spawn(runs)]
        result = estimate(samples)
        apart = abs(result.mean - model) / result.standard_error
        rows.append(
            {
                "case": name,
                f"model{in_unit}": number(model),
                f"simulated{in_unit}": number(result.mean),
                "± standard error": number(result.standard_error),
                "apart, in errors": f"{apart:.1f}",
            }
        )
    return table(rows)
