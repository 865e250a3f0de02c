"""When requests arrive: regular, Poisson, bursty or in batches."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v


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
