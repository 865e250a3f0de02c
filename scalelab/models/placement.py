"""Where keys live: what moves when servers come and go, and how even the shares are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._quadrature import half_line


def modulo_moved_share(nodes_before: int, nodes_after: int) -> float:
    r"""Share of keys that move when ``hash(key) % n`` gets another n.

    Parameters
    ----------
    nodes_before, nodes_after : int
        Servers before and after, n and m, >= 1.

    Returns
    -------
    float
        :math:`1 - \min(n, m)/\mathrm{lcm}(n, m)`, exactly.

    Notes
    -----
    In each period lcm(n, m) of the hash a key stays when both remainders are equal, which
    happens once for each remainder below min(n, m).

    Examples
    --------
    One server more moves most keys; twice as many move only half, the least possible:

    >>> modulo_moved_share(3, 4), modulo_moved_share(3, 6)
    (0.75, 0.5)
    """
    name = "modulo_moved_share"
    before = v.count(name, "nodes_before", nodes_before)
    after = v.count(name, "nodes_after", nodes_after)
    return 1 - min(before, after) / math.lcm(before, after)


def minimum_moved_share(nodes_before: ArrayLike, nodes_after: ArrayLike) -> float | v.FloatArray:
    r"""Share of keys that must move for even shares before and after.

    Parameters
    ----------
    nodes_before, nodes_after : int or array_like of int, shape (...)
        Servers before and after, n and m, >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`|m - n|/\max(n, m)`: what the new servers get, or the lost ones had.
        Rendezvous and jump hashing move just that, on average over keys.

    References
    ----------
    Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
    Transactions on Networking 6, 1998; Lamping and Veach, "A fast, minimal memory,
    consistent hash algorithm", 2014.

    Examples
    --------
    >>> minimum_moved_share([3, 3, 3], [4, 6, 2]).round(3)
    array([0.25 , 0.5  , 0.333])
    """
    name = "minimum_moved_share"
    before = v.counts(name, "nodes_before", nodes_before)
    after = v.counts(name, "nodes_after", nodes_after)
    v.broadcastable(name, nodes_before=before, nodes_after=after)
    return v.scalar_or_array(np.abs(after - before) / np.maximum(before, after))


def ring_moved_share_sd(nodes_before: ArrayLike, virtual_nodes: ArrayLike) -> float | v.FloatArray:
    r"""Spread of the share that one more server takes on a hash ring.

    Parameters
    ----------
    nodes_before : int or array_like of int, shape (...)
        Servers before, n >= 1.
    virtual_nodes : int or array_like of int, shape (...)
        Points of each server on the ring, V >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        Standard deviation, :math:`\sqrt{n/((n+1)^2((n+1)V + 1))}`. The mean
        is 1/(n + 1), as with any fair placement.

    Notes
    -----
    Random points cut the ring into exchangeable arcs, so the share of V of them has the
    Beta(V, nV) distribution.

    References
    ----------
    Karger et al., "Consistent hashing and random trees", STOC 1997; David and Nagaraja,
    *Order Statistics*, 3rd ed., 2003, sec. 6.4.

    Examples
    --------
    >>> ring_moved_share_sd(3, [1, 10, 100]).round(4)
    array([0.1936, 0.0676, 0.0216])
    """
    name = "ring_moved_share_sd"
    before = v.counts(name, "nodes_before", nodes_before)
    points = v.counts(name, "virtual_nodes", virtual_nodes)
    v.broadcastable(name, nodes_before=before, virtual_nodes=points)
    return v.scalar_or_array(np.sqrt(before / ((before + 1) * points + 1)) / (before + 1))


def ring_peak_to_mean(nodes: int, virtual_nodes: int) -> float:
    r"""Mean share of the fullest server on a hash ring, relative to a fair share.

    Parameters
    ----------
    nodes : int
        Servers, n from 1 to 10,000.
    virtual_nodes : int
        Points of each on the ring, V from 1 to 1,000.

    Returns
    -------
    float
        With one point each it is the harmonic number :math:`H_n`.

    Notes
    -----
    The shares are those of n gamma variables of shape V in their sum, and independent of
    the sum: :math:`E[\max]/V`, with :math:`E[\max] = \int 1 - F(x)^n dx` and Erlang's F.

    References
    ----------
    Devroye, *Non-Uniform Random Variate Generation*, 1986, ch. 5.

    Examples
    --------
    >>> [round(ring_peak_to_mean(4, v), 3) for v in (1, 10, 100)]
    [2.083, 1.34, 1.105]
    """
    name = "ring_peak_to_mean"
    nodes = v.count(name, "nodes", nodes)
    points = v.count(name, "virtual_nodes", virtual_nodes)
    for argument, value, most in (("nodes", nodes, 10_000), ("virtual_nodes", points, 1_000)):
        if value > most:
            v.refuse(name, argument, f"be <= {most}", value)

    def above(x: v.FloatArray) -> v.FloatArray:
        term = np.exp(-x)
        tail = term.copy()
        with np.errstate(under="ignore"):
            logs = np.log(x)
            log_term = -x
            for k in range(1, points):
                log_term = log_term + logs - math.log(k)
                tail += np.exp(log_term)
        return -np.expm1(nodes * np.log1p(-np.minimum(tail, 1 - 1e-16)))

    return half_line(above, points, 4.0 * points + 4.0 * math.log(nodes)) / points


def maglev_peak_to_mean(nodes: ArrayLike, table_size: ArrayLike) -> float | v.FloatArray:
    r"""Share of the fullest server in a Maglev table, relative to a fair share.

    Parameters
    ----------
    nodes : int or array_like of int, shape (...)
        Servers, n >= 1.
    table_size : int or array_like of int, shape (...)
        Entries of the lookup table, M >= n: a prime, 65,537 for example.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`\lceil M/n \rceil n/M`: the servers take entries in turn, so no two differ by
        more than one. The price is that a change moves a few keys beyond the minimum.

    References
    ----------
    Eisenbud et al., "Maglev: a fast and reliable software network load balancer",
    NSDI 2016, sec. 3.4.

    Examples
    --------
    >>> round(maglev_peak_to_mean(1_000, 65_537), 4)
    1.0071
    """
    name = "maglev_peak_to_mean"
    count = v.counts(name, "nodes", nodes)
    size = v.counts(name, "table_size", table_size)
    v.broadcastable(name, nodes=count, table_size=size)
    if np.any(size < count):
        v.refuse(name, "table_size", "be >= nodes", table_size)
    return v.scalar_or_array(np.ceil(size / count) * count / size)


def slots_moved_share(slots: int, nodes_before: int, nodes_after: int) -> float:
    """Smallest share of a fixed number of slots that moves, from even to even.

    Parameters
    ----------
    slots : int
        Slots that are assigned to servers, >= 1: 16,384 in a Redis or Valkey cluster.
    nodes_before, nodes_after : int
        Servers before and after, from 1 to `slots`.

    Returns
    -------
    float
        Slots moved over slots. Before and after, no two servers differ by more than one.

    Examples
    --------
    >>> slots_moved_share(16_384, 3, 4)
    0.25
    """
    name = "slots_moved_share"
    slots = v.count(name, "slots", slots)
    few, many = sorted(
        (v.count(name, "nodes_before", nodes_before), v.count(name, "nodes_after", nodes_after))
    )
    if many > slots:
        v.refuse(name, "nodes_before and nodes_after", f"be <= slots={slots}", many)
    each, left_over = divmod(slots, many)
    # the servers that stay keep the larger shares, so far as there are any
    return ((many - few) * each + max(left_over - few, 0)) / slots


def lost_share(nodes: ArrayLike) -> float | v.FloatArray:
    """Share of sessions or keys that a crash takes, when only those of the dead server move.

    Parameters
    ----------
    nodes : int or array_like of int, shape (...)
        Servers with even shares, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        1/n, for a cookie, a directory, a ring or rendezvous hashing. Adding a server
        moves nothing with a cookie or a directory.

    Examples
    --------
    >>> round(lost_share(3), 4)
    0.3333
    """
    return v.scalar_or_array(1 / v.counts("lost_share", "nodes", nodes))


def wrong_server_share(nodes: ArrayLike) -> float | v.FloatArray:
    """Share of requests that miss the one server that holds their session.

    Parameters
    ----------
    nodes : int or array_like of int, shape (...)
        Servers to which requests go at random, or in turn, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        1 − 1/n.

    Examples
    --------
    >>> wrong_server_share([2, 3, 4]).round(3)
    array([0.5  , 0.667, 0.75 ])
    """
    return v.scalar_or_array(1 - 1 / v.counts("wrong_server_share", "nodes", nodes))
