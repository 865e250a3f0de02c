"""A connection pool that requests give up on after an acquire timeout: G/G/c+D."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._first_come import arrivals_and_services, offered_waits_s


@dataclass(frozen=True, kw_only=True, eq=False)
class PoolRun:
    """What happened to each request, in order of arrival.

    Parameters
    ----------
    wait_s : ndarray, shape (n,)
        Seconds until it got a connection or gave up.
    timed_out : ndarray of bool, shape (n,)
        Whether it gave up.
    """

    wait_s: v.FloatArray
    timed_out: NDArray[np.bool_]

    @property
    def timeout_share(self) -> float:
        """Share of requests that gave up."""
        return float(self.timed_out.mean())


def pool_waits_s(
    arrival_times_s: ArrayLike,
    service_times_s: ArrayLike,
    connections: int,
    acquire_timeout_s: float,
) -> PoolRun:
    """Wait of each request for one of `connections`, and whether it gave up.

    Parameters
    ----------
    arrival_times_s : array_like, shape (n,)
        When each request asks for a connection, in seconds, in ascending order.
    service_times_s : array_like, shape (n,)
        How long each would keep it, in seconds, >= 0.
    connections : int
        Size of the pool, >= 1, all idle before the first arrival.
    acquire_timeout_s : float
        Longest wait in seconds, >= 0. A request that gets its connection just then takes it.

    Returns
    -------
    PoolRun
        Waits, and which requests gave up.

    Notes
    -----
    First come, first served. A request that gives up never held a connection, so it does not
    delay anybody: it can be left out as soon as it is known that it would wait too long.

    References
    ----------
    Baccelli and Hebuterne, "On queues with impatient customers", Performance '81, 1981.

    Examples
    --------
    >>> run = pool_waits_s([0.0, 1.0, 2.0], [9.0, 9.0, 9.0], connections=1, acquire_timeout_s=8.5)
    >>> run.wait_s, run.timed_out
    (array([0. , 8. , 8.5]), array([False, False,  True]))
    """
    name = "pool_waits_s"
    connections = v.count(name, "connections", connections, maximum=v.MOST_STEPS)
    timeout = v.number(name, "acquire_timeout_s", acquire_timeout_s, minimum=0)
    arrivals, services = arrivals_and_services(name, arrival_times_s, service_times_s)
    offered = offered_waits_s(arrivals, services, connections, timeout)
    timed_out = offered > timeout
    return PoolRun(wait_s=np.minimum(offered, timeout, out=offered), timed_out=timed_out)
