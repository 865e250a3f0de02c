"""An autoscaler: a loop that reads a sensor and starts and stops instances."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.scaling.fleet_load import FleetLoad, Tick
from scalelab.sim._scaling_rules import decide, in_ticks, rules_of
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import OwnPolicy, Policy, Reading


@dataclass(eq=False, slots=True)
class Instance:
    """A machine of the fleet."""

    name: str
    """Its name."""
    runs_from: float
    """Number of the tick from which on it takes requests."""
    running: bool = False
    """Whether it takes requests."""


class Autoscaler:
    """Keeps a fleet as large as a policy, a schedule and its bounds want it.

    Each tick of the clock it adds up what the fleet served, and once in a while it decides. An
    instance that was ordered takes requests after the fleet's start-up time.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes; ticks begin now.
    fleet : Fleet
        Rate of an instance, start-up time, bounds, length of a tick. Its `queue_limit` is the
        load's affair here.
    load : FluidLoad or BalancedLoad
        What the fleet serves.
    policy : StepPolicy, TargetPolicy or OwnPolicy, optional
        The reactive part. Without it the fleet follows `at_least`.
    at_least : callable, optional
        Instances that a schedule orders at a time in seconds; the larger of it and the policy's
        number holds.
    warm_up_s : float
        Seconds until a new instance that takes requests is as fast as the others, >= 0.
    cold_share : float
        Its share of their speed in the beginning, in [0, 1]; from there it grows evenly.

    Notes
    -----
    Instances are stopped newest first, and none while others are starting. With a `FluidLoad`
    and no warm-up this is `scalelab.sim.autoscaling.fleet_run`, tick by tick, as objects.

    Examples
    --------
    Demand doubles; the fleet follows after its start-up time:

    >>> from scalelab.fakes.scaling.fleet_load import FluidLoad
    >>> from scalelab.sim.scaling_policies import TargetPolicy
    >>> clock = VirtualClock()
    >>> fleet = Fleet(rate_per_s=100, startup_s=120, min_instances=5, max_instances=20)
    >>> scaler = Autoscaler(
    ...     clock,
    ...     fleet,
    ...     FluidLoad(lambda time_s: 300.0 if time_s < 600 else 600.0),
    ...     TargetPolicy(target=0.6, window_s=60, every_s=60),
    ... )
    >>> for minutes in (10, 3, 17):
    ...     clock.advance(60 * minutes)
    ...     print(scaler.running, scaler.starting)
    5 0
    9 0
    10 0
    """

    def __init__(
        self,
        clock: VirtualClock,
        fleet: Fleet,
        load: FleetLoad,
        policy: Policy | None = None,
        *,
        at_least: Callable[[float], int] | None = None,
        warm_up_s: float = 0.0,
        cold_share: float = 1.0,
    ) -> None:
        name = "Autoscaler"
        self.clock = clock_of(name, clock)
        if not isinstance(fleet, Fleet):
            v.refuse(name, "fleet", "be a Fleet", fleet)
        if not all(callable(getattr(load, verb, None)) for verb in ("started", "served")):
            v.refuse(name, "load", "be a FluidLoad or a BalancedLoad", load)
        if policy is not None and not isinstance(policy, Policy):
            v.refuse(name, "policy", "be a StepPolicy, a TargetPolicy or an OwnPolicy", policy)
        if at_least is not None and not callable(at_least):
            v.refuse(name, "at_least", "be a function of the time", at_least)
        self.fleet, self.load, self.policy = fleet, load, policy
        self._rules = rules_of(fleet, policy, saturates=False)  # the sensor is the load's affair
        self.warm_up_s = v.number(name, "warm_up_s", warm_up_s, minimum=0)
        self.cold_share = v.number(name, "cold_share", cold_share, minimum=0)
        if self.cold_share > 1:
            v.refuse(name, "cold_share", "be a ratio in [0, 1]", cold_share)
        self._at_least = at_least
        self._begin_s = clock.now_s
        self._instances: list[Instance] = []
        self._draining: list[Instance] = []
        self._running = 0
        self._named = 0
        self._ticks: list[Tick] = []
        self._sizes: list[tuple[int, int, int]] = []  # running, starting, draining in each tick
        self._wanted: int | None = None  # decided, not yet ordered
        self._last_out = self._last_in = -math.inf  # ticks
        for _ in range(fleet.min_instances):
            self._run(self._new(-math.inf))
        self._next: Timer | None = None
        self._begin_tick(self._size_wanted(0))

    @property
    def running(self) -> int:
        """Instances that take requests."""
        return self._running

    @property
    def starting(self) -> int:
        """Instances that do not yet."""
        return len(self._instances) - self.running

    @property
    def draining(self) -> int:
        """Instances that serve the last of their clients."""
        return len(self._draining)

    @property
    def instances(self) -> tuple[str, ...]:
        """Names of the instances that run or start, oldest first."""
        return tuple(instance.name for instance in self._instances)

    @property
    def instance_hours(self) -> float:
        """What was paid for in the ticks that are over, everything but what is gone."""
        paid = sum(map(sum, self._sizes[: len(self._ticks)]))
        return paid * self.fleet.tick_s / 3_600

    def lose(self, name: str) -> None:
        """Let an instance fail: it is gone, and replaced only if the fleet is too small now.

        Raises
        ------
        ValueError
            There is no such instance.
        """
        found = (one for one in self._instances if isinstance(name, str) and one.name == name)
        instance = next(found, None)
        if instance is None:
            rule = f"be one of {', '.join(self.instances)}"
            v.refuse("Autoscaler.lose", "name", rule, name)
        self._instances.remove(instance)
        if instance.running:
            self._running -= 1
            self.load.lost(instance.name)

    def close(self) -> None:
        """Stop the loop; the instances stay as they are."""
        if self._next is not None:
            self._next.cancel()

    def run(self) -> FleetRun:
        """Return the record of the ticks that are over.

        Raises
        ------
        ValueError
            No tick is over yet.
        """
        if not self._ticks:
            v.refuse(
                "Autoscaler.run", "ticks", "be over, one at least", v.Words("none"), "run the clock"
            )
        sizes = np.array(self._sizes[: len(self._ticks)], np.int32)
        demand, backlog, dropped, load = np.array(
            [(tick.demand, tick.backlog, tick.dropped, tick.load) for tick in self._ticks]
        ).T
        return FleetRun(
            fleet=self.fleet,
            demand=demand,
            running=sizes[:, 0],
            starting=sizes[:, 1],
            backlog=backlog,
            dropped=dropped,
            load=load,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        ensure(len(self._instances) <= self.fleet.max_instances, "more instances than the maximum")
        names = [instance.name for instance in [*self._instances, *self._draining]]
        ensure(len(names) == len(set(names)), "an instance is counted twice")
        running = sum(instance.running for instance in self._instances)
        ensure(running == self._running, "the running instances are miscounted")
        ensure(len(self._sizes) in (len(self._ticks), len(self._ticks) + 1), "a tick is missing")
        now = len(self._ticks)
        late = [i for i in self._instances if not i.running and i.runs_from < now]
        ensure(not late, "an instance starts for ever")

    # one tick -----------------------------------------------------------------------------

    def _begin_tick(self, wanted: int) -> None:
        now = len(self._ticks)
        self._order(wanted, now)
        for instance in self._instances if self.starting else ():
            if not instance.running and instance.runs_from <= now:
                self._run(instance)
        self._sizes.append((self.running, self.starting, self.draining))
        ends_s = self._begin_s + (now + 1) * self.fleet.tick_s
        self._next = self.clock.schedule_at(ends_s, self._end_tick)

    def _end_tick(self) -> None:
        now, tick_s = len(self._ticks), self.fleet.tick_s
        speed = float(self.running)
        if self.warm_up_s:
            speed = sum(self._speed(instance, now) for instance in self._instances)
        capacity = speed * self.fleet.rate_per_s * tick_s
        self._ticks.append(self.load.served(self._begin_s + now * tick_s, tick_s, capacity))
        wanted = len(self._instances)  # the size stays where a function of the caller's fails
        try:
            if self.policy is not None and (now + 1) % self._rules.every == 0:
                self._wanted = self._decide(self.policy, now + 1)
            wanted = self._size_wanted(now + 1)
        finally:
            self._begin_tick(wanted)

    def _size_wanted(self, now: int) -> int:
        """Instances that policy and schedule ask for, within the bounds."""
        wanted = self._wanted
        if wanted is None:
            wanted = 0 if self.policy is None else len(self._instances)
        self._wanted = None
        if self._at_least is not None:
            number_then = self._at_least(self._begin_s + now * self.fleet.tick_s)
            wanted = max(wanted, v.count("Autoscaler", "at_least(time)", number_then, minimum=0))
        return min(max(wanted, self.fleet.min_instances), self.fleet.max_instances)

    def _order(self, wanted: int, now: int) -> None:
        more = wanted - len(self._instances)
        if more > 0:
            for _ in range(more):
                self._new(now + in_ticks(self.fleet, self.fleet.startup_s))
            self._last_out = now
        elif more < 0 and not self.starting:
            for instance in self._instances[more:]:
                self._stop(instance)
                self._last_in = now

    def _new(self, runs_from: float) -> Instance:
        self._named += 1
        instance = Instance(f"instance-{self._named}", runs_from)
        self._instances.append(instance)
        return instance

    def _run(self, instance: Instance) -> None:
        instance.running = True
        self._running += 1
        self.load.started(instance.name)

    def _stop(self, instance: Instance) -> None:
        self._instances.remove(instance)
        self._running -= 1
        self._draining.append(instance)
        self.load.stopping(instance.name, lambda cut: self._draining.remove(instance))

    def _speed(self, instance: Instance, now: int) -> float:
        """Share of its rate that an instance has in a tick."""
        age_s = (now - instance.runs_from) * self.fleet.tick_s
        if not instance.running:
            return 0.0
        if age_s >= self.warm_up_s:
            return 1.0
        return self.cold_share + (1 - self.cold_share) * age_s / self.warm_up_s

    # decisions ----------------------------------------------------------------------------

    def _decide(self, policy: Policy, now: int) -> int | None:
        """Instances wanted, None for no change or when it is too soon for one."""
        seen = self._ticks[-self._rules.window :]
        mean = sum(tick.load for tick in seen) / len(seen)
        if isinstance(policy, OwnPolicy):
            wanted = policy.decide(self._reading(seen, mean))
            wanted = v.count("Autoscaler", "policy.decide(reading)", wanted, minimum=0)
            return min(wanted, self.fleet.max_instances)
        return decide(
            self._rules,
            mean=mean,
            running=self.running,
            have=len(self._instances),
            since_out=now - self._last_out,
            since_change=now - max(self._last_out, self._last_in),
        )

    def _reading(self, seen: list[Tick], mean: float) -> Reading:
        tick_s = self.fleet.tick_s
        return Reading(
            time_s=len(self._ticks) * tick_s,
            running=self.running,
            starting=self.starting,
            load=mean,
            demand_per_s=sum(tick.demand for tick in seen) / (len(seen) * tick_s),
            backlog=seen[-1].backlog,
        )
