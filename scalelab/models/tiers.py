"""Requests that pass through several tiers: the bottleneck, and mean value analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v

MOST_CUSTOMERS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class TiersState:
    """What a closed system of tiers does in the long run.

    Parameters
    ----------
    throughput_per_s : float
        Requests completed per second.
    response_s : float
        Seconds that a request spends in all tiers together.
    mean_numbers : ndarray, shape (tiers,)
        Requests at each tier.
    utilisations : ndarray, shape (tiers,)
        Share of time that each tier is busy.
    """

    throughput_per_s: float
    response_s: float
    mean_numbers: v.FloatArray
    utilisations: v.FloatArray


def tiers_capacity_per_s(demands_s: ArrayLike, servers: ArrayLike = 1) -> float:
    r"""Throughput that the narrowest tier allows.

    Parameters
    ----------
    demands_s : array_like, shape (tiers,)
        Seconds of work that a request needs at each tier, all visits together, > 0.
    servers : int or array_like of int, shape (tiers,)
        Servers of each tier, >= 1.

    Returns
    -------
    float
        :math:`\min_i c_i/D_i`: only more servers, or less work, at that tier raise it.

    References
    ----------
    Denning and Buzen, "The operational analysis of queueing network models", ACM Computing
    Surveys 10, 1978.

    Examples
    --------
    Four application servers of 250 requests per second, one database of 1,000:

    >>> [tiers_capacity_per_s([0.004, 0.001], [n, 1]) for n in (2, 4, 8)]
    [500.0, 1000.0, 1000.0]
    """
    return float(np.min(_rates("tiers_capacity_per_s", demands_s, servers)))


def bottleneck(demands_s: ArrayLike, servers: ArrayLike = 1) -> int:
    """Position of the tier that limits throughput.

    Parameters
    ----------
    demands_s : array_like, shape (tiers,)
        As in `tiers_capacity_per_s`.
    servers : int or array_like of int, shape (tiers,)
        As in `tiers_capacity_per_s`.

    Returns
    -------
    int
        Its index, the first one if several are equally narrow.

    Examples
    --------
    >>> bottleneck([0.004, 0.001], [8, 1])
    1
    """
    return int(np.argmin(_rates("bottleneck", demands_s, servers)))


def mean_value_analysis(customers: int, think_time_s: float, demands_s: ArrayLike) -> TiersState:
    r"""Solve a closed system of single-server tiers by exact mean value analysis.

    Parameters
    ----------
    customers : int
        Users, each with one request in progress or thinking, N from 1 to a million.
    think_time_s : float
        Mean seconds between an answer and the next request, Z >= 0.
    demands_s : array_like, shape (tiers,)
        Mean seconds of work at each tier, exponential, > 0.

    Returns
    -------
    TiersState
        Throughput, response time, and number and utilisation for each tier.

    Notes
    -----
    An arrival sees each tier as it is with one customer fewer:
    :math:`R_i(n) = D_i(1 + Q_i(n-1))`, :math:`X(n) = n/(Z + \sum_i R_i(n))`,
    :math:`Q_i(n) = X(n) R_i(n)`. For one tier with several servers use `machine_repairman`.

    References
    ----------
    Reiser and Lavenberg, "Mean-value analysis of closed multichain queueing networks",
    Journal of the ACM 27, 1980.

    Examples
    --------
    >>> state = mean_value_analysis(50, 1.0, [0.005, 0.030, 0.010])
    >>> round(state.throughput_per_s, 1), state.utilisations.round(2)
    (33.3, array([0.17, 1.  , 0.33]))
    """
    name = "mean_value_analysis"
    customers = v.count(name, "customers", customers)
    if customers > MOST_CUSTOMERS:
        v.refuse(name, "customers", f"be <= {MOST_CUSTOMERS}", customers)
    think = v.number(name, "think_time_s", think_time_s, minimum=0)
    demands = v.positive(name, "demands_s", v.vector(name, "demands_s", demands_s))
    numbers = np.zeros_like(demands)
    for inside in range(1, customers + 1):
        responses = demands * (1 + numbers)
        throughput = inside / (think + responses.sum())
        numbers = throughput * responses
    return TiersState(
        throughput_per_s=float(throughput),
        response_s=float(responses.sum()),
        mean_numbers=numbers,
        utilisations=throughput * demands,
    )


def _rates(function: str, demands_s: ArrayLike, servers: ArrayLike) -> v.FloatArray:
    demands = v.positive(function, "demands_s", v.vector(function, "demands_s", demands_s))
    count = v.counts(function, "servers", servers)
    if count.shape not in ((), demands.shape):
        v.refuse(function, "servers", "have one number for each of demands_s", servers)
    return count / demands
