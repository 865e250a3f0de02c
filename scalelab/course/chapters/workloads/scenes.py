"""Scene of the chapter on workloads: a read goes to one copy, a write to all."""

from __future__ import annotations

from functools import partial

import numpy as np

from scalelab.course.shows.replicas import show_replicas
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.workloads.operations import write_flags

MIXES = {"9 reads to a write": 0.1, "as many writes as reads": 0.5}
OPERATIONS = 40


def same_number_of_requests(stage: Stage, write_share: float) -> None:
    """Send forty requests to a primary and three replicas, a share of them writes."""
    network = FakeNetwork(stage.clock, delay_s=0.3)
    store = ReplicatedStore(
        stage.clock, replicas=3, network=network, apply_work_s=0.15, retransmit_s=5.0
    )
    show_replicas(stage, store)
    writes = write_flags(OPERATIONS, write_share, rng=np.random.default_rng(4))
    for i, is_write in enumerate(writes):
        if is_write:
            send = partial(store.submit_put, f"row {i}", "new", _nothing, _nothing)
        else:
            replica = store.replicas[i % 3]
            send = partial(store.submit_read, "row 0", _nothing, _nothing, node=replica)
        stage.clock.schedule_at(0.5 + 0.3 * i, send)
    stage.at(0.2, "Each read goes to one replica, the next in turn.")
    stage.at(2.0, "Each write goes to the primary, and from there to all three.")
    stage.at(13.5, "Forty requests. Count the records that the replicas had to apply.")


def _nothing(_: object) -> None:
    pass


SCENES = ((same_number_of_requests, MIXES, 15.0),)
