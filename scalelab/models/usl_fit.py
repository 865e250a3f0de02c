"""Fit the universal scalability law to measured throughput by least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._student import two_sided_quantile
from scalelab.models.scaling_law import ScalingLaw

STEPS = 300  # of Levenberg–Marquardt; a fit needs about twenty
CONFIDENCE = 0.95  # share of repetitions whose interval holds the true value


@dataclass(frozen=True, kw_only=True)
class UslFit:
    """A fitted law, and how well the measurements determine it.

    Parameters
    ----------
    law : ScalingLaw
        The law with the smallest sum of squares among those with sigma in [0, 1] and
        kappa >= 0.
    sigma_standard_error, kappa_standard_error, unit_throughput_standard_error_per_s : float
        Standard errors of its parameters.
    sigma_interval, kappa_interval, unit_throughput_interval_per_s : tuple of float
        Confidence intervals, cut off where the parameter ends.
    residual_sd_per_s : float
        Standard deviation of one measurement around the law.
    """

    law: ScalingLaw
    sigma_standard_error: float
    kappa_standard_error: float
    unit_throughput_standard_error_per_s: float
    sigma_interval: tuple[float, float]
    kappa_interval: tuple[float, float]
    unit_throughput_interval_per_s: tuple[float, float]
    residual_sd_per_s: float


def fit_usl(n: ArrayLike, throughput_per_s: ArrayLike) -> UslFit:
    r"""Least-squares fit of the universal scalability law.

    Parameters
    ----------
    n : array_like, shape (points,)
        Workers of each measurement, >= 1: at least four points, three of them different.
    throughput_per_s : array_like, shape (points,)
        Throughput measured at each, > 0.

    Returns
    -------
    UslFit
        Law, standard errors and confidence intervals of 95 %.

    Notes
    -----
    Minimises the sum of the squares of :math:`X_i - \lambda C(n_i)`, with C the law, by
    Levenberg and Marquardt's method, started from the straight-line form
    :math:`n/X = (1 + \sigma(n-1) + \kappa n(n-1))/\lambda`. Where a bound is met the search
    goes on along it, and the best admissible fit is taken. All points are taken to be equally
    exact and independent. Standard errors come from :math:`s^2(J^TJ)^{-1}` and Student's t
    with three degrees of freedom less than points; at a bound they err on the wide side.

    References
    ----------
    Gunther, *Guerrilla Capacity Planning*, 2007, ch. 5; Seber and Wild, *Nonlinear
    Regression*, 1989, ch. 2 and 14.

    Examples
    --------
    >>> fit = fit_usl([1, 2, 4, 8, 16, 32], [998, 1_960, 3_745, 6_820, 11_075, 14_450])
    >>> round(fit.law.sigma, 3), round(fit.law.kappa, 4)
    (0.02, 0.0006)
    >>> low, high = fit.sigma_interval
    >>> bool(low < 0.02 < high)
    True
    """
    name = "fit_usl"
    workers = v.at_least(name, "n", v.vector(name, "n", n), 1)
    rates = v.vector(name, "throughput_per_s", throughput_per_s, workers.size)
    rates = v.positive(name, "throughput_per_s", rates)
    if workers.size < 4 or np.unique(workers).size < 3:
        v.refuse(name, "n", "hold at least four points, three of them different", n)
    scale = float(rates.max())  # in units of the fastest point no sum of squares overflows
    best = _best_admissible(workers, rates / scale)
    return _with_errors(workers, rates / scale, best, scale)


def _best_admissible(workers: v.FloatArray, rates: v.FloatArray) -> v.FloatArray:
    """Lowest sum of squares over the inside of the region and each of its edges."""
    fits = [
        _descend(workers, rates, sigma, kappa)
        for sigma, kappa in product((None, 0.0, 1.0), (None, 0.0))
    ]
    admissible = [fit for fit in fits if fit[0] > 0 and 0 <= fit[1] <= 1 and fit[2] >= 0]
    return min(admissible, key=lambda fit: _squares(workers, rates, fit))


def _descend(
    workers: v.FloatArray, rates: v.FloatArray, sigma: float | None, kappa: float | None
) -> v.FloatArray:
    """Best (λ, σ, κ); a number given holds its parameter fixed."""
    free = np.array([True, sigma is None, kappa is None])
    at = np.array([rates[workers.argmin()] / workers.min(), sigma or 0.0, kappa or 0.0])
    at = _linear_start(workers, rates, at, free)
    damping = 1e-4
    for _ in range(STEPS):
        before = _squares(workers, rates, at)
        step = np.zeros(3)
        residuals = rates - _model(workers, at)
        step[free] = _solve(_jacobian(workers, at)[:, free], residuals, damping)
        if _squares(workers, rates, at + step) < before:
            at, damping = at + step, damping / 10
        elif damping > 1e8:  # no shorter step helps: here is the bottom
            break
        else:
            damping *= 10
    return at


def _linear_start(
    workers: v.FloatArray, rates: v.FloatArray, fixed: v.FloatArray, free: np.ndarray
) -> v.FloatArray:
    """Solve n/X = a(1 + σ(n−1) + κn(n−1)) for the free parameters, weighted by X²/n."""
    columns = np.column_stack([np.ones_like(workers), workers - 1, workers * (workers - 1)])
    columns[:, 0] += columns[:, 1:] @ np.where(free[1:], 0.0, fixed[1:])
    weights = rates**2 / workers
    found = _solve(columns[:, free] * weights[:, None], workers / rates * weights)
    start = fixed.copy()
    start[free] = found
    if found[0] <= 0:  # no line of this kind: start from the smallest measurement
        return np.where(free & (np.arange(3) > 0), 0.0, fixed)
    start[0] = 1 / found[0]
    start[1:] = np.where(free[1:], start[1:] / found[0], fixed[1:])
    return start


def _solve(matrix: v.FloatArray, right: v.FloatArray, damping: float = 0.0) -> v.FloatArray:
    """Damped least squares with columns of equal length, since n(n−1) dwarfs the rest."""
    lengths = np.linalg.norm(matrix, axis=0)
    lengths[lengths == 0] = 1.0
    size = lengths.size
    stacked = np.vstack([matrix / lengths, math.sqrt(damping) * np.eye(size)])
    return np.linalg.lstsq(stacked, np.append(right, np.zeros(size)), rcond=None)[0] / lengths


def _slowing(workers: v.FloatArray, at: v.FloatArray) -> v.FloatArray:
    return 1 + (at[1] + at[2] * workers) * (workers - 1)


def _model(workers: v.FloatArray, at: v.FloatArray) -> v.FloatArray:
    return at[0] * workers / _slowing(workers, at)


def _squares(workers: v.FloatArray, rates: v.FloatArray, at: v.FloatArray) -> float:
    """Sum of squares; infinite where the law has a pole among the points."""
    if at[0] <= 0 or np.any(_slowing(workers, at) <= 0):
        return math.inf
    residuals = rates - _model(workers, at)
    return float(residuals @ residuals)


def _jacobian(workers: v.FloatArray, at: v.FloatArray) -> v.FloatArray:
    slowing = _slowing(workers, at)
    by_unit = workers / slowing
    by_sigma = -at[0] * by_unit * (workers - 1) / slowing
    return np.column_stack([by_unit, by_sigma, by_sigma * workers])


def _with_errors(
    workers: v.FloatArray, rates: v.FloatArray, at: v.FloatArray, scale: float
) -> UslFit:
    degrees = workers.size - 3
    residual_sd = math.sqrt(_squares(workers, rates, at) / degrees)
    jacobian = _jacobian(workers, at)
    lengths = np.linalg.norm(jacobian, axis=0)
    inverse = np.linalg.pinv(jacobian / lengths) / lengths[:, None]
    errors = residual_sd * np.linalg.norm(inverse, axis=1)
    reach = two_sided_quantile(CONFIDENCE, degrees) * errors
    lows, highs = np.maximum(at - reach, 0.0), np.minimum(at + reach, [math.inf, 1.0, math.inf])
    return UslFit(
        law=ScalingLaw(
            unit_throughput_per_s=float(at[0]) * scale, sigma=float(at[1]), kappa=float(at[2])
        ),
        sigma_standard_error=float(errors[1]),
        kappa_standard_error=float(errors[2]),
        unit_throughput_standard_error_per_s=float(errors[0]) * scale,
        sigma_interval=(float(lows[1]), float(highs[1])),
        kappa_interval=(float(lows[2]), float(highs[2])),
        unit_throughput_interval_per_s=(float(lows[0]) * scale, float(highs[0]) * scale),
        residual_sd_per_s=residual_sd * scale,
    )
