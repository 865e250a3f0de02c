"""A fleet of instances, and the record of what it did."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scalelab import _validate as v

IntArray = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The instances, and what they can do.

    Parameters
    ----------
    rate_per_s : float
        Requests per second that one running instance completes, > 0.
    startup_s : float
        Seconds from the order until a new instance takes requests, >= 0.
    min_instances, max_instances : int
        Bounds that no policy crosses; the run begins with `min_instances` running.
    queue_limit : float
        Requests that may wait; more are dropped. Infinite by default.
    tick_s : float
        Length of a step of the simulation in seconds, > 0.
    """

    rate_per_s: float
    startup_s: float
    min_instances: int
    max_instances: int
    queue_limit: float = math.inf
    tick_s: float = 1.0

    def __post_init__(self) -> None:
        v.keep(self, rate_per_s=v.number("Fleet", "rate_per_s", self.rate_per_s))
        v.keep(self, startup_s=v.number("Fleet", "startup_s", self.startup_s, minimum=0))
        v.keep(self, min_instances=v.count("Fleet", "min_instances", self.min_instances))
        if v.count("Fleet", "max_instances", self.max_instances) < self.min_instances:
            rule = f"be >= min_instances={self.min_instances}"
            v.refuse("Fleet", "max_instances", rule, self.max_instances)
        if not (isinstance(self.queue_limit, float) and self.queue_limit == math.inf):
            v.keep(self, queue_limit=v.number("Fleet", "queue_limit", self.queue_limit, minimum=0))
        v.keep(self, tick_s=v.number("Fleet", "tick_s", self.tick_s))


@dataclass(frozen=True, kw_only=True, eq=False)
class FleetRun:
    """What happened in each tick.

    Parameters
    ----------
    fleet : Fleet
        Whose run it was.
    demand : ndarray, shape (n,)
        Requests that arrived.
    running, starting : ndarray of int, shape (n,)
        Instances that took requests, and that did not yet.
    backlog : ndarray, shape (n,)
        Requests that waited at the end of the tick.
    dropped : ndarray, shape (n,)
        Requests that were turned away.
    load : ndarray, shape (n,)
        What the sensor said.
    """

    fleet: Fleet
    demand: v.FloatArray
    running: IntArray
    starting: IntArray
    backlog: v.FloatArray
    dropped: v.FloatArray
    load: v.FloatArray

    @property
    def instance_hours(self) -> float:
        """What is paid for, running and starting instances."""
        return float((self.running + self.starting).sum() * self.fleet.tick_s / 3600)

    @property
    def dropped_share(self) -> float:
        """Share of all requests that were turned away."""
        total = float(self.demand.sum())
        return float(self.dropped.sum()) / total if total else 0.0

    @property
    def delay_s(self) -> v.FloatArray:
        """Seconds that a request arriving at the end of each tick waits, shape (n,).

        First come, first served: it leaves when as many have been served as had come until then,
        so instances that join while it waits help it. After the last tick the fleet stays.
        """
        now, capacity = np.arange(self.demand.size), self.running * self.fleet.rate_per_s
        come = np.cumsum(self.demand - self.dropped)
        served = come - self.backlog
        leaves = served.searchsorted(come)  # in this tick, or after the last one
        tick_s = self.fleet.tick_s
        of_tick_s = (come - served[leaves - 1]) / capacity[np.minimum(leaves, now[-1])]
        wait_s = (leaves - 1 - now) * tick_s + of_tick_s
        return np.where(self.backlog > 0, np.maximum(wait_s, 0.0), 0.0)

    def late_share(self, limit_s: float) -> float:
        """Share of requests, of those not dropped, that waited for longer than `limit_s`."""
        limit = v.number("FleetRun.late_share", "limit_s", limit_s, minimum=0)
        served = self.demand - self.dropped
        total = float(served.sum())
        return float(served[self.delay_s > limit].sum()) / total if total else 0.0

    def delay_percentile_s(self, q: float) -> float:
        """Wait in seconds that a share `q`, in (0, 1], of the served requests did not exceed."""
        q = v.number("FleetRun.delay_percentile_s", "q", q)
        if q > 1:
            v.refuse("FleetRun.delay_percentile_s", "q", "be a ratio in (0, 1]", q)
        delay_s = self.delay_s
        order = np.argsort(delay_s)
        served = np.cumsum(np.maximum(self.demand - self.dropped, 0.0)[order])
        return float(delay_s[order][min(served.searchsorted(q * served[-1]), order.size - 1)])
