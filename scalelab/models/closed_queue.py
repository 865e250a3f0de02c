"""A fixed number of customers who think, ask and wait: the machine-repairman model.

A connection pool against a database is one: each busy connection alternates between
waiting for something else (disk, network, locks: "think") and needing a core ("service").
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalelab import _validate as v

if TYPE_CHECKING:
    import pandas as pd

MOST_CUSTOMERS = 1_000_000  # each has a state of its own
MOST_ROWS = 10_000  # of a curve, whose work grows with the square


@dataclass(frozen=True, kw_only=True)
class ClosedQueue:
    """What a closed system with one station of servers does in the long run.

    Parameters
    ----------
    customers : int
        Customers in the loop.
    throughput_per_s : float
        Requests served per second, by all servers.
    mean_response_s : float
        Mean seconds from asking to completion, wait included, think time excluded.
    utilisation : float
        Share of time that a server is busy.
    mean_number_at_servers : float
        Customers waiting or in service.
    share_of_max_throughput : float
        Throughput over the most that the servers can do, in (0, 1]: the utilisation, by
        its other name.
    """

    customers: int
    throughput_per_s: float
    mean_response_s: float
    utilisation: float
    mean_number_at_servers: float
    share_of_max_throughput: float


def machine_repairman(
    customers: int, think_time_s: float, service_time_s: float, servers: int = 1
) -> ClosedQueue:
    r"""Exact steady state of the machine-repairman model, M/M/c//N.

    Parameters
    ----------
    customers : int
        Customers in the loop, :math:`N \ge 1`: connections in use, users, threads.
    think_time_s : float
        Mean seconds away from the servers, :math:`Z \ge 0`, of any distribution.
    service_time_s : float
        Mean seconds at a server, :math:`S > 0`, exponential.
    servers : int
        Identical servers, :math:`c \ge 1`, with one line, first come, first served.

    Returns
    -------
    ClosedQueue
        Throughput, mean response time, utilisation, mean number at the servers.

    Notes
    -----
    A birth–death chain over the number n at the servers: it grows at rate
    :math:`(N - n)/Z` and shrinks at rate :math:`\min(n, c)/S`. The products are summed as
    logarithms and hold for many thousands of customers. It knows no contention beyond the
    servers: adding customers never lowers its throughput.

    References
    ----------
    Palm 1947; Feller, *An Introduction to Probability Theory and Its Applications*, vol. 1,
    3rd ed., 1968, sec. XVII.7; Lazowska et al., *Quantitative System Performance*, 1984.

    Examples
    --------
    Four cores, queries that compute for 5 ms and wait for the disk for 5 ms:

    >>> for connections in (4, 8, 10, 100):
    ...     pool = machine_repairman(connections, 0.005, 0.005, servers=4)
    ...     print(connections, round(pool.throughput_per_s), round(1e3 * pool.mean_response_s, 1))
    4 400 5.0
    8 712 6.2
    10 775 7.9
    100 800 120.0
    """
    name = "machine_repairman"
    return _steady_state(
        v.count(name, "customers", customers, maximum=MOST_CUSTOMERS),
        *_station(name, think_time_s, service_time_s, servers),
    )


def machine_repairman_curve(
    max_customers: int, think_time_s: float, service_time_s: float, servers: int = 1
) -> pd.DataFrame:
    """One steady state for each number of customers from 1 upwards.

    Parameters
    ----------
    max_customers : int
        Last number of customers, >= 1.
    think_time_s, service_time_s, servers
        As in `machine_repairman`.

    Returns
    -------
    DataFrame
        Index ``customers`` from 1 to `max_customers`; the other fields of `ClosedQueue` as
        columns.

    Examples
    --------
    >>> curve = machine_repairman_curve(3, 0.0, 0.01, servers=2)
    >>> [round(x) for x in curve["throughput_per_s"]]
    [100, 200, 200]
    """
    name = "machine_repairman_curve"
    last = v.count(name, "max_customers", max_customers, maximum=MOST_ROWS)
    station = _station(name, think_time_s, service_time_s, servers)
    rows = [asdict(_steady_state(n, *station)) for n in range(1, last + 1)]
    import pandas as pd  # which takes longer to load than all this

    return pd.DataFrame(rows).set_index("customers")


def smallest_population(
    share: float, think_time_s: float, service_time_s: float, servers: int = 1
) -> int:
    """Fewest customers that keep the servers nearly as busy as can be.

    Parameters
    ----------
    share : float
        Wanted share of the maximum throughput, in (0, 1): 0.95 for within 5 %.
    think_time_s, service_time_s, servers
        As in `machine_repairman`.

    Returns
    -------
    int
        Smallest number of customers with ``share_of_max_throughput >= share``.

    Examples
    --------
    Connections for four cores, when queries wait as long as they compute, nine times as
    long, or not at all:

    >>> [smallest_population(0.95, wait_s, 0.001, servers=4) for wait_s in (0.001, 0.009, 0)]
    [10, 44, 4]
    """
    name = "smallest_population"
    wanted = v.number(name, "share", share)
    if wanted >= 1:
        v.refuse(name, "share", "be a ratio in (0, 1)", wanted)
    station = _station(name, think_time_s, service_time_s, servers)

    def enough(customers: int) -> bool:
        return _steady_state(customers, *station).share_of_max_throughput >= wanted

    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_CUSTOMERS:
            rule = f"need at most {MOST_CUSTOMERS:,} customers"
            v.refuse(
                name,
                "think_time_s / service_time_s and servers",
                rule,
                v.Words(f"over {high // 2:,}"),
            )
    low = high // 2  # known to be too few, or zero
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _station(
    function: str, think_time_s: float, service_time_s: float, servers: int
) -> tuple[float, float, int]:
    think = v.number(function, "think_time_s", think_time_s, minimum=0)
    service = v.number(function, "service_time_s", service_time_s)
    return think, service, v.count(function, "servers", servers, maximum=MOST_CUSTOMERS)


def _steady_state(customers: int, think: float, service: float, servers: int) -> ClosedQueue:
    number = np.arange(customers + 1)
    busy = np.minimum(number, servers)
    share = _shares(customers, think, service, busy)
    utilisation = min(1.0, float(share @ busy) / servers)
    throughput = utilisation * servers / service
    at_servers = float(share @ number)
    return ClosedQueue(
        customers=customers,
        throughput_per_s=throughput,
        mean_response_s=at_servers / throughput,
        utilisation=utilisation,
        mean_number_at_servers=at_servers,
        share_of_max_throughput=utilisation,
    )


def _shares(customers: int, think: float, service: float, busy: v.FloatArray) -> v.FloatArray:
    """Share of time with 0, 1, ... customers at the servers."""
    if think == 0:  # nobody is ever away
        return (np.arange(customers + 1) == customers).astype(np.float64)
    away = customers - np.arange(customers)
    steps = np.log(away) - np.log(busy[1:]) + math.log(service) - math.log(think)
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    share = np.exp(logs - logs.max())
    return share / share.sum()
