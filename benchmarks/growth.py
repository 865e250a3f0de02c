"""Cost against size: time and memory of each simulator from ten thousand to a hundred million."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.caches import simulate_cache
from scalelab.sim.closed import closed_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.load_balancing import balanced_run
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.miss_ratio_curve import lru_curve
from scalelab.sim.pool import pool_waits_s
from scalelab.sim.queue import queue_waits_s
from scalelab.sim.quorum import quorum_staleness
from scalelab.sim.rendezvous import RendezvousPlacement
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.workloads.popularity import KeySampler, zipf_popularity

SIZES = tuple(10**power for power in range(4, 9))
LONGEST_S = 30.0  # a size that would take longer is left out
KEYS, SEED = 1_000_000, 20260101
GIB = 2**30


def jobs() -> dict[str, Callable[[int], tuple[Callable[[], object], int]]]:
    """Each simulator: a function from n to the job, and the bytes of its input."""
    ring, jump = HashRing(range(100)), JumpPlacement(100)
    placements = {
        "ring lookup, 100 nodes": ring,
        "jump lookup": jump,
        "rendezvous lookup, 100 nodes": RendezvousPlacement(range(100)),
        "Maglev lookup": MaglevPlacement(range(100)),
    }
    policies = ("lru", "fifo", "clock", "sieve", "s3-fifo", "lfu", "2q", "arc", "w-tinylfu")
    found: dict[str, Callable[[int], tuple[Callable[[], object], int]]] = {
        "queue, 8 servers": lambda n: _on(_line(n), lambda a, s: queue_waits_s(a, s, 8)),
        "queue, 1 server": lambda n: _on(_line(n, 1), queue_waits_s),
        "pool of 8 with timeout": lambda n: _on(_line(n), lambda a, s: pool_waits_s(a, s, 8, 0.2)),
        "closed loop, 10 customers": lambda n: _on(
            tuple(np.random.default_rng(SEED).exponential(1.0, (2, n))),
            lambda think, s: closed_run(think, s, 10, 4),
        ),
        "load balancer, 8 servers": lambda n: _on(_line(n), _balanced),
        "Zipf draws": lambda n: (partial(_sampler().draw, n, rng=_rng()), 0),
        "whole LRU curve": lambda n: _on((_trace(n),), lru_curve),
    }
    for policy in policies:
        found[f"{policy} cache, 10 % of the keys"] = lambda n, p=policy: _on(
            (_trace(n),), partial(simulate_cache, capacity=KEYS // 10, policy=p)
        )
    for name, placement in placements.items():
        found[name] = lambda n, p=placement: _on((_rng().integers(0, 2**62, n),), p.place)
    found["quorum, 3 replicas"] = lambda n: (partial(_quorum, n), 0)
    found["autoscaling tick"] = lambda n: _on((np.full(n, 500.0),), _scaled)
    return found


def rows() -> Iterator[dict[str, str]]:
    """One line for each simulator and size: nanoseconds and bytes an item, and the peak."""
    for name, make in jobs().items():
        last_s = 0.0
        for n in SIZES:
            if last_s * 10 > LONGEST_S:
                break
            job, given = make(n)
            if n == SIZES[0]:
                job()  # compile
            seconds, peak = _measured(job)
            last_s = seconds
            yield {
                "simulator": name,
                "n": f"{n:.0e}",
                "ns": f"{1e9 * seconds / n:.2f}",
                "bytes": f"{peak / n:.1f}",
                "peak": f"{(peak + given) / GIB:.3f}",
            }
            del job


def _measured(job: Callable[[], object]) -> tuple[float, int]:
    """Seconds, and the most bytes that the job itself held at once."""
    start = time.perf_counter()
    job()
    seconds = time.perf_counter() - start
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak


def _on(inputs: tuple[np.ndarray, ...], run: Callable) -> tuple[Callable[[], object], int]:
    return partial(run, *inputs), sum(array.nbytes for array in inputs)


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _line(n: int, servers: int = 8) -> tuple[np.ndarray, np.ndarray]:
    arrivals = _rng().exponential(1 / (0.9 * servers), n)
    np.cumsum(arrivals, out=arrivals)
    return arrivals, np.random.default_rng(SEED + 1).exponential(1.0, n)


def _sampler() -> KeySampler:
    return KeySampler(zipf_popularity(KEYS, 1.0))


def _trace(n: int) -> np.ndarray:
    return _sampler().draw(n, rng=_rng())


def _balanced(arrivals: np.ndarray, services: np.ndarray) -> object:
    return balanced_run(arrivals, services, 8, "least_connections", rng=_rng())


def _scaled(demand: np.ndarray) -> object:
    fleet = Fleet(rate_per_s=100, startup_s=120, min_instances=2, max_instances=60)
    return fleet_run(demand, fleet, TargetPolicy(target=0.6, window_s=60, every_s=15))


def _quorum(n: int) -> object:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        return rng.exponential(0.01, shape)

    return quorum_staleness(
        3, 1, 1, write=draw, acknowledge=draw, read=draw, respond=draw, trials=n, rng=_rng()
    )
