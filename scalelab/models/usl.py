"""The universal scalability law: throughput over size, with contention and coherency."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from scalelab import _validate as v


def usl_capacity(n: ArrayLike, sigma: ArrayLike, kappa: ArrayLike) -> float | v.FloatArray:
    r"""Throughput of `n` workers relative to one, by the universal scalability law.

    Parameters
    ----------
    n : float or array_like, shape (...)
        Workers, or requests in progress at once, >= 1.
    sigma : float or array_like, shape (...)
        Contention :math:`\sigma`, in [0, 1]: the share that must be done one at a time.
    kappa : float or array_like, shape (...)
        Coherency :math:`\kappa \ge 0`: what each pair of workers costs, to agree.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`n/(1 + \sigma(n-1) + \kappa n(n-1))`.

    Notes
    -----
    With :math:`\kappa = 0` it is Amdahl's law. A model of shape, to be fitted to
    measurements: nothing in it says what contends.

    References
    ----------
    Gunther, *Guerrilla Capacity Planning*, 2007, ch. 4.

    Examples
    --------
    >>> usl_capacity([1, 10, 100], 0.02, 0.0098).round(2)
    array([1.  , 4.85, 1.  ])
    """
    name = "usl_capacity"
    workers = v.at_least(name, "n", n, 1)
    contention = v.fraction(name, "sigma", sigma)
    coherency = v.non_negative(name, "kappa", kappa)
    v.broadcastable(name, n=workers, sigma=contention, kappa=coherency)
    others = workers - 1
    with v.no_overflow(name, "n"):
        return v.scalar_or_array(workers / (1 + contention * others + coherency * workers * others))


def usl_peak(sigma: float, kappa: float) -> float:
    r"""Size beyond which more workers make the whole slower.

    Parameters
    ----------
    sigma : float
        Contention, in [0, 1].
    kappa : float
        Coherency, >= 0.

    Returns
    -------
    float
        Workers, :math:`\sqrt{(1-\sigma)/\kappa}`, at least 1; infinite without coherency cost.

    References
    ----------
    Gunther, *Guerrilla Capacity Planning*, 2007, ch. 4.

    Examples
    --------
    >>> round(usl_peak(0.02, 0.0098), 6)
    10.0
    """
    contention = v.number("usl_peak", "sigma", sigma, minimum=0)
    if contention > 1:
        v.refuse("usl_peak", "sigma", "be a ratio in [0, 1]", contention)
    coherency = v.number("usl_peak", "kappa", kappa, minimum=0)
    if coherency == 0:
        return math.inf
    return max(1.0, math.sqrt((1 - contention) / coherency))
