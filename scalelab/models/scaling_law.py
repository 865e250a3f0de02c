"""A throughput curve through as many measurements as it has parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.usl import usl_capacity, usl_peak

ROUNDING = 1e-9  # a parameter this far below zero is zero


@dataclass(frozen=True, kw_only=True)
class ScalingLaw:
    """The universal scalability law with its unit; Amdahl's law is the case of no coherency.

    Parameters
    ----------
    unit_throughput_per_s : float
        Throughput of one worker.
    sigma, kappa : float
        Contention and coherency, as in `usl_capacity`.
    """

    unit_throughput_per_s: float
    sigma: float
    kappa: float

    def throughput_per_s(self, n: ArrayLike) -> float | v.FloatArray:
        """Throughput of `n` workers, n >= 1."""
        return v.scalar_or_array(
            self.unit_throughput_per_s * np.asarray(usl_capacity(n, self.sigma, self.kappa))
        )

    @property
    def peak_n(self) -> float:
        """Workers at which throughput is highest; infinite without coherency."""
        return usl_peak(self.sigma, self.kappa)

    @property
    def ceiling_per_s(self) -> float:
        """Throughput that no number of workers exceeds."""
        if math.isfinite(self.peak_n):
            return float(self.throughput_per_s(self.peak_n))
        return self.unit_throughput_per_s / self.sigma if self.sigma else math.inf


def amdahl_through(n: ArrayLike, throughput_per_s: ArrayLike) -> ScalingLaw:
    r"""Amdahl's law through two measurements.

    Parameters
    ----------
    n : array_like, shape (2,)
        Two different numbers of workers, >= 1.
    throughput_per_s : array_like, shape (2,)
        Throughput measured at each, > 0.

    Returns
    -------
    ScalingLaw
        With :math:`\kappa = 0`; its `ceiling_per_s` is :math:`\lambda/\sigma`.

    Raises
    ------
    ValueError
        No serial fraction in [0, 1] fits.

    Notes
    -----
    Time per unit of work on all workers together, :math:`n/X = (1 + \sigma(n-1))/\lambda`,
    is a straight line in :math:`n - 1`.

    Examples
    --------
    Eight times the cores, five times the throughput:

    >>> law = amdahl_through([4, 32], [1_000, 5_000])
    >>> round(law.sigma, 4), round(law.ceiling_per_s), round(law.throughput_per_s(128))
    (0.0229, 11667, 8750)
    """
    return _through("amdahl_through", n, throughput_per_s, ("one", "sigma"))


def coherency_through(n: ArrayLike, throughput_per_s: ArrayLike) -> ScalingLaw:
    r"""Universal scalability law without contention through two measurements.

    Parameters
    ----------
    n, throughput_per_s : array_like, shape (2,)
        As in `amdahl_through`.

    Returns
    -------
    ScalingLaw
        With :math:`\sigma = 0`. The same two points as in Amdahl's law, and a peak
        instead of a ceiling: two measurements do not tell the laws apart.

    Raises
    ------
    ValueError
        No :math:`\kappa \ge 0` fits.

    Examples
    --------
    >>> law = coherency_through([4, 32], [1_000, 5_000])
    >>> round(law.kappa, 7), round(law.peak_n, 2)
    (0.0006168, 40.27)
    """
    return _through("coherency_through", n, throughput_per_s, ("one", "kappa"))


def usl_through(n: ArrayLike, throughput_per_s: ArrayLike) -> ScalingLaw:
    r"""Universal scalability law through three measurements.

    Parameters
    ----------
    n : array_like, shape (3,)
        Three different numbers of workers, >= 1.
    throughput_per_s : array_like, shape (3,)
        Throughput measured at each, > 0.

    Returns
    -------
    ScalingLaw
        The one law that meets all three points. Measurement error goes into it whole:
        with more points use `fit_usl`.

    Raises
    ------
    ValueError
        No :math:`\sigma` in [0, 1] and :math:`\kappa \ge 0` fit.

    References
    ----------
    Gunther, *Guerrilla Capacity Planning*, 2007, ch. 5.

    Examples
    --------
    >>> law = usl_through([1, 10, 100], [1_000, 4_850, 1_003])
    >>> round(law.sigma, 3), round(law.kappa, 4)
    (0.02, 0.0098)
    """
    return _through("usl_through", n, throughput_per_s, ("one", "sigma", "kappa"))


def _through(
    function: str, n: ArrayLike, throughput_per_s: ArrayLike, terms: tuple[str, ...]
) -> ScalingLaw:
    workers = v.at_least(function, "n", v.vector(function, "n", n, len(terms)), 1)
    rates = v.vector(function, "throughput_per_s", throughput_per_s, workers.size)
    rates = v.positive(function, "throughput_per_s", rates)
    if np.unique(workers).size < workers.size:
        v.refuse(function, "n", "be different numbers", n)
    columns = {
        "one": np.ones_like(workers),
        "sigma": workers - 1,
        "kappa": workers * (workers - 1),
    }
    matrix = np.column_stack([columns[term] for term in terms])
    found = dict(zip(terms, np.linalg.solve(matrix, workers / rates), strict=True))
    if found["one"] <= 0:
        _misfit(function, throughput_per_s)
    return ScalingLaw(
        unit_throughput_per_s=float(1 / found["one"]),
        sigma=_parameter(function, found.get("sigma", 0.0) / found["one"], throughput_per_s, 1.0),
        kappa=_parameter(
            function, found.get("kappa", 0.0) / found["one"], throughput_per_s, math.inf
        ),
    )


def _parameter(function: str, value: float, rates: ArrayLike, most: float) -> float:
    if not -ROUNDING <= value <= most + ROUNDING:
        _misfit(function, rates)
    return float(np.clip(value, 0.0, most)) + 0.0  # no negative zero


def _misfit(function: str, rates: ArrayLike) -> None:
    v.refuse(
        function,
        "throughput_per_s",
        "follow the law with sigma in [0, 1] and kappa >= 0",
        rates,
        "measure again, or fit more points with fit_usl",
    )
