"""Demand over days and weeks: rates to plan for, before chance has its say."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v

DAY_S = 86_400.0


def daily_rate_per_s(
    time_s: ArrayLike,
    mean_per_s: float,
    *,
    peak_over_mean: float,
    peak_hour: float = 20.0,
    weekend_factor: float = 1.0,
) -> float | v.FloatArray:
    """Rate of a service whose users sleep at night, and may stay away on weekends.

    Parameters
    ----------
    time_s : float or array_like, shape (...)
        Seconds since midnight before a Monday, >= 0.
    mean_per_s : float
        Mean rate of a weekday, > 0.
    peak_over_mean : float
        Rate of the busiest moment over the mean, in [1, 2].
    peak_hour : float
        When that is, in hours from 0 to 24.
    weekend_factor : float
        Rate of Saturday and Sunday over a weekday's, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        Requests per second: a sine over the day.

    Examples
    --------
    >>> daily_rate_per_s([8 * 3600, 20 * 3600], 100, peak_over_mean=1.6)
    array([ 40., 160.])
    """
    name = "daily_rate_per_s"
    times = v.non_negative(name, "time_s", time_s)
    mean = v.number(name, "mean_per_s", mean_per_s)
    ratio = v.number(name, "peak_over_mean", peak_over_mean)
    if not 1 <= ratio <= 2:
        v.refuse(name, "peak_over_mean", "be in [1, 2]", ratio, "a sine cannot go below zero")
    hour = v.number(name, "peak_hour", peak_hour, minimum=0)
    if hour > 24:
        v.refuse(name, "peak_hour", "be in [0, 24]", hour)
    factor = v.number(name, "weekend_factor", weekend_factor, minimum=0)
    wave = np.cos(2 * np.pi * (times - hour * 3600) / DAY_S)
    weekend = (times // DAY_S) % 7 >= 5
    return v.scalar_or_array(mean * (1 + (ratio - 1) * wave) * np.where(weekend, factor, 1.0))


def flash_crowd_per_s(
    time_s: ArrayLike,
    base_per_s: float,
    peak_per_s: float,
    *,
    start_s: float,
    ramp_s: float,
    decay_s: float,
) -> float | v.FloatArray:
    """Rate of a service that is suddenly talked about: a straight ascent, a slow descent.

    Parameters
    ----------
    time_s : float or array_like, shape (...)
        Seconds, >= 0.
    base_per_s, peak_per_s : float
        Rates before and at the peak, > 0, in ascending order.
    start_s : float
        When it begins, >= 0.
    ramp_s : float
        Seconds from there to the peak, >= 0.
    decay_s : float
        Seconds after which the excess has fallen to 1/e, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Requests per second.

    References
    ----------
    Ari et al., "Managing flash crowds on the Internet", MASCOTS 2003: ramp-up, sustained
    traffic and ramp-down.

    Examples
    --------
    >>> rate = flash_crowd_per_s([0, 90, 120], 10, 110, start_s=60, ramp_s=60, decay_s=600)
    >>> rate
    array([ 10.,  60., 110.])
    """
    name = "flash_crowd_per_s"
    times = v.non_negative(name, "time_s", time_s)
    base, peak = v.number(name, "base_per_s", base_per_s), v.number(name, "peak_per_s", peak_per_s)
    if peak < base:
        v.refuse(name, "peak_per_s", f"be >= base_per_s={base:g}", peak)
    start = v.number(name, "start_s", start_s, minimum=0)
    ramp = v.number(name, "ramp_s", ramp_s, minimum=0)
    decay = v.number(name, "decay_s", decay_s)
    after_peak = np.maximum(times - start - ramp, 0.0)
    rising = np.clip((times - start) / ramp, 0, 1) if ramp else (times >= start).astype(float)
    return v.scalar_or_array(base + (peak - base) * rising * np.exp(-after_peak / decay))


def noisy_rate_per_s(
    rate_per_s: ArrayLike, tick_s: float, *, rng: np.random.Generator
) -> v.FloatArray:
    """Rates as a counter would show them: a Poisson number in each tick.

    Parameters
    ----------
    rate_per_s : array_like, shape (n,)
        Rates to expect in each tick, >= 0.
    tick_s : float
        Seconds of a tick, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Requests counted over `tick_s`, per second.

    Examples
    --------
    >>> seen = noisy_rate_per_s([100.0] * 10_000, 1.0, rng=np.random.default_rng(1))
    >>> round(float(seen.mean())), round(float(seen.std()))
    (100, 10)
    """
    name = "noisy_rate_per_s"
    rates = v.vector(name, "rate_per_s", v.non_negative(name, "rate_per_s", rate_per_s))
    tick = v.number(name, "tick_s", tick_s)
    with v.no_overflow(name, "rate_per_s and tick_s"):
        means = rates * tick
    if means.max() > 2**62:  # more than NumPy draws
        v.refuse(name, "rate_per_s and tick_s", "make at most 2**62 requests a tick", means.max())
    return v.generator(name, rng).poisson(means) / tick
