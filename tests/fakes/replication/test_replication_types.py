"""What requests to a replicated store come to."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication import replication_types as types
from scalelab.fakes.replication.replicated_store import ReplicatedStore

ERRORS = ("StoreTimeout", "NotPrimary", "Fenced", "VersionConflict", "UnsafePromotion")


@pytest.mark.parametrize("name", ERRORS)
def test_one_except_catches_all_that_a_store_refuses(name):
    assert issubclass(getattr(types, f"{name}Error"), types.ReplicationError)


def test_every_request_is_in_one_column_of_the_books():
    store = ReplicatedStore(VirtualClock(), timeout_s=0.5)
    store.put("x", 1)
    store.failover.crash("node0")
    with pytest.raises(types.StoreTimeoutError):
        store.get("x")
    with pytest.raises(types.NotPrimaryError):
        store.put("x", 2, node="node1")
    assert store.stats() == types.RequestStats(
        requested=3, answered=1, refused=1, timed_out=1, pending=0
    )


def test_a_write_says_where_it_stands():
    store = ReplicatedStore(VirtualClock())
    first, second = store.put("x", 1), store.put("x", 2)
    assert first.position < second.position
    assert (first.version, second.version, second.node) == (1, 2, "node0")
