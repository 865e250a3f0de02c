"""Load balancing by looking at a few queues: random, round robin, the power of d choices."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.queueing import mmc_mean_response_s

NEGLIGIBLE = 1e-18


def queue_length_tail(
    utilisation: ArrayLike, length: ArrayLike, choices: int
) -> float | v.FloatArray:
    r"""Share of servers with at least a given number of requests, in a large fleet.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        Arrival rate per server over its service rate, :math:`\rho` in [0, 1).
    length : int or array_like of int, shape (...)
        Requests in line and in service, k >= 0.
    choices : int
        Servers that each request looks at, going to the shortest line, d >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`s_k = \rho^{(d^k - 1)/(d - 1)}`; with one choice :math:`\rho^k`, the M/M/1
        queue.

    Raises
    ------
    ValueError
        An argument is out of range.

    Notes
    -----
    Poisson arrivals, exponential service, and as many servers as one likes: the fixed point
    of the mean-field equations. A small fleet has slightly longer lines.

    References
    ----------
    Vvedenskaya, Dobrushin and Karpelevich, "Queueing system with selection of the shortest
    of two queues", Problems of Information Transmission 32, 1996; Mitzenmacher, "The power
    of two choices in randomized load balancing", IEEE TPDS 12, 2001.

    Examples
    --------
    Six or more in line, at 90 % load, with one choice and with two:

    >>> round(queue_length_tail(0.9, 6, 1), 4), round(queue_length_tail(0.9, 6, 2), 4)
    (0.5314, 0.0013)
    """
    name = "queue_length_tail"
    rho = _utilisation(name, utilisation)
    number = v.counts(name, "length", length, minimum=0)
    choices = v.count(name, "choices", choices)
    v.broadcastable(name, utilisation=rho, length=number)
    return v.scalar_or_array(rho ** _exponent(number, choices))


def mean_response_in_services(utilisation: ArrayLike, choices: int) -> float | v.FloatArray:
    r"""Mean response time in a large fleet, in mean service times.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        As in `queue_length_tail`.
    choices : int
        As in `queue_length_tail`. One choice is random routing: :math:`1/(1-\rho)`.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\sum_{k \ge 1} \rho^{(d^k - d)/(d - 1)}`.

    Raises
    ------
    ValueError
        An argument is out of range.

    References
    ----------
    Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12,
    2001.

    Examples
    --------
    >>> [round(mean_response_in_services(0.9, d), 2) for d in (1, 2, 3)]
    [10.0, 2.61, 2.03]
    """
    name = "mean_response_in_services"
    rho = _utilisation(name, utilisation)
    choices = v.count(name, "choices", choices)
    if choices == 1:
        return v.scalar_or_array(1 / (1 - rho))
    total = np.ones_like(rho)
    for k in range(2, 64):  # the exponents grow like d^k: a few terms are all
        term = rho ** (_exponent(np.asarray(float(k)), choices) - 1)
        total = total + term
        if np.all(term < NEGLIGIBLE):
            break
    return v.scalar_or_array(total)


def round_robin_response_in_services(utilisation: ArrayLike, servers: int) -> float | v.FloatArray:
    r"""Mean response time when requests go to the servers in turn, in mean service times.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        As in `queue_length_tail`.
    servers : int
        Servers, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1/(1 - \sigma)`.

    Raises
    ------
    ValueError
        An argument is out of range.

    Notes
    -----
    Every n-th request of a Poisson stream: each server is an :math:`E_n/M/1` queue, and
    :math:`\sigma = (n\rho/(n\rho + 1 - \sigma))^n` is the root below one. With many servers
    it tends to D/M/1.

    References
    ----------
    Kleinrock, *Queueing Systems*, vol. 1, 1975, sec. 6.4.

    Examples
    --------
    >>> round(round_robin_response_in_services(0.9, 4), 2)
    6.38
    """
    name = "round_robin_response_in_services"
    rho = _utilisation(name, utilisation)
    servers = v.count(name, "servers", servers)
    low, high = np.zeros_like(rho), rho.copy()  # the root is at most that of M/M/1
    for _ in range(80):
        root = (low + high) / 2
        with np.errstate(invalid="ignore"):
            ratio = np.where(rho > 0, 1 + (1 - root) / np.maximum(servers * rho, 1e-300), math.inf)
        above = -servers * np.log(ratio) > np.log(np.maximum(root, 1e-300))
        low, high = np.where(above, root, low), np.where(above, high, root)
    return v.scalar_or_array(1 / (1 - (low + high) / 2))


def shortest_line_bound_in_services(utilisation: float, servers: int) -> float:
    """Mean response time that no routing to separate lines can beat, in mean service times.

    Parameters
    ----------
    utilisation : float
        As in `queue_length_tail`, but above zero.
    servers : int
        Servers, >= 1.

    Returns
    -------
    float
        Response of one common line, M/M/c. Going to the shortest line comes close to it:
        a request may still wait behind one server while another falls idle.

    Raises
    ------
    ValueError
        An argument is out of range.

    Examples
    --------
    >>> round(shortest_line_bound_in_services(0.9, 4), 2)
    2.97
    """
    name = "shortest_line_bound_in_services"
    rho = v.number(name, "utilisation", utilisation)
    v.open_fraction(name, "utilisation", rho)
    servers = v.count(name, "servers", servers)
    return float(mmc_mean_response_s(rho * servers, 1.0, servers))


def _utilisation(function: str, utilisation: ArrayLike) -> v.FloatArray:
    rho = v.fraction(function, "utilisation", utilisation)
    if np.any(rho == 1):
        v.refuse(function, "utilisation", "be a ratio in [0, 1)", 1, "the lines grow for ever")
    return rho


def _exponent(length: v.FloatArray, choices: int) -> v.FloatArray:
    """(d^k − 1)/(d − 1), or k for one choice; infinite where it overflows."""
    if choices == 1:
        return length
    with np.errstate(over="ignore"):
        return (np.power(float(choices), length) - 1) / (choices - 1)
