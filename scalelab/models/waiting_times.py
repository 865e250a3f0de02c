"""Not only the mean: percentiles of wait and response time in an M/M/c queue."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._mmc import response_tail, service_percentile_s, waiting_and_spare


def mmc_wait_percentile_s(
    q: ArrayLike, arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> float | v.FloatArray:
    r"""Time within which a share `q` of requests leaves the line of an M/M/c queue.

    Parameters
    ----------
    q : float or array_like, shape (...)
        Share of requests, in [0, 1): 0.99 for the 99th percentile.
    arrival_rate_per_s, service_rate_per_s : float or array_like, shape (...)
        As in `erlang_c`.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Wait in seconds: :math:`\max(0, \ln(C/(1-q))/(c\mu-\lambda))`. Zero where a
        share of at least `q` does not wait at all.

    References
    ----------
    Gross et al., *Fundamentals of Queueing Theory*, 4th ed., 2008, sec. 2.3.

    Examples
    --------
    Three in four requests find a free connection, so the median wait is zero:

    >>> [round(mmc_wait_percentile_s(q, 8, 1, servers=12), 3) for q in (0.5, 0.99)]
    [0.0, 0.659]
    """
    name = "mmc_wait_percentile_s"
    wait, spare, share, _ = _checked(
        name, _share(name, q), arrival_rate_per_s, service_rate_per_s, servers, argument="q"
    )
    longest = np.maximum(wait / (1 - share), 1.0)  # below 1: a request at q does not wait
    return v.scalar_or_array(np.log(longest) / spare)


def mmc_response_percentile_s(
    q: ArrayLike, arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> float | v.FloatArray:
    """Time within which a share `q` of requests is answered by an M/M/c queue.

    Parameters
    ----------
    q : float or array_like, shape (...)
        Share of requests, in [0, 1): 0.99 for the 99th percentile.
    arrival_rate_per_s, service_rate_per_s : float or array_like, shape (...)
        As in `erlang_c`.
    servers : int
        Identical servers, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Response time in seconds, which a share ``1 - q`` of requests exceeds.

    Notes
    -----
    The tail has no inverse in closed form: bisection, down to rounding.

    Examples
    --------
    One server: the response time is exponential, with mean 1/(μ − λ) = 0.05 s.

    >>> round(mmc_response_percentile_s(0.99, 80, 100, servers=1), 4)
    0.2303
    """
    name = "mmc_response_percentile_s"
    wait, spare, share, service = _checked(
        name, _share(name, q), arrival_rate_per_s, service_rate_per_s, servers, argument="q"
    )
    beyond = 1 - share
    low = service_percentile_s(share, service) + 0 * spare
    # P(W + S > x + y) <= P(W > x) + P(S > y): half of `beyond` each is a safe upper end
    high = service_percentile_s(1 - beyond / 2, service)
    high = high + np.log(np.maximum(2 * wait / beyond, 1.0)) / spare
    for _ in range(100):  # far beyond rounding
        middle = (low + high) / 2
        above = response_tail(middle, wait, spare, service) > beyond
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return v.scalar_or_array((low + high) / 2)


def _share(function: str, q: ArrayLike) -> v.FloatArray:
    share = v.fraction(function, "q", q)
    if np.any(share == 1):
        v.refuse(function, "q", "be a ratio in [0, 1)", 1, "some request outlasts any time")
    return share


def _checked(
    function: str,
    first: ArrayLike,
    arrival_rate_per_s: ArrayLike,
    service_rate_per_s: ArrayLike,
    servers: int,
    argument: str = "t_s",
) -> tuple[float | v.FloatArray, float | v.FloatArray, v.FloatArray, v.FloatArray]:
    """Erlang C, spare rate, the first argument and the service rate, all checked."""
    numbers = v.non_negative(function, argument, first)
    wait, spare = waiting_and_spare(function, arrival_rate_per_s, service_rate_per_s, servers)
    v.broadcastable(function, **{argument: numbers, "the rates": np.asarray(spare)})
    return wait, spare, numbers, np.asarray(service_rate_per_s, dtype=np.float64)
