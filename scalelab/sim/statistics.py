"""From runs to numbers: a mean over replications and its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over independent runs and its standard error.

    Parameters
    ----------
    mean : float
        Mean of the runs' results.
    standard_error : float
        Standard deviation of that mean.
    """

    mean: float
    standard_error: float


def estimate(samples: ArrayLike) -> Estimate:
    """Mean of independent replications, and how far it may be off.

    Parameters
    ----------
    samples : array_like, shape (n,)
        One result for each replication, n >= 2.

    Returns
    -------
    Estimate
        Mean and its standard error, s/√n.

    Examples
    --------
    >>> estimate([1.0, 2.0, 3.0])
    Estimate(mean=2.0, standard_error=0.577...)
    """
    values = v.vector("estimate", "samples", samples)
    if values.size < 2:
        v.refuse("estimate", "samples", "have at least two values", values.size, "run it again")
    if np.all(values == values[0]):  # the mean of equal numbers is rounded, and so is not theirs
        return Estimate(mean=float(values[0]), standard_error=0.0)
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Estimate(mean=float(np.mean(values)), standard_error=error)
