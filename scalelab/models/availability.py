"""Availability of systems made of parts that fail independently."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._binomial import binomial_tail

YEAR_S = 365 * 86_400


def serial_availability(availability: ArrayLike) -> float:
    r"""Availability of a chain that needs all of its parts.

    Parameters
    ----------
    availability : array_like, shape (parts,), parts >= 1
        Share of time that each part works, in [0, 1].

    Returns
    -------
    float
        :math:`\prod a_i`.

    Notes
    -----
    The parts fail independently. A common cause, such as a bad release or a lost zone, is a
    part of its own: put it into the chain.

    References
    ----------
    Trivedi and Bobbio, *Reliability and Availability Engineering*, 2017, ch. 4.

    Examples
    --------
    >>> round(serial_availability([0.999, 0.999]), 6)
    0.998001
    """
    return float(np.prod(_parts("serial_availability", availability)))


def parallel_availability(availability: ArrayLike) -> float:
    r"""Availability of a group that needs any one of its parts.

    Parameters
    ----------
    availability : array_like, shape (parts,), parts >= 1
        Share of time that each part works, in [0, 1].

    Returns
    -------
    float
        :math:`1 - \prod (1 - a_i)`, if one part can carry all the load.

    Examples
    --------
    Two servers behind one balancer: the balancer is the bottleneck of availability.

    >>> pair = parallel_availability([0.99, 0.99])
    >>> round(pair, 6), round(serial_availability([0.999, pair]), 6)
    (0.9999, 0.9989)
    """
    return float(1 - np.prod(1 - _parts("parallel_availability", availability)))


def k_of_n_availability(availability: ArrayLike, needed: int, nodes: int) -> float | v.FloatArray:
    r"""Availability of a group of equal parts that needs some of them.

    Parameters
    ----------
    availability : float or array_like, shape (...)
        Share of time that one part works, in [0, 1].
    needed : int
        Parts that must work, 0 <= k <= n.
    nodes : int
        Parts, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\sum_{i=k}^{n} \binom{n}{i} a^i (1-a)^{n-i}`.

    References
    ----------
    Trivedi and Bobbio, *Reliability and Availability Engineering*, 2017, ch. 4.

    Examples
    --------
    >>> round(k_of_n_availability(0.999, 2, 3), 6)
    0.999997
    """
    name = "k_of_n_availability"
    share = v.fraction(name, "availability", availability)
    nodes = _nodes(name, nodes)
    needed = v.count(name, "needed", needed, minimum=0)
    if needed > nodes:
        v.refuse(name, "needed", f"be <= nodes={nodes}", needed)
    return v.scalar_or_array(binomial_tail(share, needed, nodes))


def majority_availability(availability: ArrayLike, nodes: int) -> float | v.FloatArray:
    """Availability of a majority quorum.

    Parameters
    ----------
    availability : float or array_like, shape (...)
        Share of time that one node works, in [0, 1].
    nodes : int
        Nodes, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Chance that ⌊n/2⌋ + 1 nodes work. For other quorums, with R readers or W writers,
        use `k_of_n_availability`.

    Examples
    --------
    A fourth node makes it worse:

    >>> [round(majority_availability(0.99, n), 6) for n in (3, 4, 5)]
    [0.999702, 0.999408, 0.99999]
    """
    name = "majority_availability"
    share = v.fraction(name, "availability", availability)
    nodes = _nodes(name, nodes)
    return v.scalar_or_array(binomial_tail(share, nodes // 2 + 1, nodes))


def some_down_probability(availability: ArrayLike, down: int, nodes: int) -> float | v.FloatArray:
    """Chance that at least so many of the nodes are down at once.

    Parameters
    ----------
    availability : float or array_like, shape (...)
        Share of time that one node works, in [0, 1].
    down : int
        Nodes that are down, 0 <= down <= nodes.
    nodes : int
        Nodes, n >= 1; on average n(1 − a) of them are down.

    Returns
    -------
    float or ndarray, shape (...)
        Probability.

    Examples
    --------
    >>> round(some_down_probability(0.999, 1, 1_000), 3)
    0.632
    """
    name = "some_down_probability"
    share = v.fraction(name, "availability", availability)
    nodes = _nodes(name, nodes)
    down = v.count(name, "down", down, minimum=0)
    if down > nodes:
        v.refuse(name, "down", f"be <= nodes={nodes}", down)
    return v.scalar_or_array(binomial_tail(1 - share, down, nodes))


def downtime_s_per_year(availability: ArrayLike) -> float | v.FloatArray:
    """Time per year, of 365 days, that a system does not work.

    Parameters
    ----------
    availability : float or array_like, shape (...)
        Share of time that it works, in [0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Examples
    --------
    >>> (downtime_s_per_year([0.999, 0.9999]) / 3600).round(3)
    array([8.76 , 0.876])
    """
    share = v.fraction("downtime_s_per_year", "availability", availability)
    return v.scalar_or_array((1 - share) * YEAR_S)


def availability_of_outages(
    outages_per_year: ArrayLike, outage_s: ArrayLike
) -> float | v.FloatArray:
    """Availability with so many outages of a given length per year.

    Parameters
    ----------
    outages_per_year : float or array_like, shape (...)
        Outages, >= 0.
    outage_s : float or array_like, shape (...)
        Seconds of one outage, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        Share of the year.

    Raises
    ------
    ValueError
        The outages fill more than a year.

    Examples
    --------
    >>> round(availability_of_outages(12, 120), 6)
    0.999954
    """
    name = "availability_of_outages"
    number = v.non_negative(name, "outages_per_year", outages_per_year)
    length = v.non_negative(name, "outage_s", outage_s)
    v.broadcastable(name, outages_per_year=number, outage_s=length)
    down = v.fraction(name, "outages_per_year × outage_s / year", number * length / YEAR_S)
    return v.scalar_or_array(1 - down)


def _nodes(function: str, nodes: int) -> int:
    nodes = v.count(function, "nodes", nodes)
    if nodes > 1_000:
        v.refuse(function, "nodes", "be <= 1000", nodes)
    return nodes


def _parts(function: str, availability: ArrayLike) -> v.FloatArray:
    parts = v.vector(function, "availability", availability)
    return v.fraction(function, "availability", parts)
