"""The tenth incident: two nodes that both take writes, on the package's replicated store."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalelab.course.chapters.incidents.shop import SECONDS
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import ReplicationError

WRITES_PER_S = 40
HEALED_S = 60  # seconds after the cut


@dataclass(frozen=True, kw_only=True)
class SplitRun:
    """Writers in each second, failed writes in each second, and acknowledged writes lost."""

    writers: list[int]
    failed: list[int]
    lost: int


def split_run(seed: int, *, at_s: int, seconds: int = SECONDS, fencing: bool = False) -> SplitRun:
    """Cut the primary off with half of the clients, and promote another node meanwhile.

    With fencing a node that does not reach the majority takes no writes.
    """
    rng, clock = np.random.default_rng([seed, 7]), VirtualClock()
    network = FakeNetwork(clock, delay_s=0.001)
    store = ReplicatedStore(
        clock,
        replicas=2,
        network=network,
        fencing=fencing,
        sync="async",
        apply_delay_s=0.005,
        timeout_s=0.1,
    )
    network.add(["app0", "app1"])
    acknowledged: list[set[str]] = [set() for _ in range(seconds)]
    failed, cut = [0] * seconds, False
    for i, time_s in enumerate(np.sort(rng.uniform(0, seconds, WRITES_PER_S * seconds))):
        clock.advance(max(time_s - clock.now_s, 0.0))
        if not cut and time_s >= at_s:
            cut = True
            network.partition({"node0", "app0"}, {"node1", "node2", "app1"})
            store.failover.promote("node1", allow_loss=True)
        if cut and time_s >= at_s + HEALED_S:
            network.heal()
        old = cut and i % 2 == 0 and time_s < at_s + HEALED_S
        node = "node0" if old else store.primary
        try:
            store.put(int(rng.integers(200)), i, node=node, client=f"app{i % 2}")
            acknowledged[int(time_s)].add(node)
        except ReplicationError:
            failed[int(time_s)] += 1
    return SplitRun(
        writers=[len(nodes) for nodes in acknowledged], failed=failed, lost=len(store.lost_writes())
    )
