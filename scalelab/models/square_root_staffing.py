"""Square-root staffing: the load, plus a safety that grows with its square root."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models import _normal
from scalelab.models._mmc import offered_load


def halfin_whitt_wait_probability(beta: ArrayLike) -> float | v.FloatArray:
    r"""Probability of waiting in a large M/M/c queue with a given safety.

    Parameters
    ----------
    beta : float or array_like, shape (...)
        Servers above the offered load :math:`a`, in units of :math:`\sqrt{a}`, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\alpha = 1/(1 + \beta\Phi(\beta)/\phi(\beta))`, whatever the size: what
        `erlang_c` tends to for :math:`c = a + \beta\sqrt{a}`.

    Raises
    ------
    ValueError
        `beta` is not finite and positive.

    References
    ----------
    Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers",
    Operations Research 29, 1981.

    Examples
    --------
    >>> halfin_whitt_wait_probability([0.5, 1.0, 2.0]).round(3)
    array([0.505, 0.223, 0.027])
    """
    safety = v.positive("halfin_whitt_wait_probability", "beta", beta)
    return v.scalar_or_array(_wait(safety))


def square_root_safety(max_wait_probability: ArrayLike) -> float | v.FloatArray:
    r"""Safety with which a given share of requests waits, in square roots of the load.

    Parameters
    ----------
    max_wait_probability : float or array_like, shape (...)
        Share of requests that may wait, in (0, 1).

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\beta`, the inverse of `halfin_whitt_wait_probability`.

    Raises
    ------
    ValueError
        The share is out of range.

    Examples
    --------
    >>> round(square_root_safety(0.1), 2)
    1.42
    """
    name = "square_root_safety"
    target = v.open_fraction(name, "max_wait_probability", max_wait_probability)
    low, high = np.zeros_like(target), np.full_like(target, 40.0)
    for _ in range(80):
        middle = (low + high) / 2
        above = _wait(middle) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return v.scalar_or_array((low + high) / 2)


def square_root_servers(
    arrival_rate_per_s: float, service_rate_per_s: float, *, max_wait_probability: float
) -> int:
    r"""Servers by the square-root rule, so that few requests wait.

    Parameters
    ----------
    arrival_rate_per_s, service_rate_per_s : float
        As in `erlang_c`.
    max_wait_probability : float
        Share of requests that may wait, in (0, 1).

    Returns
    -------
    int
        :math:`\lceil a + \beta\sqrt{a} \rceil`. The exact answer is `smallest_servers`;
        from a load of one Erlang and
        5 % that wait on, the rule is off by one server at most.

    Raises
    ------
    ValueError
        An argument is out of range.

    References
    ----------
    Harchol-Balter, *Performance Modeling and Design of Computer Systems*, 2013, ch. 15.

    Examples
    --------
    A hundred times the load needs 65 times the servers:

    >>> [square_root_servers(a, 1.0, max_wait_probability=0.1) for a in (10, 1_000)]
    [15, 1045]
    """
    name = "square_root_servers"
    target = v.number(name, "max_wait_probability", max_wait_probability)
    v.open_fraction(name, "max_wait_probability", target)
    arrival = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.number(name, "service_rate_per_s", service_rate_per_s)
    load = float(offered_load(name, arrival, service))
    return math.ceil(load + float(square_root_safety(target)) * math.sqrt(load))


def _wait(beta: v.FloatArray) -> v.FloatArray:
    density = _normal.density(beta)
    return density / (density + beta * _normal.cdf(beta))
