"""One line, c identical servers, Poisson arrivals, exponential service: M/M/c."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._mmc import UnstableQueueError as UnstableQueueError
from scalelab.models._mmc import waiting_and_spare


def erlang_c(
    arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> float | v.FloatArray:
    r"""Probability that a request must wait in an M/M/c queue.

    Parameters
    ----------
    arrival_rate_per_s : float or array_like, shape (...)
        Mean arrivals per second, :math:`\lambda > 0`.
    service_rate_per_s : float or array_like, shape (...)
        Mean completions per second of one busy server, :math:`\mu > 0`.
    servers : int
        Identical servers, :math:`c \ge 1`.

    Returns
    -------
    float or ndarray, shape (...)
        Waiting probability, dimensionless, in [0, 1).

    Raises
    ------
    UnstableQueueError
        Offered load :math:`a = \lambda/\mu` is not below `servers`.

    Notes
    -----
    Poisson arrivals, exponential service, one FIFO line, no abandonment.
    :math:`C = B/(1-\rho(1-B))` with :math:`\rho = a/c` and Erlang's :math:`B`.

    References
    ----------
    Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges", Post Office Electrical Engineers' Journal 10, 1917; Harchol-Balter,
    *Performance Modeling and Design of Computer Systems*, 2013, ch. 14.

    Examples
    --------
    >>> round(erlang_c(2.0, 1.0, servers=3), 4)
    0.4444
    """
    return waiting_and_spare("erlang_c", arrival_rate_per_s, service_rate_per_s, servers)[0]


def mm1_mean_response_s(
    arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike
) -> float | v.FloatArray:
    r"""Mean seconds from arrival to completion with one server: :math:`1/(\mu-\lambda)`.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float or array_like, shape (...)
        As in `erlang_c`.

    Returns
    -------
    float or ndarray, shape (...)
        Mean response time in seconds.

    Raises
    ------
    UnstableQueueError
        The arrival rate is not below the service rate.

    References
    ----------
    Harchol-Balter, *Performance Modeling and Design of Computer Systems*,
    2013, ch. 13.

    Examples
    --------
    >>> mm1_mean_response_s(80, 100)
    0.05
    """
    name = "mm1_mean_response_s"
    _, spare = waiting_and_spare(name, arrival_rate_per_s, service_rate_per_s, servers=1)
    return v.scalar_or_array(1 / spare)


def mmc_mean_wait_s(
    arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> float | v.FloatArray:
    r"""Mean seconds in the line of an M/M/c queue, over all requests: :math:`C/(c\mu-\lambda)`.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float or array_like, shape (...)
        As in `erlang_c`.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Mean wait in seconds; a request that does not wait counts as zero.

    References
    ----------
    Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges", Post Office Electrical Engineers' Journal 10, 1917; Harchol-Balter,
    *Performance Modeling and Design of Computer Systems*, 2013, ch. 14.

    Examples
    --------
    1,000 queries per second of 5 ms each over ten connections:

    >>> round(1e3 * mmc_mean_wait_s(1_000, 200, servers=10), 3)
    0.036
    """
    name = "mmc_mean_wait_s"
    wait, spare = waiting_and_spare(name, arrival_rate_per_s, service_rate_per_s, servers)
    return v.scalar_or_array(wait / spare)


def mmc_mean_response_s(
    arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> float | v.FloatArray:
    """Mean seconds from arrival to completion in an M/M/c queue: wait plus service.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float or array_like, shape (...)
        As in `erlang_c`.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Mean response time in seconds.

    Examples
    --------
    >>> round(mmc_mean_response_s(2.0, 1.0, servers=3), 4)
    1.4444
    """
    name = "mmc_mean_response_s"
    wait, spare = waiting_and_spare(name, arrival_rate_per_s, service_rate_per_s, servers)
    service_time = 1 / np.asarray(service_rate_per_s, dtype=np.float64)
    return v.scalar_or_array(wait / spare + service_time)
