"""From runs to numbers: means, standard errors, and whether theory is within them."""

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

    Raises
    ------
    ValueError
        There are fewer than two samples, or one is not finite.

    Examples
    --------
    >>> estimate([1.0, 2.0, 3.0])
    Estimate(mean=2.0, standard_error=0.577...)
    """
    return _estimate("estimate", samples)


def batch_means(series: ArrayLike, batches: int) -> v.FloatArray:
    """Means of consecutive stretches of one long run, to stand for independent replications.

    Parameters
    ----------
    series : array_like, shape (n,)
        One value per request, in order of time.
    batches : int
        Stretches of equal length, from 2 to n. A remainder at the beginning is left out:
        there the run is least settled.

    Returns
    -------
    ndarray, shape (batches,)
        Means. Successive waits resemble each other, so the standard error of single waits is
        too small; that of batches is right when each is much longer than the resemblance.

    Raises
    ------
    ValueError
        `series` is not a vector of finite numbers, or `batches` does not fit it.

    References
    ----------
    Law, *Simulation Modeling and Analysis*, 5th ed., 2015, sec. 9.5.

    Examples
    --------
    >>> batch_means([9, 1, 2, 3, 4, 5, 6], batches=3)
    array([1.5, 3.5, 5.5])
    """
    values = v.vector("batch_means", "series", series)
    batches = v.count("batch_means", "batches", batches, minimum=2)
    length = values.size // batches
    if length == 0:
        v.refuse("batch_means", "batches", f"be <= {values.size}, the length of series", batches)
    return values[values.size - batches * length :].reshape(batches, length).mean(axis=1)


def standard_errors_off(samples: ArrayLike, theory: float) -> float:
    """How many standard errors lie between the mean of the samples and a theoretical value.

    Parameters
    ----------
    samples : array_like, shape (n,)
        One result for each replication, n >= 2.
    theory : float
        What it should be.

    Returns
    -------
    float
        Distance, >= 0. Below 3 theory and simulation agree as far as these runs can tell;
        above 4 one of them is wrong. Infinite where all samples are equal and theory is not.

    Raises
    ------
    ValueError
        There are fewer than two samples, or a number is not finite.

    Examples
    --------
    >>> round(standard_errors_off([1.0, 2.0, 3.0], 3.0), 3)
    1.732
    """
    name = "standard_errors_off"
    result = _estimate(name, samples)
    expected = v.real(name, "theory", theory)
    distance = abs(result.mean - expected)
    if result.standard_error == 0:
        return 0.0 if distance == 0 else math.inf
    return distance / result.standard_error


def _estimate(function: str, samples: ArrayLike) -> Estimate:
    values = v.vector(function, "samples", samples)
    if values.size < 2:
        v.refuse(function, "samples", "have at least two values", values.size, "run it again")
    if np.all(values == values[0]):  # the mean of equal numbers is rounded, and so is not theirs
        return Estimate(mean=float(values[0]), standard_error=0.0)
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Estimate(mean=float(np.mean(values)), standard_error=error)
