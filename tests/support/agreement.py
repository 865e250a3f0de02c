"""How far a simulation is from its theory, in standard errors."""

import math
from collections.abc import Iterable

from scalelab.sim.statistics import estimate


def standard_errors_off(samples: Iterable[float], theory: float) -> float:
    """Return the distance between the mean of the samples and what it should be.

    Below 3 theory and simulation agree as far as these runs can tell; above 4 one of them is
    wrong. Infinite where all samples are equal and the theory is not.
    """
    result = estimate(samples)
    distance = abs(result.mean - theory)
    if result.standard_error == 0:
        return 0.0 if distance == 0 else math.inf
    return distance / result.standard_error
