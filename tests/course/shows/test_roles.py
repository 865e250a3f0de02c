"""The show of roles: boxes and writes are what the store says."""

from scalelab.course.shows.roles import show_roles
from scalelab.course.stage import Stage
from scalelab.fakes.replication.replicated_store import ReplicatedStore


def played(*, fencing=True):
    stage = Stage()
    store = ReplicatedStore(stage.clock, replicas=1, fencing=fencing)
    show_roles(stage, store, ["ann", "bob"])
    for time_s in (1.0, 2.0, 5.0):
        stage.clock.schedule_at(
            time_s, lambda: store.submit_put("k", 1, lambda _: None, lambda _: None)
        )
    stage.clock.schedule_at(1.5, lambda: store.network.cut("node0", "node1"))
    stage.clock.schedule_at(3.0, lambda: store.failover.crash("node0"))
    stage.clock.schedule_at(4.0, lambda: store.failover.promote("node1", allow_loss=True))
    stage.clock.schedule_at(6.0, lambda: store.failover.restart("node0"))
    return stage, stage.run(8.0)


def test_each_confirmed_write_is_counted_once_and_moves_when_it_is_lost():
    stage, trace = played()
    ends = {name: trace.count(name, trace.end_ms) for name in ("confirmed", "lost")}
    assert ends == {"confirmed": 2, "lost": 1} == stage.books[-1][1]
    for ms, books in stage.books:
        assert {name: trace.count(name, ms) for name in books} == books


def test_the_boxes_say_who_is_primary_and_who_is_off():
    _, trace = played()
    said = [(ms, box, text, bad) for ms, box, text, bad in trace.states]
    assert (0, 0, "primary", 0) in said
    assert (3000, 0, "off", 1) in said
    assert (4000, 1, "primary", 0) in said
    assert (6000, 0, "", 0) in said


def test_two_primaries_are_bad():
    stage = Stage()
    store = ReplicatedStore(stage.clock, replicas=1, fencing=False)
    show_roles(stage, store, ["ann", "bob"])
    stage.clock.schedule_at(1.0, lambda: store.network.partition(["node0"], ["node1"]))
    stage.clock.schedule_at(2.0, lambda: store.failover.promote("node1", allow_loss=True))
    trace = stage.run(3.0)
    assert (2000, 0, "primary", 1) in trace.states
    assert (2000, 1, "primary", 1) in trace.states
