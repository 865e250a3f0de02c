"""Read replicas: what they add, what each write costs them all, what a failover loses."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def read_capacity(
    replicas: ArrayLike, reads_per_write: ArrayLike, *, replay_cost: ArrayLike = 1.0
) -> float | v.FloatArray:
    r"""Throughput of a replicated database relative to one node.

    Parameters
    ----------
    replicas : float or array_like, shape (...)
        Nodes among which reads are spread, n >= 1.
    reads_per_write : float or array_like, shape (...)
        Reads for each write, k >= 0.
    replay_cost : float or array_like, shape (...)
        What a write costs a replica that replays it, of what it costs the primary, r in [0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        :math:`n(k+1)/(rn+k)`, at most :math:`k + 1`: there the primary is full of writes.

    Notes
    -----
    A read costs one node as much as a write costs the primary. Writes at rate W and reads at
    rate kW fill n nodes when :math:`rW + kW/n = C`. With r = 1 it is Amdahl's law: the serial
    fraction is the share of writes, :math:`1/(k+1)`. A cheaper replay reaches the ceiling
    with :math:`n = k/(1-r)` nodes, and does not raise it.

    References
    ----------
    Gray, Helland, O'Neil and Shasha, "The dangers of replication and a solution",
    SIGMOD 1996.

    Examples
    --------
    Ten replicas, at nine, a hundred and a thousand reads per write:

    >>> read_capacity(10, [9, 100, 1_000]).round(2)
    array([5.26, 9.18, 9.91])
    >>> round(read_capacity(10, 9, replay_cost=0.45), 2)
    7.41
    """
    name = "read_capacity"
    nodes, ratio, cost = _replicated(name, replicas, reads_per_write, replay_cost)
    with v.no_overflow(name, "replicas and reads_per_write"):
        # where replay is cheap, the primary's writes are the bottleneck: n(k+1)/n
        return v.scalar_or_array(nodes * (ratio + 1) / np.maximum(cost * nodes + ratio, nodes))


def write_utilisation(
    replicas: ArrayLike, reads_per_write: ArrayLike, *, replay_cost: ArrayLike = 1.0
) -> float | v.FloatArray:
    r"""Share of the primary that writes take, when the replicas are full.

    Parameters
    ----------
    replicas, reads_per_write, replay_cost : float or array_like, shape (...)
        As in `read_capacity`.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`n/(rn + k)`, at most 1; a replica spends r times as much on replaying them.

    Examples
    --------
    >>> write_utilisation(10, 9, replay_cost=[1.0, 0.45]).round(3)
    array([0.526, 0.741])
    """
    name = "write_utilisation"
    nodes, ratio, cost = _replicated(name, replicas, reads_per_write, replay_cost)
    return v.scalar_or_array(nodes / np.maximum(cost * nodes + ratio, nodes))


def _replicated(
    function: str, replicas: ArrayLike, reads_per_write: ArrayLike, replay_cost: ArrayLike
) -> tuple[v.FloatArray, v.FloatArray, v.FloatArray]:
    nodes = v.at_least(function, "replicas", replicas, 1)
    ratio = v.non_negative(function, "reads_per_write", reads_per_write)
    cost = v.fraction(function, "replay_cost", replay_cost)
    v.broadcastable(function, replicas=nodes, reads_per_write=ratio, replay_cost=cost)
    return nodes, ratio, cost


def safe_read_load_per_s(
    node_capacity_per_s: float,
    replicas: int,
    *,
    max_utilisation: float = 1.0,
    write_share: float = 0.0,
    lost: int = 0,
) -> float:
    r"""Read load that a set of replicas should be given.

    Parameters
    ----------
    node_capacity_per_s : float
        Reads per second that fill one node, C > 0.
    replicas : int
        Nodes among which reads are spread, n >= 1.
    max_utilisation : float
        Utilisation that no node should exceed, in (0, 1].
    write_share : float
        Share of each node that replaying the writes takes, in [0, 1).
    lost : int
        Nodes whose loss must be borne, from 0 to n − 1.

    Returns
    -------
    float
        :math:`(n - l)\,C\,(u - w)`.

    Raises
    ------
    ValueError
        Writes alone exceed `max_utilisation`.

    Examples
    --------
    Three replicas of 10,000 reads per second, with room for the loss of one:

    >>> round(safe_read_load_per_s(10_000, 3, max_utilisation=0.7, lost=1))
    14000
    """
    name = "safe_read_load_per_s"
    capacity = v.number(name, "node_capacity_per_s", node_capacity_per_s)
    replicas = v.count(name, "replicas", replicas)
    full = v.number(name, "max_utilisation", max_utilisation)
    v.fraction(name, "max_utilisation", full)
    writes = v.number(name, "write_share", write_share, minimum=0)
    if writes >= full:
        v.refuse(name, "write_share", f"be < max_utilisation={full:g}", writes, "shard the writes")
    lost = v.count(name, "lost", lost, minimum=0)
    if lost >= replicas:
        v.refuse(name, "lost", f"be < replicas={replicas}", lost)
    return (replicas - lost) * capacity * (full - writes)


def most_replicas(overhead_share: ArrayLike) -> float | v.FloatArray:
    """Replicas that one primary can feed, if each takes a share of it.

    Parameters
    ----------
    overhead_share : float or array_like, shape (...)
        Share of the primary that sending the log to one replica takes, in (0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        Largest whole number of replicas, with nothing left for anything else.

    Examples
    --------
    >>> most_replicas([0.02, 0.05, 0.1])
    array([50., 20., 10.])
    """
    share = v.positive("most_replicas", "overhead_share", overhead_share)
    v.fraction("most_replicas", "overhead_share", share)
    with np.errstate(over="ignore"):
        return v.scalar_or_array(np.floor(1 / share * (1 + 1e-12)))


def lost_writes(lag_s: ArrayLike, write_rate_per_s: ArrayLike) -> float | v.FloatArray:
    """Acknowledged writes that a failover to a lagging replica loses.

    Parameters
    ----------
    lag_s : float or array_like, shape (...)
        How far the replica is behind, in seconds, >= 0.
    write_rate_per_s : float or array_like, shape (...)
        Writes per second, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Mean number of writes, by Little's law. The same for a write-behind cache that
        crashes, with the time since its last flush.

    Examples
    --------
    >>> lost_writes([0.1, 0.5, 5.0], 1_000)
    array([ 100.,  500., 5000.])
    """
    lag = v.non_negative("lost_writes", "lag_s", lag_s)
    rate = v.positive("lost_writes", "write_rate_per_s", write_rate_per_s)
    v.broadcastable("lost_writes", lag_s=lag, write_rate_per_s=rate)
    with v.no_overflow("lost_writes", "lag_s and write_rate_per_s"):
        return v.scalar_or_array(lag * rate)


def pinned_share(window_s: ArrayLike, write_rate_per_s: ArrayLike) -> float | v.FloatArray:
    r"""Share of time that a user's reads go to the primary, after each of his writes.

    Parameters
    ----------
    window_s : float or array_like, shape (...)
        Seconds for which a write pins its user, >= 0.
    write_rate_per_s : float or array_like, shape (...)
        Writes per second of one user, a Poisson stream, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - e^{-\lambda w}`: a new write starts the window again.

    Examples
    --------
    One operation per second, nine reads per write, pinned for a second:

    >>> round(pinned_share(1.0, 0.1), 4)
    0.0952
    """
    window = v.non_negative("pinned_share", "window_s", window_s)
    rate = v.positive("pinned_share", "write_rate_per_s", write_rate_per_s)
    v.broadcastable("pinned_share", window_s=window, write_rate_per_s=rate)
    return v.scalar_or_array(-np.expm1(-window * rate))


def needed_replicas(capacity_factor: float, reads_per_write: float) -> int:
    r"""Fewest replicas that give a multiple of one node's throughput.

    Parameters
    ----------
    capacity_factor : float
        Multiple of one node, from 1 to below k + 1.
    reads_per_write : float
        As in `read_capacity`.

    Returns
    -------
    int
        Smallest n with ``read_capacity(n, k) >= capacity_factor``.

    Examples
    --------
    Five times one node at nine reads per write; the tenfold is out of reach.

    >>> needed_replicas(5, 9)
    9
    """
    name = "needed_replicas"
    ratio = v.number(name, "reads_per_write", reads_per_write, minimum=0)
    factor = v.number(name, "capacity_factor", capacity_factor)
    if factor < 1:
        v.refuse(name, "capacity_factor", "be >= 1", factor)
    if factor >= ratio + 1 and factor > 1:
        v.refuse(
            name,
            "capacity_factor",
            f"be < {ratio + 1:g}, the ceiling at reads_per_write={ratio:g}",
            factor,
            "shard the writes",
        )
    if factor == 1:
        return 1
    return math.ceil(factor * ratio / (ratio + 1 - factor) * (1 - 1e-12))
