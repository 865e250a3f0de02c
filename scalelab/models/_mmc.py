"""What the M/M/c modules share: Erlang's formulas without checks, and the checks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


class UnstableQueueError(ValueError):
    """More work arrives than the servers can do: no steady state exists."""


def offered_load(
    function: str, arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike
) -> v.FloatArray:
    """Arrival rate over service rate, in Erlang, checked on behalf of `function`."""
    arrival = v.positive(function, "arrival_rate_per_s", arrival_rate_per_s)
    service = v.positive(function, "service_rate_per_s", service_rate_per_s)
    v.broadcastable(function, arrival_rate_per_s=arrival, service_rate_per_s=service)
    with np.errstate(over="ignore"):  # the next check says it better
        load = arrival / service
    return v.positive(function, "arrival_rate_per_s / service_rate_per_s", load)


def blocking(load: float | v.FloatArray, servers: int) -> float | v.FloatArray:
    """Erlang B by its recursion, without checks; `servers` may be zero."""
    blocked = 1.0 + 0.0 * load
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def waiting(blocked: float | v.FloatArray, rho: float | v.FloatArray) -> float | v.FloatArray:
    """Erlang C from Erlang B and the load per server, without checks."""
    return blocked / (1 - rho * (1 - blocked))


def waiting_and_spare(
    function: str, arrival_rate_per_s: ArrayLike, service_rate_per_s: ArrayLike, servers: int
) -> tuple[float | v.FloatArray, float | v.FloatArray]:
    """Erlang C, and the spare rate cμ − λ at which a line drains; all arguments checked."""
    load = v.scalar_or_array(offered_load(function, arrival_rate_per_s, service_rate_per_s))
    servers = v.count(function, "servers", servers, maximum=10 * v.MOST_STEPS)
    arrival, service = np.asarray(arrival_rate_per_s), np.asarray(service_rate_per_s)
    spare = v.scalar_or_array(servers * service - arrival)
    if np.any(load >= servers) or np.any(spare <= 0):
        v.refuse(
            function,
            "offered load",
            f"be < servers={servers}",
            np.max(load),
            "the line grows without bound, so add servers or shed load",
            UnstableQueueError,
        )
    return waiting(blocking(load, servers), load / servers), spare


def waiting_by_servers(function: str, load: float) -> Iterator[tuple[int, float]]:
    """Every stable number of servers in turn, with its Erlang C; `load` in Erlang."""
    if load > v.MOST_STEPS:
        v.refuse(function, "offered load", f"be at most {v.MOST_STEPS:,}", load)
    servers = int(load)
    blocked = float(blocking(load, servers))
    while True:
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
        yield servers, float(waiting(blocked, load / servers))


def response_tail(
    time_s: float | v.FloatArray,
    wait_probability: float | v.FloatArray,
    spare_rate_per_s: float | v.FloatArray,
    service_rate_per_s: float | v.FloatArray,
) -> float | v.FloatArray:
    """P(W + S > t) from Erlang C and the two rates, without checks."""
    slow = np.minimum(spare_rate_per_s, service_rate_per_s)
    apart = np.maximum(spare_rate_per_s, service_rate_per_s) - slow
    # ∫ exp(-μs) exp(-(cμ-λ)(t-s)) ds over 0..t, in a form that survives equal rates
    both = time_s * np.exp(-slow * time_s) * _mean_decay(apart * time_s)
    return np.exp(-service_rate_per_s * time_s) + wait_probability * service_rate_per_s * both


def service_percentile_s(
    share: float | v.FloatArray, service_rate_per_s: float | v.FloatArray
) -> float | v.FloatArray:
    """Percentile of an exponential service time, without checks."""
    return -np.log1p(-share) / service_rate_per_s


def _mean_decay(x: float | v.FloatArray) -> v.FloatArray:
    """(1 − exp(−x))/x, and 1 at zero."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, -np.expm1(-safe) / safe)
