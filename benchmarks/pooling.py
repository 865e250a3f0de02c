"""Queue, pool with a timeout, closed loop: the simulators of the chapter on pooling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.engines import engines
from benchmarks.peers import ciw_waits, simpy_closed_waits, simpy_waits
from benchmarks.rounds import Case, Contender
from scalelab.sim.closed import closed_run
from scalelab.sim.pool import pool_waits_s
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s

REQUESTS, FOR_SIMPY, FOR_CIW = 1_000_000, 20_000, 8_000
SERVERS, LOAD, TIMEOUT_S = 8, 0.9, 0.2
CUSTOMERS = 10
SEED = 20260101


def peer(name: str, run: Callable[..., np.ndarray], requests: int, *inputs) -> Contender:
    """Give a peer the first requests of each array, and all other inputs as they are."""
    cut = [x[:requests] if isinstance(x, np.ndarray) else x for x in inputs]
    return Contender(name=name, run=lambda: run(*cut), requests=requests)


def cases() -> list[Case]:
    """Every case, with its arrays."""
    streams = np.random.default_rng(SEED).spawn(4)
    services = exponential_times_s(1.0, REQUESTS, rng=streams[0])
    busy = poisson_arrivals_s(LOAD * SERVERS, REQUESTS, rng=streams[1])
    single = poisson_arrivals_s(LOAD, REQUESTS, rng=streams[2])
    thinks = exponential_times_s(1.0, REQUESTS, rng=streams[3])
    return [
        Case(
            title=f"M/M/{SERVERS} queue, load {LOAD}",
            contenders=(
                *engines("queue_waits_s", lambda: queue_waits_s(busy, services, SERVERS), REQUESTS),
                peer("simpy", simpy_waits, FOR_SIMPY, busy, services, SERVERS),
                peer("ciw", ciw_waits, FOR_CIW, busy, services, SERVERS),
            ),
        ),
        Case(
            title=f"M/M/1 queue, load {LOAD}",
            contenders=(
                *engines("queue_waits_s", lambda: queue_waits_s(single, services), REQUESTS),
                peer("simpy", simpy_waits, FOR_SIMPY, single, services, 1),
                peer("ciw", ciw_waits, FOR_CIW, single, services, 1),
            ),
        ),
        Case(
            title=f"Pool of {SERVERS}, load {LOAD}, acquire timeout {TIMEOUT_S} s",
            contenders=(
                *engines(
                    "pool_waits_s",
                    lambda: pool_waits_s(busy, services, SERVERS, TIMEOUT_S).wait_s,
                    REQUESTS,
                ),
                peer("simpy", simpy_waits, FOR_SIMPY, busy, services, SERVERS, TIMEOUT_S),
                peer("ciw", ciw_waits, FOR_CIW, busy, services, SERVERS, TIMEOUT_S),
            ),
        ),
        Case(
            title=f"Closed loop, {CUSTOMERS} customers, 4 servers",
            contenders=(
                *engines(
                    "closed_run",
                    lambda: closed_run(thinks, services, CUSTOMERS, 4).wait_s,
                    REQUESTS,
                ),
                # of more requests than are compared: customers leave where the arrays end
                Contender(
                    name="simpy",
                    run=lambda: simpy_closed_waits(
                        thinks[: FOR_SIMPY + CUSTOMERS],
                        services[: FOR_SIMPY + CUSTOMERS],
                        CUSTOMERS,
                        servers=4,
                    )[:FOR_SIMPY],
                    requests=FOR_SIMPY,
                ),
            ),
        ),
    ]
