"""A day of autoscaling beside the same loop on lists, and a load balancer beside simpy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import simpy

from benchmarks.engines import engines
from benchmarks.rounds import Case, Contender
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.load_balancing import balanced_run
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.workloads.demand import daily_rate_per_s, flash_crowd_per_s, noisy_rate_per_s

TICKS = 86_400
FLEET = Fleet(rate_per_s=100, startup_s=120, min_instances=2, max_instances=60)
POLICY = TargetPolicy(target=0.6, window_s=60, every_s=15, cooldown_out_s=60, cooldown_in_s=300)
REQUESTS, FOR_SIMPY, SERVERS, LOAD = 1_000_000, 10_000, 8, 0.9
SEED = 20260101


def cases() -> Iterator[Case]:
    """Yield the day and the balancer."""
    demand = day()
    yield Case(
        title=f"A day of {TICKS:,} ticks, target tracking",
        contenders=(
            *engines("fleet_run", lambda: fleet_run(demand, FLEET, POLICY).backlog, TICKS),
            Contender(name="a loop on lists", run=partial(on_lists, demand), requests=TICKS),
        ),
    )
    streams = np.random.default_rng(SEED).spawn(3)
    arrivals = np.cumsum(streams[0].exponential(1 / (LOAD * SERVERS), REQUESTS))
    services = streams[1].exponential(1.0, REQUESTS)
    run = partial(balanced_run, arrivals, services, SERVERS, "least_connections", rng=streams[2])
    yield Case(
        title=f"{SERVERS} servers, load {LOAD}, fewest connections",
        contenders=(
            *engines("balanced_run", lambda: run().wait_s, REQUESTS),
            Contender(
                name="simpy",
                run=partial(simpy_waits, arrivals[:FOR_SIMPY], services[:FOR_SIMPY]),
                requests=FOR_SIMPY,
            ),
        ),
    )


def day() -> np.ndarray:
    """Return the demand of a day with a flash crowd at noon."""
    ticks = np.arange(TICKS, dtype=float)
    rate = daily_rate_per_s(ticks, 600, peak_over_mean=1.6)
    crowd = flash_crowd_per_s(ticks, 1, 500, start_s=TICKS / 2, ramp_s=60, decay_s=1_800)
    return noisy_rate_per_s(rate + crowd, 1.0, rng=np.random.default_rng(SEED))


def on_lists(demand: np.ndarray) -> list[float]:
    """Run the day as one would write it in Python: local names, lists, no function calls."""
    ticks, startup = len(demand), int(FLEET.startup_s)
    window, every = int(POLICY.window_s), int(POLICY.every_s)
    due, loads, backlogs = [0] * (ticks + startup + 1), [0.0] * ticks, [0.0] * ticks
    running, starting, wanted = FLEET.min_instances, 0, -1
    last_out = last_in = -int(POLICY.cooldown_in_s)
    backlog = total = 0.0
    for t, arriving in enumerate(demand.tolist()):
        have = running + starting
        goal = min(max(have if wanted < 0 else wanted, FLEET.min_instances), FLEET.max_instances)
        if goal > have:
            due[t + startup] += goal - have
            starting += goal - have
            last_out = t
        elif goal < have and starting == 0:
            running, last_in = goal, t
        running += due[t]
        starting -= due[t]
        wanted = -1
        capacity = running * FLEET.rate_per_s
        work = backlog + arriving
        done = work if work < capacity else capacity
        backlog = backlogs[t] = work - done
        total += (load := done / capacity)
        loads[t] = load
        if t >= window:
            total -= loads[t - window]
        if (t + 1) % every == 0:
            mean = total / min(t + 1, window)
            asked = math.ceil(running * mean / POLICY.target - 1e-9)
            since = t + 1 - max(last_out, last_in)
            grow = asked > running + starting and t + 1 - last_out >= POLICY.cooldown_out_s
            if grow or (asked < running + starting and since >= POLICY.cooldown_in_s):
                wanted = asked
    return backlogs


def simpy_waits(arrivals: np.ndarray, services: np.ndarray) -> np.ndarray:
    """One process a request; it looks at every line, in turn among equals."""
    env, waits = simpy.Environment(), np.empty(arrivals.size)
    desks = [simpy.Resource(env, 1) for _ in range(SERVERS)]

    def request(i, arrival, service):
        order = [(i + j) % SERVERS for j in range(SERVERS)]
        desk = desks[min(order, key=lambda d: desks[d].count + len(desks[d].queue))]
        with desk.request() as turn:
            yield turn
            waits[i] = env.now - arrival
            yield env.timeout(service)

    def source():
        for i, (arrival, service) in enumerate(
            zip(arrivals.tolist(), services.tolist(), strict=True)
        ):
            yield env.timeout(arrival - env.now)
            env.process(request(i, arrival, service))

    env.process(source())
    env.run()
    return waits
