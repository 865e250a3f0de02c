"""The show of two places: every write stands where the store says that it is."""

import pytest

from scalelab.course.shows.partition import show_partition
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore

CLIENTS = ("ann", "bob")


def played(sync="async"):
    stage = Stage()
    network = FakeNetwork(stage.clock)
    store = ReplicatedStore(stage.clock, replicas=1, network=network, sync=sync, fencing=False)
    network.add(CLIENTS)
    network.set_delay("node0", "node1", 0.2)
    show_partition(stage, store, CLIENTS)

    def put(client, node="node0"):
        store.submit_put("k", 1, lambda _: None, lambda _: None, client=client, node=node)

    stage.clock.schedule_at(1.0, lambda: put("ann"))
    stage.clock.schedule_at(2.0, lambda: network.partition(["node1", "bob"]))
    stage.clock.schedule_at(2.1, lambda: put("bob"))
    stage.clock.schedule_at(2.2, lambda: put("ann"))
    if sync == "async":
        stage.clock.schedule_at(3.0, lambda: store.failover.promote("node1", allow_loss=True))
    return stage, stage.run(5.0)


@pytest.mark.parametrize(
    ("sync", "expected"),
    [
        ("async", {"waiting": 0, "confirmed": 1, "no answer": 1, "lost": 1}),
        ("receive", {"waiting": 0, "confirmed": 1, "no answer": 2, "lost": 0}),
    ],
)
def test_each_write_ends_where_the_store_says(sync, expected):
    stage, trace = played(sync)
    assert {name: trace.count(name, trace.end_ms) for name in trace.counters} == expected
    for ms, books in dict(stage.books).items():
        assert {name: trace.count(name, ms) for name in books} == books


def test_a_record_travels_and_two_primaries_are_bad():
    _, trace = played()
    assert any(look == 5 for *_, look in trace.on_the_way(1_100))
    assert (0, 1, "follows", 0) in trace.states
    assert {(3_000, box, "takes writes", 1) for box in (0, 1)} <= set(trace.states)
