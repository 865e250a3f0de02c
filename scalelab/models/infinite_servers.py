"""Sessions that never wait, M/G/∞: how many there are, and how long they take to drain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v

EULER = 0.5772156649015329


def log10_occupancy_tail(mean_sessions: float, sessions: int) -> float:
    r"""Logarithm of the chance of that many sessions at once.

    Parameters
    ----------
    mean_sessions : float
        Mean number of sessions, by Little's law arrival rate times mean duration, > 0.
    sessions : int
        At least so many, >= 0.

    Returns
    -------
    float
        :math:`\log_{10} P(N \ge n)` with N Poisson, whatever the distribution of the
        duration; as a logarithm because the chance itself may be too small for a float.

    References
    ----------
    Takács, *Introduction to the Theory of Queues*, 1962, ch. 3; Harchol-Balter,
    *Performance Modeling and Design of Computer Systems*, 2013, ch. 15.

    Examples
    --------
    A third of 1,600 sessions on each of three servers, and a thousand on one:

    >>> round(log10_occupancy_tail(1_600 / 3, 1_000), 1)
    -71.9
    """
    name = "log10_occupancy_tail"
    mean = v.number(name, "mean_sessions", mean_sessions)
    least = v.count(name, "sessions", sessions, minimum=0)
    if least <= mean:  # then the lower tail is the small one
        below = 0.0 if least == 0 else math.exp(_log_term(mean, least - 1) + _down(mean, least - 1))
        return math.log10(1.0 - below)
    return (_log_term(mean, least) + _up(mean, least)) / math.log(10)


def exponential_drain_s(sessions: ArrayLike, mean_duration_s: ArrayLike) -> float | v.FloatArray:
    r"""Mean time until the last of some sessions ends, with exponential durations.

    Parameters
    ----------
    sessions : int or array_like of int, shape (...)
        Sessions on the server when it takes no new ones, n >= 1.
    mean_duration_s : float or array_like, shape (...)
        Mean duration of a session in seconds, > 0; what is left of one has the same mean.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds, :math:`T H_n` with the harmonic number :math:`H_n = 1 + 1/2 + … + 1/n`, which
        is about :math:`\ln n + 0.577`.

    References
    ----------
    Feller, *An Introduction to Probability Theory and Its Applications*, vol. 2, 2nd ed.,
    1971, sec. I.6.

    Examples
    --------
    500 sessions of ten minutes take 68 minutes:

    >>> round(exponential_drain_s(500, 600) / 60, 1)
    67.9
    """
    name = "exponential_drain_s"
    count = v.counts(name, "sessions", sessions)
    mean = v.positive(name, "mean_duration_s", mean_duration_s)
    v.broadcastable(name, sessions=count, mean_duration_s=mean)
    return v.scalar_or_array(_harmonic(count) * mean)


def constant_drain_s(sessions: ArrayLike, duration_s: ArrayLike) -> float | v.FloatArray:
    r"""Mean time until the last of some sessions ends, all of the same length.

    Parameters
    ----------
    sessions : int or array_like of int, shape (...)
        As in `exponential_drain_s`.
    duration_s : float or array_like, shape (...)
        Duration of every session in seconds, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds, :math:`T n/(n + 1)`: what is left is uniform between 0 and T.

    Examples
    --------
    >>> round(constant_drain_s(500, 600) / 60, 2)
    9.98
    """
    name = "constant_drain_s"
    count = v.counts(name, "sessions", sessions)
    duration = v.positive(name, "duration_s", duration_s)
    v.broadcastable(name, sessions=count, duration_s=duration)
    return v.scalar_or_array(duration * (count / (count + 1)))


def pareto_drain_percentile_s(
    q: ArrayLike, sessions: ArrayLike, mean_duration_s: ArrayLike, *, shape: float
) -> float | v.FloatArray:
    r"""Time within which all sessions end with a given probability, heavy-tailed durations.

    Parameters
    ----------
    q : float or array_like, shape (...)
        Probability, in (0, 1).
    sessions : int or array_like of int, shape (...)
        As in `exponential_drain_s`.
    mean_duration_s : float or array_like, shape (...)
        As in `exponential_drain_s`.
    shape : float
        Exponent :math:`\alpha > 1` of the Pareto distribution; up to 2 the mean of what is
        left of a session is infinite, and so is the mean time to drain.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Notes
    -----
    Sessions in progress have the stationary excess distribution. With the shortest session
    :math:`m = T(\alpha-1)/\alpha`, a share :math:`(m/t)^{\alpha-1}/\alpha` of them outlasts
    :math:`t \ge m`, and :math:`1 - t/T` a shorter time.

    References
    ----------
    Cox, *Renewal Theory*, 1962, ch. 5.

    Examples
    --------
    The same mean of ten minutes, and a drain that takes months:

    >>> round(pareto_drain_percentile_s(0.5, 500, 600, shape=1.5) / 86_400)
    536
    """
    name = "pareto_drain_percentile_s"
    alpha = v.number(name, "shape", shape)
    if alpha <= 1:
        v.refuse(name, "shape", "be > 1", shape, "otherwise the mean duration is infinite")
    left, mean = _drained(name, q, sessions, mean_duration_s)
    shortest = mean * (alpha - 1) / alpha
    with np.errstate(over="ignore"):
        late = shortest * np.power(alpha * left, -1 / (alpha - 1))
    return v.scalar_or_array(np.where(left * alpha > 1, mean * (1 - left), late))


def fill_share(elapsed_s: ArrayLike, mean_duration_s: ArrayLike) -> float | v.FloatArray:
    r"""Share of its sessions that a new server has got, when old ones stay where they are.

    Parameters
    ----------
    elapsed_s : float or array_like, shape (...)
        Seconds since it began to get its part of the new sessions, >= 0.
    mean_duration_s : float or array_like, shape (...)
        Mean of the exponential durations in seconds, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - e^{-t/T}`. Its complement is the share of sessions still in progress
        after a drain of that time: those that a restart would cut off.

    Examples
    --------
    >>> fill_share([600, 1_382], 600).round(3)
    array([0.632, 0.9  ])
    """
    time = v.non_negative("fill_share", "elapsed_s", elapsed_s)
    mean = v.positive("fill_share", "mean_duration_s", mean_duration_s)
    v.broadcastable("fill_share", elapsed_s=time, mean_duration_s=mean)
    return v.scalar_or_array(-np.expm1(-time / mean))


def fill_time_s(share: ArrayLike, mean_duration_s: ArrayLike) -> float | v.FloatArray:
    r"""Time until a new server has got a given share of its sessions.

    Parameters
    ----------
    share : float or array_like, shape (...)
        Share of what it will have in the long run, in (0, 1).
    mean_duration_s : float or array_like, shape (...)
        As in `fill_share`.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds, :math:`-T\ln(1 - s)`.

    Examples
    --------
    >>> round(fill_time_s(0.9, 1.0), 3)
    2.303
    """
    wanted = v.open_fraction("fill_time_s", "share", share)
    mean = v.positive("fill_time_s", "mean_duration_s", mean_duration_s)
    v.broadcastable("fill_time_s", share=wanted, mean_duration_s=mean)
    return v.scalar_or_array(-mean * np.log1p(-wanted))


def _drained(
    function: str, q: ArrayLike, sessions: ArrayLike, mean_duration_s: ArrayLike
) -> tuple[v.FloatArray, v.FloatArray]:
    """Share of sessions that may be left, 1 − q^(1/n), and the mean duration."""
    probability = v.open_fraction(function, "q", q)
    count = v.counts(function, "sessions", sessions)
    mean = v.positive(function, "mean_duration_s", mean_duration_s)
    v.broadcastable(function, q=probability, sessions=count, mean_duration_s=mean)
    return -np.expm1(np.log(probability) / count), mean


def _harmonic(count: v.FloatArray) -> v.FloatArray:
    """H_n: the sum for small n, Euler's expansion, exact to 1e-16, beyond."""
    small = np.cumsum(1 / np.arange(1, 101))
    series = np.log(count) + EULER + 1 / (2 * count) - 1 / (12 * count**2) + 1 / (120 * count**4)
    return np.where(count <= 100, small[np.minimum(count, 100).astype(int) - 1], series)


def _log_term(mean: float, n: int) -> float:
    return n * math.log(mean) - mean - math.lgamma(n + 1)


def _up(mean: float, n: int) -> float:
    """ln(1 + m/(n+1) + m²/((n+1)(n+2)) + …), the upper tail over its first term."""
    total, term, k = 1.0, 1.0, n
    while term > 1e-17 * total:
        k += 1
        term *= mean / k
        total += term
    return math.log(total)


def _down(mean: float, n: int) -> float:
    """ln(1 + n/m + n(n−1)/m² + …), the lower tail over its first term."""
    total, term, k = 1.0, 1.0, n
    while k > 0 and term > 1e-17 * total:
        term *= k / mean
        k -= 1
        total += term
    return math.log(total)
