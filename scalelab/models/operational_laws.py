"""Operational laws: what must hold in any system that is measured for long enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def mean_number(throughput_per_s: ArrayLike, mean_time_s: ArrayLike) -> float | v.FloatArray:
    """Little's law: how many requests are inside, on average.

    Parameters
    ----------
    throughput_per_s : float or array_like, shape (...)
        Requests that enter, and leave, per second, > 0.
    mean_time_s : float or array_like, shape (...)
        Mean time that a request spends inside, in seconds, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        Mean number inside. It holds for a line, for the servers, or for both
        together: inside is whatever the time was measured over.

    References
    ----------
    Little, "A proof for the queuing formula L = λW", Operations Research 9, 1961.

    Examples
    --------
    2,000 requests per second that wait 30 s for a connection:

    >>> mean_number(2_000, 30)
    60000.0
    """
    rate = v.positive("mean_number", "throughput_per_s", throughput_per_s)
    time = v.non_negative("mean_number", "mean_time_s", mean_time_s)
    v.broadcastable("mean_number", throughput_per_s=rate, mean_time_s=time)
    return v.scalar_or_array(rate * time)


def utilisation(
    arrival_rate_per_s: ArrayLike, service_time_s: ArrayLike, servers: int = 1
) -> float | v.FloatArray:
    """Share of time that one server is busy.

    Parameters
    ----------
    arrival_rate_per_s : float or array_like, shape (...)
        Requests per second, all of which are served, > 0.
    service_time_s : float or array_like, shape (...)
        Mean seconds of work in a request, > 0.
    servers : int
        Servers that share the work evenly, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Utilisation, in (0, 1].

    Raises
    ------
    ValueError
        The servers cannot do all the work.

    References
    ----------
    Denning and Buzen, "The operational analysis of queueing network models",
    ACM Computing Surveys 10, 1978.

    Examples
    --------
    >>> utilisation(1_000, 0.005, servers=10)
    0.5
    """
    rate = v.positive("utilisation", "arrival_rate_per_s", arrival_rate_per_s)
    time = v.positive("utilisation", "service_time_s", service_time_s)
    servers = v.count("utilisation", "servers", servers)
    v.broadcastable("utilisation", arrival_rate_per_s=rate, service_time_s=time)
    load = rate * time
    if np.any(load > servers):
        v.refuse(
            "utilisation",
            "arrival_rate_per_s × service_time_s",
            f"be <= servers={servers}",
            np.max(load),
            "no server is busy for more than all of the time, so add servers or shed load",
        )
    return v.scalar_or_array(load / servers)


def saturation_users(think_time_s: float, service_time_s: float, servers: int = 1) -> float:
    """Users at which the two bounds on throughput meet: N* = c(Z + S)/S.

    Parameters
    ----------
    think_time_s : float
        Mean seconds away from the servers, >= 0.
    service_time_s : float
        Mean seconds of work in a request, > 0.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    float
        Users; with more than these somebody must wait.

    References
    ----------
    Lazowska et al., *Quantitative System Performance*, 1984, ch. 5.

    Examples
    --------
    As long waiting for the disk as computing, on four cores:

    >>> saturation_users(0.005, 0.005, servers=4)
    8.0
    """
    name = "saturation_users"
    think = v.number(name, "think_time_s", think_time_s, minimum=0)
    service = v.number(name, "service_time_s", service_time_s)
    return v.count(name, "servers", servers) * (think + service) / service
