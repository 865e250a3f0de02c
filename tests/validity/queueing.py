"""Queues and pools: text books, matrix solutions, simpy."""

import math

import numpy as np
import simpy
from support.validity import Case

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.closed_queue import machine_repairman
from scalelab.models.erlang import erlang_c, mmc_mean_wait_s
from scalelab.models.finite_queues import mmc_abandonment
from scalelab.models.usl import usl_capacity
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s


def stationary(births, deaths):
    """Shares of a birth-death chain, from its balance equations as a linear system."""
    generator = np.diag(births, 1) + np.diag(deaths, -1)
    generator -= np.diag(generator.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(births) + 1)])
    return np.linalg.lstsq(equations, np.append(np.zeros(len(births) + 1), 1.0))[0]


def simpy_mean_wait(arrivals, services, servers):
    env, waits = simpy.Environment(), []
    desk = simpy.Resource(env, servers)

    def request(arrival, service):
        yield env.timeout(arrival)
        with desk.request() as turn:
            yield turn
            waits.append(env.now - arrival)
            yield env.timeout(service)

    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        env.process(request(arrival, service))
    env.run()
    return float(np.mean(waits))


def patient_share(rate, service, servers, patience):
    """Share that gives up in M/M/c+D: the density of the offered wait, integrated by hand."""
    load = rate / service
    below = [load**k / math.factorial(k) for k in range(servers)]
    growth = rate - servers * service
    last = rate * below[-1]
    waiting = last * (math.exp(growth * patience) - 1) / growth
    lost = last * math.exp(growth * patience) / (servers * service)
    return lost / (sum(below) + waiting + lost)


RNG = np.random.default_rng(20260101)
ARRIVALS, SERVICES = poisson_arrivals_s(3.2, 3_000, rng=RNG), exponential_times_s(1, 3_000, rng=RNG)
REPAIR = stationary([(6 - n) / 2.0 for n in range(6)], [min(n, 2) for n in range(1, 7)])

CASES = [
    Case(
        model="Erlang C",
        authority="by hand: 4/9",
        case="2 erlang, 3 servers",
        ours=lambda: erlang_c(2, 1, 3),
        theirs=4 / 9,
        tolerance=1e-12,
    ),
    Case(
        model="M/M/c mean wait",
        authority="Harchol-Balter 2013, ch. 14: C/(cμ − λ) with C by its sum",
        case="20 erlang, 24 servers of rate 1",
        ours=lambda: mmc_mean_wait_s(20, 1, 24),
        theirs=lambda: (
            (top := 20**24 / math.factorial(24) / (1 - 20 / 24))
            / (sum(20**k / math.factorial(k) for k in range(24)) + top)
            / 4
        ),
        tolerance=1e-10,
    ),
    Case(
        model="M/M/c with patience",
        authority="Zeltyn and Mandelbaum 2005, in sums",
        case="λ = 12, μ = 1, 10 servers, patience 0.5",
        ours=lambda: mmc_abandonment(12, 1, 10, 0.5).abandon_probability,
        theirs=lambda: patient_share(12.0, 1.0, 10, 0.5),
        tolerance=1e-9,
    ),
    Case(
        model="Machine repairman",
        authority="balance equations, numpy.linalg.lstsq",
        case="6 customers, think 2 s, service 1 s, 2 servers",
        ours=lambda: machine_repairman(6, 2.0, 1.0, 2).throughput_per_s,
        theirs=lambda: sum(share * min(n, 2) for n, share in enumerate(REPAIR)),
        tolerance=1e-9,
    ),
    Case(
        model="G/G/c simulator, mean wait",
        authority="simpy on the same arrays",
        case="3,000 requests, load 0.8, 4 servers",
        ours=lambda: queue_waits_s(ARRIVALS, SERVICES, 4).mean(),
        theirs=lambda: simpy_mean_wait(ARRIVALS, SERVICES, 4),
        tolerance=1e-9,
    ),
    Case(
        model="Amdahl's law",
        authority="Hennessy and Patterson 2017, sec. 1.9: 1.5625 for 40 % made 10 times faster",
        case="serial share 0.6, 10 workers",
        ours=lambda: amdahl_speedup(10, 0.6),
        theirs=1.5625,
        tolerance=1e-12,
    ),
    Case(
        model="Universal scalability law",
        authority="Gunther 2007, ch. 4: without coherency it is Amdahl's law",
        case="σ = 0.1, κ = 0, 20 workers: 20/2.9",
        ours=lambda: usl_capacity(20, 0.1, 0.0),
        theirs=20 / 2.9,
        tolerance=1e-12,
    ),
]
