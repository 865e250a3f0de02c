"""A request that asks many servers is as slow as the slowest of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._laws import check_law
from scalelab.models.lag_laws import LagLaw


def fanout_slow_share(leaf_quantile: ArrayLike, fanout: ArrayLike) -> float | v.FloatArray:
    r"""Share of requests that meet at least one slow answer.

    Parameters
    ----------
    leaf_quantile : float or array_like, shape (...)
        Share of single answers that are not slow, in [0, 1]: 0.99 if slow is what exceeds
        the 99th percentile.
    fanout : int or array_like of int, shape (...)
        Servers that each request waits for, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - q^n`, for independent answers.

    References
    ----------
    Dean and Barroso, "The tail at scale", Communications of the ACM 56(2), 2013.

    Examples
    --------
    >>> fanout_slow_share(0.99, [1, 10, 100]).round(3)
    array([0.01 , 0.096, 0.634])
    """
    name = "fanout_slow_share"
    quantile = v.fraction(name, "leaf_quantile", leaf_quantile)
    count = v.counts(name, "fanout", fanout)
    v.broadcastable(name, leaf_quantile=quantile, fanout=count)
    return v.scalar_or_array(1 - quantile**count)


def leaf_quantile_needed(quantile: ArrayLike, fanout: ArrayLike) -> float | v.FloatArray:
    r"""Quantile of one server that is a given quantile of the whole request.

    Parameters
    ----------
    quantile : float or array_like, shape (...)
        Quantile of the request, in [0, 1].
    fanout : int or array_like of int, shape (...)
        As in `fanout_slow_share`.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`q^{1/n}`.

    References
    ----------
    Dean and Barroso, "The tail at scale", Communications of the ACM 56(2), 2013.

    Examples
    --------
    Half of the requests to a hundred servers are slower than this quantile of one server:

    >>> round(leaf_quantile_needed(0.5, 100), 4)
    0.9931
    """
    name = "leaf_quantile_needed"
    whole = v.fraction(name, "quantile", quantile)
    count = v.counts(name, "fanout", fanout)
    v.broadcastable(name, quantile=whole, fanout=count)
    return v.scalar_or_array(whole ** (1 / count))


def fanout_quantile_s(law: LagLaw, quantile: ArrayLike, fanout: ArrayLike) -> float | v.FloatArray:
    """Latency that a share of requests to many servers does not exceed.

    Parameters
    ----------
    law : LagLaw
        Distribution of one answer, such as `LogNormalLag`.
    quantile : float or array_like, shape (...)
        Share of requests, in (0, 1).
    fanout : int or array_like of int, shape (...)
        As in `fanout_slow_share`.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Examples
    --------
    Median of one, ten and a hundred shards with a median of 10 ms:

    >>> from scalelab.models.lag_laws import LogNormalLag
    >>> fanout_quantile_s(LogNormalLag(median_s=0.01, log_sd=0.8), 0.5, [1, 10, 100]).round(4)
    array([0.01  , 0.0332, 0.0717])
    """
    name = "fanout_quantile_s"
    check_law(name, "law", law)
    whole = v.open_fraction(name, "quantile", quantile)
    count = v.counts(name, "fanout", fanout)
    v.broadcastable(name, quantile=whole, fanout=count)
    slow = -np.expm1(np.log(whole) / count)  # of one answer; 1 minus its root would cancel
    quick = np.asarray(law.quantile(np.clip(1 - slow, 1e-300, 1 - 1e-16)))
    return v.scalar_or_array(np.where(slow > 1e-6, quick, _time_of_tail(law, slow, quick)))


def _time_of_tail(law: LagLaw, slow: v.FloatArray, about: v.FloatArray) -> v.FloatArray:
    """Time that a small share `slow` of answers exceeds, near `about`; by bisection."""
    low = high = about
    for _ in range(64):  # the far end; a law without one has reached it long before
        high = np.where(np.asarray(law.tail(high)) > slow, 2 * high, high)
        low = np.where(np.asarray(law.tail(low)) > slow, low, low / 2)
    for _ in range(64):
        middle = (low + high) / 2
        beyond = np.asarray(law.tail(middle)) > slow
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return high


def hedged_tail(law: LagLaw, t_s: ArrayLike, hedge_after_s: ArrayLike) -> float | v.FloatArray:
    r"""Chance that a hedged request is not answered within a given time.

    Parameters
    ----------
    law : LagLaw
        Distribution of one answer; the second is independent of the first.
    t_s : float or array_like, shape (...)
        Seconds since the first request was sent, >= 0.
    hedge_after_s : float or array_like, shape (...)
        Seconds after which a second server is asked, d >= 0. A share P(X > d) of requests
        is sent twice: that is the price.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`P(X > t)` up to d, then :math:`P(X > t)\,P(X > t - d)`.

    References
    ----------
    Dean and Barroso, "The tail at scale", Communications of the ACM 56(2), 2013.

    Examples
    --------
    Asking again after the 95th percentile costs 5 % more requests:

    >>> from scalelab.models.lag_laws import LogNormalLag
    >>> law = LogNormalLag(median_s=0.01, log_sd=0.8)
    >>> late = law.quantile(0.95)
    >>> round(law.tail(0.1), 5), round(hedged_tail(law, 0.1, late), 6)
    (0.002, 2.2e-05)
    """
    name = "hedged_tail"
    check_law(name, "law", law)
    time = v.non_negative(name, "t_s", t_s)
    delay = v.non_negative(name, "hedge_after_s", hedge_after_s)
    v.broadcastable(name, t_s=time, hedge_after_s=delay)
    second = np.where(time > delay, law.tail(np.maximum(time - delay, 0.0)), 1.0)
    return v.scalar_or_array(np.asarray(law.tail(time)) * second)
