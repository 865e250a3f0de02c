import contextlib
import itertools
import threading
import time

import pytest

from scalelab.fakes.replication.replication_types import StoreTimeoutError
from scalelab.real import postgres_tools
from scalelab.real.postgres_store import PostgresStore, WallClock

pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")


def test_a_late_replica_that_confirms_may_be_stale_unless_it_has_applied(need_cluster):
    with PostgresStore(replicas=1, sync="receive", apply_delay_s=0.2) as store:
        store.put("x", "new")
        assert store.get("x", node="node1") is None
    with PostgresStore(replicas=1, sync="apply", apply_delay_s=0.2) as store:
        begin_s = store.clock.now_s
        store.put("x", "new")
        assert store.clock.now_s - begin_s >= 0.2
        assert store.get("x", node="node1") == "new"


def test_what_was_on_the_link_is_lost_with_the_primary(need_cluster):
    with PostgresStore(replicas=1, link_rtt_s=0.4) as store:
        store.put("early", "kept")
        store.clock.advance(1.0)

        def write():
            with contextlib.suppress(StoreTimeoutError):
                for i in itertools.count():
                    store.put(f"late {i}", "on the way")

        writer = threading.Thread(target=write)
        writer.start()
        while len(store.acknowledged_writes()) < 20:
            time.sleep(0.001)
        store.crash("node0")
        writer.join()
        store.clock.advance(1.0)  # what was on the link would have come by now
        store.promote("node1")
        lost, written = store.lost_writes(), store.acknowledged_writes()
        assert store.primary == "node1"
        assert store.get("early") == "kept"
        assert lost == written[len(written) - len(lost) :]  # a tail
        assert len(lost) >= 10
        assert store.put("early", "again").position > written[-1].position


def test_a_synchronous_replica_that_is_gone_holds_up_the_write(need_cluster, monkeypatch):
    monkeypatch.setattr(postgres_tools, "ANSWER_TIMEOUT_S", 0.7)
    with PostgresStore(replicas=1, sync="receive") as store:
        store.put("x", "before")
        store.crash("node1")
        with pytest.raises(StoreTimeoutError, match="node0 did not answer"):
            store.put("x", "after")
        assert not store.has_applied("node1", store.read("x").position)
        assert len(store.acknowledged_writes()) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"replicas": 0}, "replicas must be"),
        ({"sync": "remote_apply"}, "sync must be one of"),
        ({"sync_replicas": 3}, "sync_replicas must be <= 2"),
        ({"link_rtt_s": -1}, "link_rtt_s must be"),
        ({"apply_delay_s": float("nan")}, "apply_delay_s must be"),
    ],
)
def test_refuses(wrong, message):
    with pytest.raises(ValueError, match=f"PostgresStore: {message}"):
        PostgresStore(**wrong)


def test_the_wall_clock_passes_on_what_comes():
    clock = WallClock()
    assert clock.wait_for(lambda done, failed: done(7)) == 7
    with pytest.raises(StoreTimeoutError):
        clock.wait_for(lambda done, failed: failed(StoreTimeoutError("late")))
    begin_s = clock.now_s
    clock.advance(0.01)
    assert clock.now_s >= begin_s + 0.01
