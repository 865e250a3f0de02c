"""Recording any store, with blocking verbs or in event style."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import NotPrimaryError
from scalelab.history.recorder import Recorder
from scalelab.history.session_checks import check_read_your_writes


class Learners:
    """A store as a learner might write it, with one verb missing."""

    def __init__(self, forgets=False):
        self.data, self.forgets = {}, forgets

    def get(self, key):
        return self.data.get(key)

    def put(self, key, value):
        if not self.forgets or value % 3:
            self.data[key] = value


def test_blocking_verbs_are_recorded_in_order():
    recorder, store = Recorder(), Learners()
    ann, bob = recorder.session(store, "ann"), recorder.session(store, "bob")
    ann.put("x", 1)
    assert bob.get("x") == 1
    assert bob.get("y") is None
    assert [str(o) for o in recorder.history()] == [
        "ann: put x = 1",
        "bob: get x → 1",
        "bob: get y → nothing",
    ]
    moments = [t for o in recorder.history() for t in (o.invoked, o.responded)]
    assert moments == sorted(set(moments))


def test_times_and_versions_of_a_store_on_the_clock():
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.010)
    recorder = Recorder(clock)
    session = recorder.session(ReplicatedStore(clock, network=network), "ann")
    session.put("x", "a")
    session.delete("x")
    session.get("x")
    put, delete, get = recorder.history()
    assert (put.invoked_s, put.responded_s) == (0.0, 0.020)
    assert (put.version, delete.version, get.version) == (1, 2, None)
    assert (delete.kind, get.value) == ("delete", None)


def test_operations_of_event_style_overlap():
    clock = VirtualClock()
    recorder = Recorder(clock)
    store = ReplicatedStore(clock, network=FakeNetwork(clock, delay_s=0.010))
    ended = []
    for name in ("ann", "bob"):
        recorder.session(store, name).submit_put("x", name, ended.append, ended.append)
    assert [o.responded for o in recorder.history()] == [None, None]  # under way
    clock.advance(1.0)
    one, two = recorder.history()
    assert len(ended) == 2
    assert two.invoked < one.responded


def test_a_failed_write_may_have_happened_and_a_failed_read_told_nothing():
    clock = VirtualClock()
    store = ReplicatedStore(clock)
    recorder = Recorder(clock, harmless=(NotPrimaryError,))
    session = recorder.session(store, "ann")
    store.failover.crash("node0")
    for act in (lambda: session.put("x", 1), lambda: session.get("x")):
        with pytest.raises(RuntimeError, match="must answer within 1 s"):
            act()
    (write,) = recorder.history()
    assert (write.value, write.responded) == (1, None)
    done = []
    replica = Recorder(clock, harmless=(NotPrimaryError,))
    store.submit_put("x", 2, done.append, replica.begin("bob", "put", "x", 2).failed, node="node1")
    clock.advance(1.0)
    assert len(replica.history()) == 0  # refused for certain


def test_a_learners_bug_is_caught():
    recorder, store = Recorder(), Learners(forgets=True)
    session = recorder.session(store, "ann")
    for value in range(1, 5):
        session.put("x", value)
        session.get("x")
    assert [str(o) for o in check_read_your_writes(recorder.history())] == [
        "ann: put x = 2",
        "ann: put x = 3",
        "ann: get x → 2",
    ]


def test_a_list_that_grows_after_it_was_read_is_remembered_as_it_was():
    recorder, store = Recorder(), Learners()
    session = recorder.session(store, "ann")
    session.put("cart", ["tea"])
    session.get("cart").append("milk")
    put, get = recorder.history()
    assert put.frozen_value == get.frozen_value == (list, ("tea",))
