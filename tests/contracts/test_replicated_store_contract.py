"""What the fake of a replicated store and the real servers have in common."""

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.log import START
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import (
    NotPrimaryError,
    VersionConflictError,
)
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    CausalToken,
    PinAfterWrite,
    PrimaryOnly,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.real.postgres_store import PostgresStore
from scalelab.real.supervised import RealComponentError

DELAY_S = 0.15


@pytest.fixture(scope="module", params=["fake", "postgres"])
def store(request):
    """A store whose replicas apply what they have received 150 ms late."""
    if request.param == "fake":
        yield ReplicatedStore(VirtualClock(), replicas=2, apply_delay_s=DELAY_S)
        return
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    try:
        made = PostgresStore(replicas=2, apply_delay_s=DELAY_S)
    except RealComponentError as error:
        pytest.skip(str(error))
    with made:
        yield made


def test_a_write_is_at_once_on_the_primary_and_later_on_the_replicas(store):
    write = store.put("late", "new")
    assert (write.key, write.value, write.version, write.node) == ("late", "new", 1, "node0")
    assert store.get("late") == "new"
    assert store.get("late", node="node1") is None
    assert not store.has_applied("node1", write.position)
    assert store.applied("node1") < write.position <= store.applied("node0")
    store.clock.advance(3 * DELAY_S)
    assert store.get("late", node="node1") == "new"
    assert store.has_applied("node1", write.position)
    assert store.applied("node1") >= write.position
    assert store.has_applied("node2", START)


def test_a_read_waits_for_a_position(store):
    write = store.put("token", "new")
    read = store.read("token", node="node2", at_least=write.position)
    assert (read.value, read.version, read.node) == ("new", 1, "node2")
    assert read.position >= write.position


def test_versions_count_the_writes_of_a_key(store):
    first = store.put("count", "a")
    second = store.put("count", "b")
    assert (first.version, second.version) == (1, 2)
    assert first.position < second.position
    assert store.version_of("count") == 2
    assert store.delete("count").version == 3
    assert store.get("count") is None
    assert store.version_of("never") == 0


def test_compare_and_set(store):
    assert store.put("cas", "a", expected_version=0).version == 1
    with pytest.raises(VersionConflictError):
        store.put("cas", "b", expected_version=0)
    assert store.put("cas", "b", expected_version=1).version == 2
    with pytest.raises(VersionConflictError):
        store.put("cas", "c", expected_version=1)
    with pytest.raises(VersionConflictError):
        store.put("unknown", "c", expected_version=1)
    assert store.get("cas") == "b"


def test_a_replica_takes_no_writes(store):
    with pytest.raises(NotPrimaryError):
        store.put("wrong", "x", node="node1")
    assert (store.primary, store.replicas) == ("node0", ("node1", "node2"))
    assert store.nodes == ("node0", "node1", "node2")


@pytest.mark.parametrize("node", ["node9", None, 3])
def test_a_node_that_is_not_there_is_refused(store, node):
    with pytest.raises(ValueError, match=r"node must be one of \['node0', 'node1', 'node2'\]"):
        store.has_applied(node, START)


POLICIES = {
    "any replica": (lambda rng: AnyReplica(rng=rng), False),
    "short pin": (lambda rng: PinAfterWrite(DELAY_S / 50, rng=rng), False),
    "long pin": (lambda rng: PinAfterWrite(20 * DELAY_S, rng=rng), True),
    "token, wait": (lambda rng: WriteToken(rng=rng), True),
    "token, skip": (lambda rng: CausalToken(behind="skip", rng=rng), True),
    "primary": (lambda rng: PrimaryOnly(), True),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_session_reads_its_own_write_or_not(store, name):
    make, promised = POLICIES[name]
    session = Session(store, make(np.random.default_rng(1)), client=name)
    session.put(name, "mine")
    store.clock.advance(DELAY_S / 25)  # past the short pin, and long before the replicas
    assert (session.get(name) == "mine") is promised
    assert session.stats().stale == (not promised)


def test_a_failure_reaches_the_session(store):
    class Wrong(PrimaryOnly):
        def route(self, store):
            raise RuntimeError("the policy's own")

    with pytest.raises(RuntimeError, match="own"):
        Session(store, Wrong(), client="wrong").get("x")
