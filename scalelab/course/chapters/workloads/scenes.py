"""Scene of the chapter on workloads: a read goes to one copy, a write to all."""

from __future__ import annotations

from functools import partial

from scalelab.course.shows.replicas import show_replicas
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore

MIXES = {"9 reads to a write": 9, "as many writes as reads": 1}  # reads per write
OPERATIONS = 40


def same_number_of_requests(stage: Stage, reads_per_write: int) -> None:
    """Send forty requests to a primary and three replicas, each write after so many reads."""
    network = FakeNetwork(stage.clock, delay_s=0.3)
    store = ReplicatedStore(
        stage.clock, replicas=3, network=network, apply_work_s=0.15, retransmit_s=5.0
    )
    show_replicas(stage, store)
    for i in range(OPERATIONS):
        if i % (reads_per_write + 1) == reads_per_write:
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
