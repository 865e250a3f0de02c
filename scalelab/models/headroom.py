"""Room to spare: what the survivors carry when a server is lost."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def utilisation_after_loss(utilisation: ArrayLike, nodes: ArrayLike) -> float | v.FloatArray:
    r"""Utilisation of the remaining servers, if they take over all the load of one.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        Of each server before the loss, >= 0.
    nodes : int or array_like of int, shape (...)
        Servers before the loss, n >= 2.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\rho n/(n - 1)`. Above one the survivors are overloaded.

    References
    ----------
    Denning and Buzen, "The operational analysis of queueing network models", ACM Computing
    Surveys 10, 1978: the utilisation law.

    Examples
    --------
    >>> utilisation_after_loss(0.7, [2, 3, 4]).round(3)
    array([1.4  , 1.05 , 0.933])
    """
    name = "utilisation_after_loss"
    before = v.non_negative(name, "utilisation", utilisation)
    count = v.counts(name, "nodes", nodes, minimum=2)
    v.broadcastable(name, utilisation=before, nodes=count)
    return v.scalar_or_array(before * count / (count - 1))


def safe_utilisation(nodes: ArrayLike) -> float | v.FloatArray:
    """Utilisation up to which a fleet survives the loss of one of its servers.

    Parameters
    ----------
    nodes : int or array_like of int, shape (...)
        Servers before the loss, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        (n − 1)/n: the survivors are then just full, so stay below it.

    Examples
    --------
    >>> safe_utilisation([1, 2, 4, 10])
    array([0.  , 0.5 , 0.75, 0.9 ])
    """
    count = v.counts("safe_utilisation", "nodes", nodes)
    return v.scalar_or_array((count - 1) / count)


def smallest_redundant_fleet(utilisation: float) -> int:
    """Fewest servers that carry the load, at a given utilisation, even when one is lost.

    Parameters
    ----------
    utilisation : float
        At which the fleet runs, whatever its size, in (0, 1).

    Returns
    -------
    int
        Smallest n with ``utilisation_after_loss(utilisation, n) <= 1``.

    Examples
    --------
    >>> smallest_redundant_fleet(0.7)
    4
    """
    name = "smallest_redundant_fleet"
    share = v.number(name, "utilisation", utilisation)
    v.open_fraction(name, "utilisation", share)
    nodes = math.ceil(1 / (1 - share) * (1 - 1e-12))  # 0.9 must give 10, not 11
    return max(nodes, 2)


def detection_time_s(probe_interval_s: ArrayLike, misses: ArrayLike) -> float | v.FloatArray:
    """Longest time until a health check takes a dead server out.

    Parameters
    ----------
    probe_interval_s : float or array_like, shape (...)
        Seconds between probes, > 0.
    misses : int or array_like of int, shape (...)
        Failed probes in a row that it takes, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Interval times misses, for a server that dies right after a probe; half an interval
        less on average. The timeout of the last probe comes on top.

    Examples
    --------
    >>> detection_time_s(10, 3)
    30.0
    """
    name = "detection_time_s"
    interval = v.positive(name, "probe_interval_s", probe_interval_s)
    count = v.counts(name, "misses", misses)
    v.broadcastable(name, probe_interval_s=interval, misses=count)
    return v.scalar_or_array(interval * count)


def failed_requests(
    arrival_rate_per_s: ArrayLike, nodes: ArrayLike, detection_s: ArrayLike
) -> float | v.FloatArray:
    """How many requests go to a dead server before it is taken out, if nothing is tried again.

    Parameters
    ----------
    arrival_rate_per_s : float or array_like, shape (...)
        Requests per second to the whole fleet, > 0.
    nodes : int or array_like of int, shape (...)
        Servers among which they are spread evenly, >= 1.
    detection_s : float or array_like, shape (...)
        Seconds until the dead one is taken out, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        Mean number of failed requests.

    Examples
    --------
    >>> failed_requests(1_000, 4, detection_time_s(10, 3))
    7500.0
    """
    name = "failed_requests"
    rate = v.positive(name, "arrival_rate_per_s", arrival_rate_per_s)
    count = v.counts(name, "nodes", nodes)
    time = v.non_negative(name, "detection_s", detection_s)
    v.broadcastable(name, arrival_rate_per_s=rate, nodes=count, detection_s=time)
    return v.scalar_or_array(np.divide(rate, count) * time)
