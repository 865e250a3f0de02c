"""The loop around the fleet's kernel: its books, who decides between two calls, its record."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim._compiled import can_compile
from scalelab.sim._fleet_kernel import Books, Rules
from scalelab.sim._scaling_rules import in_ticks
from scalelab.sim.fleet import Fleet, FleetRun, IntArray
from scalelab.sim.scaling_policies import OwnPolicy, Policy, Reading

# Takes how many ticks at a time and how many in all, and gives after each stretch where it is.
Stretches = Callable[[int, int], Iterator[int]]


def check_fleet(
    function: str,
    fleet: Fleet,
    policy: Policy | None,
    argument: str,
    rate_per_s: ArrayLike,
    at_least: ArrayLike | None,
) -> tuple[v.FloatArray, IntArray]:
    """Return rates and schedule, an entry a tick; refuse in the name of `function`."""
    if not isinstance(fleet, Fleet):
        v.refuse(function, "fleet", "be a Fleet", fleet)
    if policy is not None and not isinstance(policy, Policy):
        v.refuse(function, "policy", "be a StepPolicy, a TargetPolicy or an OwnPolicy", policy)
    rates = v.vector(function, argument, rate_per_s)
    v.non_negative(function, argument, rates)
    floor = np.zeros(1, np.int32) if at_least is None else _whole(function, at_least, rates.size)
    return rates, floor


def _whole(function: str, at_least: ArrayLike, length: int) -> IntArray:
    values = v.non_negative(function, "at_least", at_least)
    if values.shape != (length,):
        v.refuse(function, "at_least", f"have shape ({length},)", values.shape)
    whole = values.astype(np.int32)
    if (whole != values).any():
        v.refuse(function, "at_least", "be whole numbers", values[whole != values][0])
    return whole


def empty_books(demand: v.FloatArray, floor: IntArray, fleet: Fleet, rules: Rules) -> Books:
    """Return the books of a run that has not begun; lists where nothing is compiled."""
    number = demand.size
    long_ago = -max(rules.cooldown_out, rules.cooldown_in)
    whole = np.array([fleet.min_instances, 0, long_ago, long_ago, kernel.NOTHING])
    books = Books(
        demand=demand,
        at_least=floor,
        whole=whole,
        flow=np.zeros(2),
        due=np.zeros(min(in_ticks(fleet, fleet.startup_s), number) + 1, np.int32),
        running=np.zeros(number, np.int32),
        starting=np.zeros(number, np.int32),
        backlog=np.zeros(number),
        dropped=np.zeros(number),
        load=np.zeros(number),
    )
    return books if can_compile() else Books(*(entries.tolist() for entries in books))


def run_fleet(
    function: str,
    policy: Policy | None,
    rules: Rules,
    books: Books,
    fleet: Fleet,
    stretches: Stretches,
) -> None:
    """Run to the end: at once, or from one decision to the next where a caller's code decides."""
    last = len(books.demand)
    every = rules.every if isinstance(policy, OwnPolicy) else last
    steps = stretches(every, last)
    try:
        for now in steps:
            if now == last or not isinstance(policy, OwnPolicy):
                return
            reading = _reading(now, rules, books, fleet)
            wanted = v.count(function, "policy.decide(reading)", policy.decide(reading), minimum=0)
            books.whole[kernel.WANTED] = min(wanted, fleet.max_instances)
    finally:
        deque(steps, maxlen=0)  # a compiled generator lets its arrays go at its end, not before


def _reading(now: int, rules: Rules, books: Books, fleet: Fleet) -> Reading:
    begin = max(0, now - rules.window)
    demand = books.demand[begin:now]
    return Reading(
        time_s=now * fleet.tick_s,
        running=int(books.whole[kernel.RUNNING]),
        starting=int(books.whole[kernel.STARTING]),
        load=float(books.flow[kernel.WINDOW_SUM]) / (now - begin),
        demand_per_s=float(sum(demand)) / ((now - begin) * fleet.tick_s),
        backlog=float(books.flow[kernel.BACKLOG]),
    )


def run_of(fleet: Fleet, demand: v.FloatArray, books: Books) -> FleetRun:
    """Return the record of a run that is over."""
    return FleetRun(
        fleet=fleet,
        demand=demand,
        running=np.asarray(books.running, np.int32),
        starting=np.asarray(books.starting, np.int32),
        backlog=np.asarray(books.backlog),
        dropped=np.asarray(books.dropped),
        load=np.asarray(books.load),
    )
