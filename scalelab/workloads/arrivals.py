"""When requests arrive: regular, Poisson, bursty or in batches."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v


def regular_arrivals_s(rate_per_s: float, count: int) -> v.FloatArray:
    """Arrival times at equal distances.

    Parameters
    ----------
    rate_per_s : float
        Arrivals per second, > 0.
    count : int
        Number of arrivals, >= 1.

    Returns
    -------
    ndarray, shape (count,)
        Seconds, ascending; the first comes one gap after zero.

    Raises
    ------
    ValueError
        An argument is out of range.

    Examples
    --------
    >>> regular_arrivals_s(2.0, 3)
    array([0.5, 1. , 1.5])
    """
    rate = v.number("regular_arrivals_s", "rate_per_s", rate_per_s)
    return (
        np.arange(1, v.count("regular_arrivals_s", "count", count, maximum=v.MOST_DRAWN) + 1) / rate
    )


def poisson_arrivals_s(rate_per_s: float, count: int, *, rng: np.random.Generator) -> v.FloatArray:
    """Arrival times of a Poisson process, a given number of them.

    Parameters
    ----------
    rate_per_s : float
        Mean arrivals per second, > 0.
    count : int
        Number of arrivals, >= 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds, ascending.

    Raises
    ------
    ValueError
        An argument is out of range.

    Examples
    --------
    >>> times = poisson_arrivals_s(10.0, 1_000, rng=np.random.default_rng(1))
    >>> round(float(times[-1]))
    101
    """
    name = "poisson_arrivals_s"
    rate = v.number(name, "rate_per_s", rate_per_s)
    count = v.count(name, "count", count, maximum=v.MOST_DRAWN)
    return np.cumsum(v.generator(name, rng).exponential(1 / rate, count))


def poisson_arrivals_until_s(
    rate_per_s: float, horizon_s: float, *, rng: np.random.Generator
) -> v.FloatArray:
    """Arrival times of a Poisson process up to a given time.

    Parameters
    ----------
    rate_per_s : float
        Mean arrivals per second, > 0.
    horizon_s : float
        End of the period in seconds, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Seconds in [0, `horizon_s`), ascending; n is random and may be zero.

    Raises
    ------
    ValueError
        An argument is out of range.

    Notes
    -----
    The number is Poisson; given the number, the times are uniform.

    Examples
    --------
    >>> times = poisson_arrivals_until_s(10.0, 100.0, rng=np.random.default_rng(1))
    >>> times.size, bool(times[-1] < 100)
    (1001, True)
    """
    name = "poisson_arrivals_until_s"
    rate = v.number(name, "rate_per_s", rate_per_s)
    horizon = v.number(name, "horizon_s", horizon_s)
    number = v.generator(name, rng).poisson(
        v.drawn(name, "rate_per_s and horizon_s", rate * horizon)
    )
    return np.sort(rng.random(number)) * horizon


def renewal_arrivals_s(
    rate_per_s: float, count: int, *, scv: float, rng: np.random.Generator
) -> v.FloatArray:
    """Arrival times with independent, gamma-distributed gaps: as even or bursty as wanted.

    Parameters
    ----------
    rate_per_s : float
        Mean arrivals per second, > 0.
    count : int
        Number of arrivals, >= 1.
    scv : float
        Squared coefficient of variation of the gaps, >= 0: 0 for regular arrivals, 1 for
        Poisson, above 1 for bursts and pauses.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds, ascending.

    Raises
    ------
    ValueError
        An argument is out of range.

    Examples
    --------
    >>> times = renewal_arrivals_s(10.0, 50_000, scv=4.0, rng=np.random.default_rng(1))
    >>> gaps = np.diff(times)
    >>> round(float(gaps.var() / gaps.mean() ** 2))
    4
    """
    name = "renewal_arrivals_s"
    rate = v.number(name, "rate_per_s", rate_per_s)
    count = v.count(name, "count", count, maximum=v.MOST_DRAWN)
    scv = v.number(name, "scv", scv, minimum=0)
    rng = v.generator(name, rng)
    if scv == 0:
        return np.arange(1, count + 1) / rate
    return np.cumsum(rng.gamma(1 / scv, scv / rate, count))


def batch_arrivals_s(
    rate_per_s: float, count: int, *, batch_size: int, rng: np.random.Generator
) -> v.FloatArray:
    """Arrival times of batches of equal size that come at the times of a Poisson process.

    Parameters
    ----------
    rate_per_s : float
        Mean requests per second, > 0, counted one by one: batches are rarer.
    count : int
        Number of requests, >= 1; the last batch is cut short where it does not fit.
    batch_size : int
        Requests in a batch, >= 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds, ascending; requests of a batch have the same time.

    Raises
    ------
    ValueError
        An argument is out of range.

    Examples
    --------
    >>> times = batch_arrivals_s(10.0, 6, batch_size=3, rng=np.random.default_rng(1))
    >>> np.unique(times).size
    2
    """
    name = "batch_arrivals_s"
    rate = v.number(name, "rate_per_s", rate_per_s)
    count = v.count(name, "count", count, maximum=v.MOST_DRAWN)
    size = v.count(name, "batch_size", batch_size, maximum=v.MOST_DRAWN)
    batches = -(-count // size)
    times = np.cumsum(v.generator(name, rng).exponential(size / rate, batches))
    return np.repeat(times, size)[:count]
