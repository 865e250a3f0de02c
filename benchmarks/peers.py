"""The same jobs in simpy and in ciw: arrays in, waits out, so that results can be compared."""

from __future__ import annotations

import math

import ciw
import numpy as np
import simpy


def simpy_waits(
    arrivals: np.ndarray, services: np.ndarray, servers: int, timeout: float = math.inf
) -> np.ndarray:
    """Make one process per request; a timer where patience has an end."""
    env = simpy.Environment()
    desk = simpy.Resource(env, servers)
    waits = np.empty(arrivals.size)

    def request(i, arrival, service):
        with desk.request() as turn:
            yield turn if timeout == math.inf else turn | env.timeout(timeout)
            waits[i] = env.now - arrival
            if turn.triggered:
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


def simpy_closed_waits(
    thinks: np.ndarray, services: np.ndarray, customers: int, servers: int
) -> np.ndarray:
    """One process per customer; draws are handed out in order of arrival."""
    env = simpy.Environment()
    desks = simpy.Resource(env, servers)
    waits: list[float] = []
    draws, work = thinks.tolist(), services.tolist()

    def customer(think):
        while True:
            yield env.timeout(think)
            k, arrival = len(waits), env.now
            waits.append(math.nan)
            with desks.request() as turn:
                yield turn
                waits[k] = env.now - arrival
                yield env.timeout(work[k])
            if k + customers >= len(draws):
                return
            think = draws[k + customers]

    for think in draws[:customers]:
        env.process(customer(think))
    env.run()
    return np.array(waits)


class InOrder(ciw.dists.Distribution):
    """These values one after another; ciw's own copies an iterator, which Python 3.14 refuses."""

    def __init__(self, values: list[float]) -> None:
        self.values = values
        self.drawn = 0

    def sample(self, t=None, ind=None):
        """Return the next value, whoever asks."""
        self.drawn += 1
        return self.values[self.drawn - 1]


class OwnServiceTime(ciw.dists.Distribution):
    """Each individual brings its service time along, so that who gives up takes it away."""

    def __init__(self, services: np.ndarray) -> None:
        self.services = services.tolist()

    def sample(self, t=None, ind=None):
        """Service time of the individual, whatever the time."""
        return self.services[ind.id_number - 1]


def ciw_waits(
    arrivals: np.ndarray, services: np.ndarray, servers: int, timeout: float = math.inf
) -> np.ndarray:
    """Build a network of one node, with reneging where patience has an end."""
    gaps = [*np.diff(arrivals, prepend=0.0).tolist(), math.inf]
    patience = {}
    if timeout != math.inf:
        patience = {"reneging_time_distributions": [ciw.dists.Deterministic(timeout)]}
    network = ciw.create_network(
        arrival_distributions=[InOrder(gaps)],
        service_distributions=[OwnServiceTime(services)],
        number_of_servers=[servers],
        **patience,
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_time(float(arrivals[-1] + services.sum()))
    waits = np.empty(arrivals.size)
    for record in run.get_all_records():
        waits[record.id_number - 1] = record.waiting_time
    return waits
