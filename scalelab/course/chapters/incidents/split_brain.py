"""The tenth incident: two nodes that both take writes, on the package's replicated store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab.course.chapters.incidents.shop import SECONDS
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import ReplicationError

WRITES_PER_S = 40
CUT_S = 60  # how long the primary is cut off

# What somebody would change: settings of the store, or of who promotes.
SPLIT_FIXES: dict[str, dict[str, Any]] = {
    "fencing": {"fencing": True},
    "a replica confirms each write": {"sync": "receive"},
    "wait 70 s before promoting": {"waits_s": 70},
    "two more replicas": {"replicas": 4},
}


@dataclass(frozen=True, kw_only=True)
class SplitRun:
    """Writers in each second, failed writes in each second, and acknowledged writes lost."""

    writers: list[int]
    failed: list[int]
    lost: int


def split_run(
    seed: int,
    *,
    at_s: int,
    seconds: int = SECONDS,
    cut_s: int = CUT_S,
    waits_s: int = 0,
    replicas: int = 2,
    **store: Any,
) -> SplitRun:
    """Cut the primary off with half of the clients, and promote another node after a wait.

    `store` has further settings of the replicated store: without fencing, and asynchronous, as
    long as nothing else is asked for.
    """
    rng, clock = np.random.default_rng([seed, 7]), VirtualClock()
    network = FakeNetwork(clock, delay_s=0.001)
    settings: dict[str, Any] = {
        "fencing": False,
        "sync": "async",
        "apply_delay_s": 0.005,
        "timeout_s": 0.1,
    }
    nodes = ReplicatedStore(clock, replicas=replicas, network=network, **settings | store)
    network.add(["app0", "app1"])
    others = {f"node{i + 1}" for i in range(replicas)}
    acknowledged: list[set[str]] = [set() for _ in range(seconds)]
    failed, cut, promoted = [0] * seconds, False, False
    for i, time_s in enumerate(np.sort(rng.uniform(0, seconds, WRITES_PER_S * seconds))):
        clock.advance(max(time_s - clock.now_s, 0.0))
        whole = time_s >= at_s + cut_s
        if not cut and time_s >= at_s:
            cut = True
            network.partition({"node0", "app0"}, {*others, "app1"})
        if cut and whole:
            network.heal()
        if cut and not promoted and not whole and time_s >= at_s + waits_s:
            promoted = True
            nodes.failover.promote("node1", allow_loss=True)
        node = "node0" if cut and i % 2 == 0 and not whole else nodes.primary
        try:
            nodes.put(int(rng.integers(200)), i, node=node, client=f"app{i % 2}")
            acknowledged[int(time_s)].add(node)
        except ReplicationError:
            failed[int(time_s)] += 1
    writers = [len(names) for names in acknowledged]
    return SplitRun(writers=writers, failed=failed, lost=len(nodes.lost_writes()))


def split_score(fixes: Iterable[str], seed: int) -> tuple[float, float]:
    """Say whether no acknowledged write was lost, 1 or 0: in a cut, and in one twice as long."""
    changed: dict[str, Any] = {}
    for fix in fixes:
        changed |= SPLIT_FIXES[fix]
    usual, twice = (
        float(split_run(seed, at_s=10, seconds=cut_s + 20, cut_s=cut_s, **changed).lost == 0)
        for cut_s in (CUT_S, 2 * CUT_S)
    )
    return usual, twice
