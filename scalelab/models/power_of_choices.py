"""Load balancing by looking at a few queues: random, round robin, the power of d choices."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.erlang import mmc_mean_response_s

NEGLIGIBLE = 1e-18


def mean_response_in_services(utilisation: ArrayLike, choices: int) -> float | v.FloatArray:
    r"""Mean response time in a large fleet, in mean service times.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        Offered load over capacity, in [0, 1).
    choices : int
        Lines that each request looks at, to join the shortest, d >= 1. One choice is
        random routing: :math:`1/(1-\rho)`.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\sum_{k \ge 1} \rho^{(d^k - d)/(d - 1)}`.

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
        term = rho ** (_exponent(k, choices) - 1)
        total = total + term
        if np.all(term < NEGLIGIBLE):
            break
    return v.scalar_or_array(total)


def round_robin_response_in_services(utilisation: ArrayLike, servers: int) -> float | v.FloatArray:
    r"""Mean response time when requests go to the servers in turn, in mean service times.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        As in `mean_response_in_services`.
    servers : int
        Servers, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1/(1 - \sigma)`.

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
        As in `mean_response_in_services`, but above zero.
    servers : int
        Servers, >= 1.

    Returns
    -------
    float
        Response of one common line, M/M/c. Going to the shortest line comes close to it:
        a request may still wait behind one server while another falls idle.

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


def _exponent(length: int, choices: int) -> float:
    """(d^k − 1)/(d − 1); infinite where it overflows."""
    with np.errstate(over="ignore"):
        return (np.power(float(choices), float(length)) - 1) / (choices - 1)
