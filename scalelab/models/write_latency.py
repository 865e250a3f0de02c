"""How long a write waits for its replicas: the k-th fastest of n."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._binomial import binomial_tail
from scalelab.models._laws import check_law
from scalelab.models._quadrature import half_line
from scalelab.models.lag_laws import LagLaw


def kth_exponential_mean_s(needed: int, replicas: int, mean_s: ArrayLike) -> float | v.FloatArray:
    r"""Mean time until some of several replicas have answered, exponential answers.

    Parameters
    ----------
    needed : int
        Answers to wait for, 1 <= k <= n.
    replicas : int
        Replicas asked at once, n >= 1.
    mean_s : float or array_like, shape (...)
        Mean time of one answer in seconds, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`S \sum_{i=0}^{k-1} 1/(n - i)`.

    References
    ----------
    David and Nagaraja, *Order Statistics*, 3rd ed., 2003, ch. 2.

    Examples
    --------
    Any one of two, and both:

    >>> kth_exponential_mean_s(1, 2, 0.01), kth_exponential_mean_s(2, 2, 0.01)
    (0.005, 0.015)
    """
    needed, replicas = _needed("kth_exponential_mean_s", needed, replicas)
    mean = v.positive("kth_exponential_mean_s", "mean_s", mean_s)
    return v.scalar_or_array(mean * np.sum(1 / np.arange(replicas - needed + 1, replicas + 1)))


def kth_latency_tail(
    law: LagLaw, t_s: ArrayLike, needed: int, replicas: int
) -> float | v.FloatArray:
    r"""Chance that some of several replicas have not answered within a given time.

    Parameters
    ----------
    law : LagLaw
        Distribution of one answer; they are independent.
    t_s : float or array_like, shape (...)
        Seconds, >= 0.
    needed, replicas : int
        As in `kth_exponential_mean_s`.

    Returns
    -------
    float or ndarray, shape (...)
        Probability that at least n − k + 1 of the n answers take longer.

    References
    ----------
    David and Nagaraja, *Order Statistics*, 3rd ed., 2003, ch. 2.

    Examples
    --------
    >>> from scalelab.models.lag_laws import ExponentialLag
    >>> round(kth_latency_tail(ExponentialLag(mean_s=1.0), 1.0, 1, 2), 4)
    0.1353
    """
    name = "kth_latency_tail"
    check_law(name, "law", law)
    needed, replicas = _needed(name, needed, replicas)
    time = v.non_negative(name, "t_s", t_s)
    return v.scalar_or_array(_tail(law, time, needed, replicas))


def kth_latency_percentile_s(
    law: LagLaw, q: ArrayLike, needed: int, replicas: int
) -> float | v.FloatArray:
    """Time within which some of several replicas answer, in a share `q` of cases.

    Parameters
    ----------
    law : LagLaw
        As in `kth_latency_tail`.
    q : float or array_like, shape (...)
        Share of writes, in (0, 1).
    needed, replicas : int
        As in `kth_exponential_mean_s`.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Notes
    -----
    By bisection over the share of single answers in time, which has no closed form unless
    one answer or all are needed.

    Examples
    --------
    The slowest percent of writes, with one replica and with any one of two:

    >>> from scalelab.models.lag_laws import LogNormalLag
    >>> law = LogNormalLag(median_s=0.010, log_sd=0.5)
    >>> [round(kth_latency_percentile_s(law, 0.99, 1, n), 4) for n in (1, 2)]
    [0.032, 0.019]
    """
    name = "kth_latency_percentile_s"
    check_law(name, "law", law)
    share = v.open_fraction(name, "q", q)
    needed, replicas = _needed(name, needed, replicas)
    low, high = np.zeros_like(share), np.ones_like(share)
    for _ in range(60):
        middle = (low + high) / 2
        below = binomial_tail(middle, needed, replicas) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    single = np.clip((low + high) / 2, 1e-300, 1 - 1e-16)
    return law.quantile(single)


def kth_latency_mean_s(law: LagLaw, needed: int, replicas: int) -> float:
    """Mean time until some of several replicas have answered.

    Parameters
    ----------
    law : LagLaw
        As in `kth_latency_tail`.
    needed, replicas : int
        As in `kth_exponential_mean_s`.

    Returns
    -------
    float
        Seconds: the integral of `kth_latency_tail`.

    Examples
    --------
    >>> from scalelab.models.lag_laws import LogNormalLag
    >>> law = LogNormalLag(median_s=0.010, log_sd=0.5)
    >>> [round(kth_latency_mean_s(law, 1, n), 4) for n in (1, 2)]
    [0.0113, 0.0082]
    """
    name = "kth_latency_mean_s"
    check_law(name, "law", law)
    needed, replicas = _needed(name, needed, replicas)
    scale = float(law.quantile(0.5))
    latest = max(scale, float(law.quantile(1 - 1e-12)))
    return half_line(lambda t: _tail(law, t, needed, replicas), scale, latest)


def _tail(law: LagLaw, time: v.FloatArray, needed: int, replicas: int) -> v.FloatArray:
    return binomial_tail(np.asarray(law.tail(time)), replicas - needed + 1, replicas)


def _needed(function: str, needed: int, replicas: int) -> tuple[int, int]:
    replicas = v.count(function, "replicas", replicas)
    if replicas > 1_000:
        v.refuse(function, "replicas", "be <= 1000", replicas)
    needed = v.count(function, "needed", needed)
    if needed > replicas:
        v.refuse(function, "needed", f"be <= replicas={replicas}", needed)
    return needed, replicas
