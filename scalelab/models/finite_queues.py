"""Queues that do not grow without bound: a full waiting room, and requests that give up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.models._mmc import blocking, offered_load


@dataclass(frozen=True, kw_only=True)
class AbandonmentQueue:
    """What an M/M/c queue does when every request gives up after the same wait.

    Parameters
    ----------
    abandon_probability : float
        Share of arrivals that give up.
    wait_probability : float
        Share of arrivals that find no free server.
    mean_wait_s : float
        Seconds in the line over all arrivals; who gives up has waited in vain.
    mean_number_waiting : float
        Requests in the line.
    throughput_per_s : float
        Requests served per second.
    utilisation : float
        Share of time that a server is busy.
    """

    abandon_probability: float
    wait_probability: float
    mean_wait_s: float
    mean_number_waiting: float
    throughput_per_s: float
    utilisation: float


def mmc_abandonment(
    arrival_rate_per_s: float, service_rate_per_s: float, servers: int, patience_s: float
) -> AbandonmentQueue:
    r"""Steady state of a queue that requests leave when their wait reaches a limit: M/M/c+D.

    It is a connection pool with an acquire timeout.

    Parameters
    ----------
    arrival_rate_per_s : float
        Mean arrivals per second, :math:`\lambda > 0`; it may exceed what can be served.
    service_rate_per_s : float
        Mean completions per second of one busy server, :math:`\mu > 0`.
    servers : int
        Identical servers, :math:`c \ge 1`.
    patience_s : float
        Longest wait in seconds, :math:`\tau \ge 0`, the same for all. A request that has
        begun service stays.

    Returns
    -------
    AbandonmentQueue
        Shares of arrivals that give up and that wait, mean wait over all arrivals,
        throughput, utilisation.

    Notes
    -----
    The wait :math:`V` that an endlessly patient arrival would be offered has the density
    :math:`\lambda p_{c-1} e^{\lambda \min(x, \tau) - c\mu x}` for :math:`x > 0`. A request
    gives up when :math:`V > \tau`, and its wait is :math:`\min(V, \tau)`. All terms are
    scaled by the largest exponential, and :math:`p_{c-1}` enters through Erlang B of
    :math:`c - 1` servers: nothing overflows. With no patience it is Erlang B; with endless
    patience and a stable load it is M/M/c.

    References
    ----------
    Barrer, "Queuing with impatient customers and ordered service", Operations Research 5,
    1957; Baccelli and Hebuterne, "On queues with impatient customers", Performance '81,
    1981; Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server
    asymptotics of the M/M/n+G queue", Queueing Systems 51, 2005.

    Examples
    --------
    Twice the load that ten connections can serve. Half of the requests give up whatever
    the timeout; a long one only makes everybody wait:

    >>> for patience_s in (0.1, 30.0):
    ...     pool = mmc_abandonment(4_000, 200, 10, patience_s)
    ...     print(round(pool.abandon_probability, 3), round(pool.mean_wait_s, 3))
    0.5 0.1
    0.5 30.0
    """
    name = "mmc_abandonment"
    arrival = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.number(name, "service_rate_per_s", service_rate_per_s)
    load = float(offered_load(name, arrival, service))
    servers = v.count(name, "servers", servers, maximum=10 * v.MOST_STEPS)
    patience = v.number(name, "patience_s", patience_s, minimum=0)
    with v.no_overflow(name, "patience_s and the rates"):
        return _abandonment(arrival, load, service, servers, patience)


def _abandonment(
    arrival: float, load: float, service: float, servers: int, patience: float
) -> AbandonmentQueue:
    capacity = servers * service
    growth = (arrival - capacity) * patience
    blocked = float(blocking(load, servers - 1))  # of c - 1 servers: stands for p_{c-1}
    # masses of: no wait; 0 < V <= τ; V > τ; and ∫ x v(x) over 0..τ, all times p_{c-1}/blocked
    at_once = math.exp(-max(growth, 0.0))
    in_time = blocked * arrival * patience * _mean_decay(abs(growth))
    too_late = blocked * arrival / capacity * math.exp(min(growth, 0.0))
    moment = blocked * arrival * patience**2 * _mean_growth(growth)
    total = at_once + in_time + too_late
    abandon = too_late / total
    mean_wait = (moment + patience * too_late) / total
    throughput = arrival * (1 - abandon)
    return AbandonmentQueue(
        abandon_probability=abandon,
        wait_probability=(in_time + too_late) / total,
        mean_wait_s=mean_wait,
        mean_number_waiting=arrival * mean_wait,
        throughput_per_s=throughput,
        utilisation=throughput / capacity,
    )


def _mean_decay(y: float) -> float:
    """∫ exp(−yu) du over 0..1, for y >= 0."""
    return -math.expm1(-y) / y if y else 1.0


def _mean_growth(y: float) -> float:
    """∫ u exp(yu) du over 0..1, times exp(−max(y, 0)) so that it cannot overflow."""
    scale = math.exp(-max(y, 0.0))
    if abs(y) < 0.5:  # the closed form below loses all digits near zero
        return scale * sum(y**n / (math.factorial(n) * (n + 2)) for n in range(16))
    return (math.exp(min(y, 0.0)) * (y - 1) + scale) / y**2
