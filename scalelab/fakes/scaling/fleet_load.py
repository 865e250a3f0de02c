"""What a scaled fleet serves: a fluid of requests, or the clients of a load balancer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scalelab import _validate as v
from scalelab.fakes.balancing.load_balancer import LoadBalancer

OnGone = Callable[[int], object]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What happened in one step of a fleet."""

    demand: float
    """Requests that arrived."""
    backlog: float
    """Requests that waited at its end."""
    dropped: float
    """Requests that were turned away."""
    load: float
    """What the sensor says: 1 for a fleet that is busy all the time."""


class FleetLoad(Protocol):
    """What an autoscaler needs to know of what its fleet serves, and tells it."""

    def started(self, name: str) -> None:
        """Take note of an instance that takes requests from now on."""

    def stopping(self, name: str, on_gone: OnGone) -> None:
        """Take note of an instance that gets no new requests; call `on_gone` when it may go."""

    def lost(self, name: str) -> None:
        """Take note of an instance that has gone all of a sudden."""

    def served(self, time_s: float, tick_s: float, capacity: float) -> Tick:
        """Return what happened from `time_s` on for `tick_s`, with room for `capacity` requests."""


class FluidLoad:
    """Requests as a fluid with one queue, as in `scalelab.sim.autoscaling.fleet_run`.

    Parameters
    ----------
    demand_per_s : callable
        Requests per second at a time in seconds, >= 0.
    sensor : {"utilisation", "demand"}
        What a processor shows, which cannot exceed 1, or demand over capacity.
    queue_limit : float
        Requests that may wait, >= 0; more are dropped. Infinite by default.

    Examples
    --------
    >>> load = FluidLoad(lambda time_s: 120.0)
    >>> load.served(0.0, 1.0, capacity=100.0)
    Tick(demand=120.0, backlog=20.0, dropped=0.0, load=1.0)
    """

    def __init__(
        self,
        demand_per_s: Callable[[float], float],
        *,
        sensor: str = "utilisation",
        queue_limit: float = math.inf,
    ) -> None:
        if not callable(demand_per_s):
            v.refuse("FluidLoad", "demand_per_s", "be a function of the time", demand_per_s)
        self.sensor = v.choice("FluidLoad", "sensor", sensor, ("utilisation", "demand"))
        if not (isinstance(queue_limit, float) and queue_limit == math.inf):
            queue_limit = v.number("FluidLoad", "queue_limit", queue_limit, minimum=0)
        self.queue_limit = queue_limit
        self.backlog = 0.0
        self._demand_per_s = demand_per_s

    def started(self, name: str) -> None:
        """Nothing to do: capacity counts, not who has it."""

    def stopping(self, name: str, on_gone: OnGone) -> None:
        """Let the instance go at once: the fluid waits in one queue for all."""
        on_gone(0)

    def lost(self, name: str) -> None:
        """Nothing to do."""

    def served(self, time_s: float, tick_s: float, capacity: float) -> Tick:
        """Serve what there is, keep the rest in the queue.

        Parameters
        ----------
        time_s : float
            Beginning of the tick, >= 0.
        tick_s : float
            Its length in seconds, > 0.
        capacity : float
            Requests that the fleet completes in it, >= 0.

        Returns
        -------
        Tick
            What happened.
        """
        time_s = _amount("time_s", time_s)
        if not (tick_s := _amount("tick_s", tick_s)):
            v.number("FluidLoad.served", "tick_s", tick_s)
        capacity = _amount("capacity", capacity)
        demand = _amount("demand_per_s(time_s)", self._demand_per_s(time_s)) * tick_s
        work = self.backlog + demand
        done = min(work, capacity)
        self.backlog = min(work - done, self.queue_limit)
        seen = done if self.sensor == "utilisation" else demand
        return Tick(
            demand=demand,
            backlog=self.backlog,
            dropped=work - done - self.backlog,
            load=seen / capacity if capacity else float(work > 0),
        )


def _amount(argument: str, value: float) -> float:
    # number() finds the words, but is slow for a check that every tick needs.
    if isinstance(value, float) and 0 <= value < math.inf:
        return value
    return v.number("FluidLoad.served", argument, value, minimum=0)


class BalancedLoad:
    """The clients of a load balancer, whose servers are the instances.

    Parameters
    ----------
    balancer : LoadBalancer
        Without servers yet, because the autoscaler adds them.
    drain_s : float, optional
        Seconds that a server may take to drain, >= 0; without it as long as it takes.

    Notes
    -----
    The load of a tick is the share of busy workers at its end.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> load = BalancedLoad(LoadBalancer(VirtualClock(), []))
    >>> load.started("web-1")
    >>> load.balancer.in_service, load.served(0.0, 1.0, 100.0).load
    (('web-1',), 0.0)
    """

    def __init__(self, balancer: LoadBalancer, *, drain_s: float | None = None) -> None:
        name = "BalancedLoad"
        if not isinstance(balancer, LoadBalancer) or balancer.servers:
            v.refuse(name, "balancer", "be a LoadBalancer without servers", balancer)
        if drain_s is not None:
            drain_s = v.number(name, "drain_s", drain_s, minimum=0)
        self.balancer = balancer
        self.drain_s = drain_s
        self._seen = balancer.stats()

    def started(self, name: str) -> None:
        """Add a server."""
        self.balancer.add_server(name)

    def stopping(self, name: str, on_gone: OnGone) -> None:
        """Begin to drain a server."""
        self.balancer.submit_drain(name, on_gone, deadline_s=self.drain_s)

    def lost(self, name: str) -> None:
        """Remove a server with all that it did."""
        self.balancer.server(name).crash()
        self.balancer.submit_drain(name, deadline_s=0.0)

    def served(self, time_s: float, tick_s: float, capacity: float) -> Tick:
        """Return what the balancer's books say since the last tick; see `FluidLoad.served`."""
        before, self._seen = self._seen, self.balancer.stats()
        now = self._seen
        turned_away = now.failed + now.refused - before.failed - before.refused
        return Tick(
            demand=float(now.requested - before.requested),
            backlog=float(now.pending),
            dropped=float(turned_away),
            load=self.balancer.busy_share,
        )
