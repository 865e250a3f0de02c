"""One server, Poisson arrivals, any service time: the Pollaczek–Khinchine formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._mmc import UnstableQueueError


def mg1_mean_wait_s(
    arrival_rate_per_s: ArrayLike, mean_service_s: ArrayLike, service_scv: ArrayLike
) -> float | v.FloatArray:
    r"""Mean seconds in the line of an M/G/1 queue.

    Parameters
    ----------
    arrival_rate_per_s : float or array_like, shape (...)
        Mean arrivals per second, :math:`\lambda > 0`.
    mean_service_s : float or array_like, shape (...)
        Mean service time in seconds, > 0.
    service_scv : float or array_like, shape (...)
        Squared coefficient of variation of the service time, variance over squared mean,
        >= 0: 0 for a constant, 1 for an exponential, above 1 for a few long queries among
        many short ones.

    Returns
    -------
    float or ndarray, shape (...)
        Mean wait in seconds, :math:`\rho S (1 + \mathrm{scv}) / (2(1 - \rho))`.

    Raises
    ------
    ValueError
        An argument is out of range.
    UnstableQueueError
        :math:`\rho = \lambda S` is not below one.

    References
    ----------
    Pollaczek, "Über eine Aufgabe der Wahrscheinlichkeitstheorie", Mathematische
    Zeitschrift 32, 1930; Khinchine 1932. In Harchol-Balter, *Performance Modeling and
    Design of Computer Systems*, 2013, ch. 23.

    Examples
    --------
    A constant service time halves the wait of an exponential one:

    >>> mg1_mean_wait_s(0.5, 1.0, [0, 1, 9])
    array([0.5, 1. , 5. ])
    """
    return v.scalar_or_array(
        _mean_wait("mg1_mean_wait_s", arrival_rate_per_s, mean_service_s, service_scv)
    )


def mg1_mean_response_s(
    arrival_rate_per_s: ArrayLike, mean_service_s: ArrayLike, service_scv: ArrayLike
) -> float | v.FloatArray:
    """Mean seconds from arrival to completion in an M/G/1 queue: wait plus service.

    Parameters
    ----------
    arrival_rate_per_s, mean_service_s, service_scv : float or array_like, shape (...)
        As in `mg1_mean_wait_s`.

    Returns
    -------
    float or ndarray, shape (...)
        Mean response time in seconds.

    Raises
    ------
    ValueError, UnstableQueueError
        As in `mg1_mean_wait_s`.

    Examples
    --------
    >>> mg1_mean_response_s(0.5, 1.0, 1.0)
    2.0
    """
    name = "mg1_mean_response_s"
    wait = _mean_wait(name, arrival_rate_per_s, mean_service_s, service_scv)
    return v.scalar_or_array(wait + np.asarray(mean_service_s))


def _mean_wait(
    function: str,
    arrival_rate_per_s: ArrayLike,
    mean_service_s: ArrayLike,
    service_scv: ArrayLike,
) -> v.FloatArray:
    rate = v.positive(function, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.positive(function, "mean_service_s", mean_service_s)
    scv = v.non_negative(function, "service_scv", service_scv)
    v.broadcastable(function, arrival_rate_per_s=rate, mean_service_s=service, service_scv=scv)
    rho = rate * service
    if np.any(rho >= 1):
        v.refuse(
            function,
            "arrival_rate_per_s × mean_service_s",
            "be < 1",
            np.max(rho),
            "the line grows without bound, so shed load or make the service faster",
            UnstableQueueError,
        )
    return rho * service * (1 + scv) / (2 * (1 - rho))
