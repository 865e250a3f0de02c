"""A first-come, first-served queue with any arrivals and any service times: G/G/c."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._first_come import arrivals_and_services, offered_waits_s


def queue_waits_s(
    arrival_times_s: ArrayLike, service_times_s: ArrayLike, servers: int = 1
) -> v.FloatArray:
    """Wait of each request in one line before `servers` identical servers.

    Parameters
    ----------
    arrival_times_s : array_like, shape (n,)
        When each request arrives, in seconds, in ascending order.
    service_times_s : array_like, shape (n,)
        How long each will be served, in seconds, >= 0.
    servers : int
        Identical servers, >= 1, all free before the first arrival.

    Returns
    -------
    ndarray, shape (n,)
        Seconds from arrival to the beginning of service.

    Notes
    -----
    Deterministic: randomness is in the arrays. Two designs that are given the same arrays are
    compared on the same requests. With one server and without numba the waits come from sums
    over the whole run, and are exact up to rounding of the last arrival time.

    References
    ----------
    Kiefer and Wolfowitz, "On the theory of queues with many servers", Transactions of the
    American Mathematical Society 78, 1955; Lindley, "The theory of queues with a single
    server", Mathematical Proceedings of the Cambridge Philosophical Society 48, 1952.

    Examples
    --------
    >>> queue_waits_s([0.0, 1.0, 2.0], [5.0, 5.0, 5.0], servers=2)
    array([0., 0., 3.])
    """
    name = "queue_waits_s"
    servers = v.count(name, "servers", servers, maximum=v.MOST_STEPS)
    arrivals, services = arrivals_and_services(name, arrival_times_s, service_times_s)
    return offered_waits_s(arrivals, services, servers, math.inf)
