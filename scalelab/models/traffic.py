"""From users to requests per second, from ratios to shares, from distance to delay."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v

DAY_S = 86_400
FIBRE_M_PER_S = 2e8  # two thirds of the speed of light, 200 km per millisecond


def peak_rate_per_s(
    users: ArrayLike,
    *,
    daily_active_share: float,
    requests_per_active_user: float,
    peak_to_mean: float,
) -> float | v.FloatArray:
    """Rate of requests at the peak of the day.

    Parameters
    ----------
    users : float or array_like, shape (...)
        Registered users, > 0.
    daily_active_share : float
        Share of them that come on a day, in (0, 1].
    requests_per_active_user : float
        Requests of each on that day, > 0.
    peak_to_mean : float
        Peak rate over mean rate of the day, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Requests per second.

    Examples
    --------
    >>> habits = dict(daily_active_share=0.2, requests_per_active_user=50, peak_to_mean=5)
    >>> peak_rate_per_s([100, 100_000], **habits).round(2)
    array([ 0.06, 57.87])
    """
    name = "peak_rate_per_s"
    number = v.positive(name, "users", users)
    each = _rate_per_user(name, daily_active_share, requests_per_active_user, peak_to_mean)
    return v.scalar_or_array(number * each)


def users_at_peak_rate(
    rate_per_s: ArrayLike,
    *,
    daily_active_share: float,
    requests_per_active_user: float,
    peak_to_mean: float,
) -> float | v.FloatArray:
    """Users whose peak is a given rate: the inverse of `peak_rate_per_s`.

    Parameters
    ----------
    rate_per_s : float or array_like, shape (...)
        Requests per second at the peak, > 0.
    daily_active_share, requests_per_active_user, peak_to_mean : float
        As in `peak_rate_per_s`.

    Returns
    -------
    float or ndarray, shape (...)
        Registered users.

    Examples
    --------
    >>> habits = dict(daily_active_share=0.2, requests_per_active_user=50, peak_to_mean=5)
    >>> round(users_at_peak_rate(1_000, **habits))
    1728000
    """
    name = "users_at_peak_rate"
    rate = v.positive(name, "rate_per_s", rate_per_s)
    each = _rate_per_user(name, daily_active_share, requests_per_active_user, peak_to_mean)
    return v.scalar_or_array(rate / each)


def periods_to_grow(
    now: ArrayLike, limit: ArrayLike, growth_factor: ArrayLike
) -> float | v.FloatArray:
    r"""Periods until a load that grows by a constant factor reaches a limit.

    Parameters
    ----------
    now, limit : float or array_like, shape (...)
        Load now and at the limit, in the same unit, > 0.
    growth_factor : float or array_like, shape (...)
        Load of a period over that of the one before, g > 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\ln(L/l)/\ln g`; negative where the limit has been passed.

    Examples
    --------
    From 10 to 10,000 writes per second, years at 2×, 3× and 10× a year:

    >>> periods_to_grow(10, 10_000, [2, 3, 10]).round(2)
    array([9.97, 6.29, 3.  ])
    """
    name = "periods_to_grow"
    load, most = v.positive(name, "now", now), v.positive(name, "limit", limit)
    factor = v.positive(name, "growth_factor", growth_factor)
    if np.any(factor <= 1):
        v.refuse(name, "growth_factor", "be > 1", np.min(factor))
    v.broadcastable(name, now=load, limit=most, growth_factor=factor)
    return v.scalar_or_array((np.log(most) - np.log(load)) / np.log(factor))


def read_share(reads_per_write: ArrayLike) -> float | v.FloatArray:
    """Share of reads among all operations.

    Parameters
    ----------
    reads_per_write : float or array_like, shape (...)
        Reads for each write, k >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        k/(k + 1). The rest, 1/(k + 1), is the share of writes, and the serial fraction of
        a replicated database in Amdahl's law.

    Examples
    --------
    >>> read_share([1, 9, 100, 1_000]).round(4)
    array([0.5   , 0.9   , 0.9901, 0.999 ])
    """
    ratio = v.non_negative("read_share", "reads_per_write", reads_per_write)
    return v.scalar_or_array(ratio / (ratio + 1))


def reads_per_write(read_share: ArrayLike) -> float | v.FloatArray:
    """How many reads there are for each write: the inverse of `read_share`.

    Parameters
    ----------
    read_share : float or array_like, shape (...)
        Share of reads among all operations, in [0, 1).

    Returns
    -------
    float or ndarray, shape (...)
        r/(1 − r).

    Examples
    --------
    >>> round(reads_per_write(0.9), 6)
    9.0
    """
    share = v.fraction("reads_per_write", "read_share", read_share)
    if np.any(share == 1):
        v.refuse("reads_per_write", "read_share", "be a ratio in [0, 1)", 1, "there is no write")
    return v.scalar_or_array(share / (1 - share))


def fibre_delay_s(distance_m: ArrayLike) -> float | v.FloatArray:
    """Shortest one-way delay over a distance, at the speed of light in glass.

    Parameters
    ----------
    distance_m : float or array_like, shape (...)
        Metres, >= 0, along the cable: it is longer than the great circle.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds, 5 µs a kilometre; a round trip takes twice as long.

    Examples
    --------
    London to New York, one way, in milliseconds:

    >>> round(1e3 * fibre_delay_s(5_570e3), 2)
    27.85
    """
    return v.scalar_or_array(
        v.non_negative("fibre_delay_s", "distance_m", distance_m) / FIBRE_M_PER_S
    )


def _rate_per_user(
    function: str, daily_active_share: float, requests_per_active_user: float, peak_to_mean: float
) -> float:
    active = v.number(function, "daily_active_share", daily_active_share)
    v.fraction(function, "daily_active_share", active)
    requests = v.number(function, "requests_per_active_user", requests_per_active_user)
    peak = v.number(function, "peak_to_mean", peak_to_mean)
    if peak < 1 or not math.isfinite(requests * peak):
        v.refuse(function, "peak_to_mean", "be >= 1", peak)
    return active * requests * peak / DAY_S
