"""A replicated store on the stage: where each record is, and which answers are old."""

import numpy as np
import pytest

from scalelab.course.shows.replicas import show_replicas
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore

HORIZON_S = 12.0


def make(clock, **settings):
    network = FakeNetwork(clock, delay_s=0.15)
    return ReplicatedStore(clock, network=network, **({"retransmit_s": 5.0} | settings))


def drive(store):
    """Write and read at random; returns what came, in the order of its coming."""
    rng, came = np.random.default_rng(1), []
    for i, at_s in enumerate(np.arange(0.2, HORIZON_S - 3, 0.2)):
        if rng.random() < 0.2:
            act = lambda i=i: store.submit_put("k", i, came.append, came.append)  # noqa: E731
        else:
            node = str(rng.choice(store.nodes))
            act = lambda node=node: store.submit_read("k", came.append, came.append, node=node)  # noqa: E731
        store.clock.schedule_at(float(at_s), act)
    return came


CASES = {
    "late": {"replicas": 2, "apply_delay_s": 0.3},
    "busy": {"replicas": 3, "apply_work_s": 0.4},
    "synchronous": {"replicas": 2, "sync": "receive", "apply_delay_s": 0.3},
    "sent again": {"replicas": 1, "retransmit_s": 0.2},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_the_picture_counts_what_the_store_counts_and_changes_nothing(settings):
    stage = Stage()
    watched = make(stage.clock, **settings)
    show_replicas(stage, watched)
    came = drive(watched)
    trace = stage.run(HORIZON_S)
    wrong = [
        (ms, name, number)
        for ms, numbers in dict(stage.books).items()
        for name, number in numbers.items()
        if trace.count(name, ms) != number
    ]
    assert wrong == []
    clock = VirtualClock()
    alone = make(clock, **settings)
    expected = drive(alone)
    clock.run(HORIZON_S)
    assert came == expected
    ends = {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}
    writes = len(alone.acknowledged_writes())
    assert ends["writes acknowledged"] == writes > 5
    assert ends["applied"] + ends["received, not applied"] == writes * settings["replicas"]


def test_old_answers_are_counted_and_clients_have_their_boxes():
    stage = Stage()
    store = make(stage.clock, replicas=1, apply_delay_s=2.0)
    show_replicas(stage, store, ("ann", "bob"))
    stage.clock.schedule_at(
        0.1, lambda: store.submit_put("k", 1, lambda _: 0, lambda _: 0, client="ann")
    )
    for at_s, client in ((1.0, "bob"), (4.0, "bob")):
        stage.clock.schedule_at(
            at_s,
            lambda c=client: store.submit_read(
                "k", lambda _: 0, lambda _: 0, node="node1", client=c
            ),
        )
    trace = stage.run(6.0)
    assert {"ann", "bob", "primary", "replica 1"} == {box.label for box in trace.picture.boxes}
    counted = {c: trace.count(c, 6_000) for c in trace.counters}
    assert (counted["stale reads"], counted["fresh reads"]) == (1, 1)
    ends = [trace.picture.places[steps[-1][1]].name for steps in trace.steps]
    assert "ann, writes acknowledged" in ends
    assert "bob, stale reads" in ends


def test_a_new_primary_is_named():
    stage = Stage()
    store = make(stage.clock, replicas=2)
    show_replicas(stage, store)
    stage.at(1.0, "node0 dies.", lambda: store.failover.crash("node0"))
    stage.at(1.5, "", lambda: store.failover.promote("node1", allow_loss=True))
    trace = stage.run(3.0)
    assert "primary now" in [text for _, _, text, _ in trace.states]
