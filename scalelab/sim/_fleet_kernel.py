"""A fleet of instances, tick by tick. The text runs on lists as well as on arrays."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from scalelab.sim._compiled import Kernel

NONE, STEP, TARGET, OWN = 0, 1, 2, 3  # kinds of policy
RUNNING, STARTING, LAST_OUT, LAST_IN, WANTED = 0, 1, 2, 3, 4  # places in Books.whole
BACKLOG, WINDOW_SUM = 0, 1  # places in Books.flow
NOTHING = -1  # wanted: stay as you are


class Rules(NamedTuple):
    """What does not change during a run; times in ticks, rates in requests a tick."""

    rate: float
    minimum: int
    maximum: int
    queue_limit: float
    saturates: bool
    kind: int
    high: float
    low: float
    add: int
    remove: int
    window: int
    every: int
    cooldown_out: int
    cooldown_in: int


class Books(NamedTuple):
    """What a run reads and writes: an entry a tick, or the state between two calls."""

    demand: Any
    at_least: Any  # its last entry holds from there on
    whole: Any
    flow: Any
    due: Any  # a ring: instances that begin to run at this tick and the next ones
    running: Any
    starting: Any
    backlog: Any
    dropped: Any
    load: Any  # what the sensor says


@Kernel
def _decide(mean, running, have, since_out, since_change, rules):
    # how many instances the mean of the window asks for, unless it is too soon
    wanted = have
    if rules.kind == STEP:
        if mean > rules.high:
            wanted = have + rules.add
        elif mean < rules.low:
            wanted = have - rules.remove
    else:
        # the small allowance keeps 3 × 0.2 / 0.6 from being a little more than 1
        wanted = int(math.ceil(running * mean / rules.high - 1e-9))  # noqa: RUF046, for numba
    if wanted > have and since_out < rules.cooldown_out:
        return NOTHING
    if wanted < have and since_change < rules.cooldown_in:
        return NOTHING
    return max(wanted, 0)


@Kernel
def _order(wanted, now, running, starting, last_out, last_in, place, due):
    # start or stop instances; nothing is stopped while others are starting
    have = running + starting
    if wanted > have:
        due[place - 1] += wanted - have  # a whole start-up from now; the ring is one longer
        starting += wanted - have
        last_out = now
    elif wanted < have and starting == 0:
        running = wanted
        last_in = now
    begun = due[place]
    due[place] = 0
    return running + begun, starting - begun, last_out, last_in


@Kernel
def _advance(first, last, rules, books):
    # all in local names: in an array each tick would wait for the stores of the last one
    demand, at_least, whole, flow, due = books[:5]
    ran, started, waited, dropped, loads = books[5:]
    rate, minimum, maximum, limit = rules[:4]
    window, saturates = rules.window, rules.saturates
    running, starting, wanted = whole[RUNNING], whole[STARTING], whole[WANTED]
    last_out, last_in = whole[LAST_OUT], whole[LAST_IN]
    backlog, window_sum = flow[BACKLOG], flow[WINDOW_SUM]
    reactive = rules.kind == STEP or rules.kind == TARGET
    rest = 0 if rules.kind == NONE else maximum  # where a fleet stays that nobody orders about
    decision = first + rules.every - 1 - first % rules.every
    place, planned = first % len(due), len(at_least) - 1
    for t in range(first, last):
        # 1. order what was decided, but no less than the schedule says, and within bounds
        if wanted == NOTHING:
            wanted = min(running + starting, rest)
        wanted = min(max(wanted, at_least[min(t, planned)], minimum), maximum)
        running, starting, last_out, last_in = _order(
            wanted, t, running, starting, last_out, last_in, place, due
        )
        wanted = NOTHING
        place = place + 1 if place + 1 < len(due) else 0
        # 2. serve what there is, keep the rest in the queue
        capacity = running * rate
        work = backlog + demand[t]
        done = min(work, capacity)
        backlog = min(work - done, limit)
        dropped[t] = work - done - backlog
        # 3. the sensor and its window
        load = (done if saturates else demand[t]) / capacity
        window_sum += load
        if t >= window:
            window_sum -= loads[t - window]
        loads[t] = load
        ran[t] = running
        started[t] = starting
        waited[t] = backlog
        # 4. once in a while, decide
        if reactive and t == decision:
            decision += rules.every
            mean = window_sum / min(t + 1, window)
            out, change = t + 1 - last_out, t + 1 - max(last_out, last_in)
            wanted = _decide(mean, running, running + starting, out, change, rules)
    whole[RUNNING], whole[STARTING], whole[WANTED] = running, starting, wanted
    whole[LAST_OUT], whole[LAST_IN] = last_out, last_in
    flow[BACKLOG], flow[WINDOW_SUM] = backlog, window_sum


@Kernel
def _advance_by(every, last, rules, books):
    # a generator takes rules and books once; a call between any two decisions would each time
    for first in range(0, last, every):
        now = min(first + every, last)
        _advance(first, now, rules, books)
        yield now
