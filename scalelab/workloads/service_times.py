"""How long requests are served: constant, exponential, or far from both."""

from __future__ import annotations

import math

import numpy as np

from scalelab import _validate as v


def exponential_times_s(mean_s: float, count: int, *, rng: np.random.Generator) -> v.FloatArray:
    """Exponential service times: squared coefficient of variation 1.

    Parameters
    ----------
    mean_s : float
        Mean service time in seconds, > 0.
    count : int
        Number of requests, >= 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds.

    Examples
    --------
    >>> times = exponential_times_s(0.005, 10_000, rng=np.random.default_rng(1))
    >>> round(float(times.mean()), 4)
    0.005
    """
    name = "exponential_times_s"
    mean, count = _mean_and_count(name, mean_s, count)
    return v.generator(name, rng).exponential(mean, count)


def lognormal_times_s(
    mean_s: float, count: int, *, scv: float, rng: np.random.Generator
) -> v.FloatArray:
    """Log-normal service times: most near the mean, a few much longer, as queries often are.

    Parameters
    ----------
    mean_s : float
        Mean service time in seconds, > 0.
    count : int
        Number of requests, >= 1.
    scv : float
        Squared coefficient of variation, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds.

    Notes
    -----
    The logarithm has variance ln(1 + scv) and mean ln(mean) minus half of that.

    Examples
    --------
    >>> times = lognormal_times_s(0.005, 50_000, scv=2.0, rng=np.random.default_rng(1))
    >>> round(float(times.mean()), 4)
    0.005
    """
    name = "lognormal_times_s"
    mean, count = _mean_and_count(name, mean_s, count)
    variance = math.log1p(v.number(name, "scv", scv))
    rng = v.generator(name, rng)
    return rng.lognormal(math.log(mean) - variance / 2, math.sqrt(variance), count)


def hyperexponential_times_s(
    mean_s: float, count: int, *, scv: float, rng: np.random.Generator
) -> v.FloatArray:
    """Short and long exponential service times mixed, each kind making up half of the work.

    Parameters
    ----------
    mean_s : float
        Mean service time in seconds, > 0.
    count : int
        Number of requests, >= 1.
    scv : float
        Squared coefficient of variation, >= 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds.

    Notes
    -----
    Two phases with balanced means: a share p = (1 + √((scv − 1)/(scv + 1)))/2 is short, with
    mean m/(2p), the others are long, with mean m/(2(1 − p)).

    References
    ----------
    Whitt, "Approximating a point process by a renewal process", Operations Research 30, 1982,
    sec. 3.

    Examples
    --------
    >>> times = hyperexponential_times_s(0.005, 50_000, scv=9.0, rng=np.random.default_rng(1))
    >>> round(float(times.var() / times.mean() ** 2))
    9
    """
    name = "hyperexponential_times_s"
    mean, count = _mean_and_count(name, mean_s, count)
    scv = v.number(name, "scv", scv)
    if scv < 1:
        v.refuse(name, "scv", "be >= 1", scv, "lognormal_times_s takes any scv > 0")
    rng = v.generator(name, rng)
    long = 1 / ((scv + 1) * (1 + math.sqrt((scv - 1) / (scv + 1))))  # 1 − p without cancellation
    phase_mean = np.where(rng.random(count) < long, mean / (2 * long), mean / (2 * (1 - long)))
    return rng.exponential(phase_mean)


def pareto_times_s(
    mean_s: float, count: int, *, shape: float, rng: np.random.Generator
) -> v.FloatArray:
    r"""Pareto-distributed times: a tail so heavy that a few make up most of the work.

    Parameters
    ----------
    mean_s : float
        Mean time in seconds, > 0.
    count : int
        Number of times, >= 1.
    shape : float
        Index of the tail, > 1: :math:`P(T > t)` falls like :math:`t^{-\text{shape}}`. Up to 2
        the variance is infinite.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (count,)
        Seconds; none is below mean × (shape − 1)/shape.

    References
    ----------
    Crovella and Bestavros, "Self-similarity in World Wide Web traffic", IEEE/ACM Transactions
    on Networking 5, 1997.

    Examples
    --------
    >>> times = pareto_times_s(0.3, 200_000, shape=3.0, rng=np.random.default_rng(1))
    >>> round(float(times.mean()), 2), round(float(times.min()), 2)
    (0.3, 0.2)
    """
    name = "pareto_times_s"
    mean, count = _mean_and_count(name, mean_s, count)
    index = v.number(name, "shape", shape)
    if index <= 1:
        v.refuse(name, "shape", "be > 1", index, "up to 1 there is no mean")
    smallest = mean * (index - 1) / index
    return smallest * (1 + v.generator(name, rng).pareto(index, count))


def _mean_and_count(function: str, mean_s: float, count: int) -> tuple[float, int]:
    count = v.count(function, "count", count, maximum=v.MOST_DRAWN)
    return v.number(function, "mean_s", mean_s), count
