"""The replicated store: what is acknowledged when, and what a read returns when."""

import math

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import (
    NotPrimaryError,
    StoreTimeoutError,
    VersionConflictError,
)


def store(*, delay_s=0.0, client_delay_s=None, **settings):
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=delay_s)
    made = ReplicatedStore(clock, network=network, **settings)
    if client_delay_s is not None:
        network.add(["client"])
        for node in made.nodes:
            network.set_delay("client", node, client_delay_s)
    return made


def seconds(made, act):
    before_s = made.clock.now_s
    act()
    return round(made.clock.now_s - before_s, 9)


@pytest.mark.parametrize(
    ("sync", "flush_s", "expected_s"),
    [
        ("async", 0.0, 0.002),  # 1 + 1 ms
        ("async", 0.001, 0.003),
        ("receive", 0.0, 0.012),  # 1 + 5 + 5 + 1 ms
        ("receive", 0.001, 0.014),  # and one disk after the other
        ("apply", 0.0, 0.032),  # and 20 ms until it is applied
    ],
)
def test_when_a_write_is_acknowledged(sync, flush_s, expected_s):
    made = store(
        replicas=1,
        delay_s=0.005,
        client_delay_s=0.001,
        sync=sync,
        flush_s=flush_s,
        apply_delay_s=0.020,
    )
    assert seconds(made, lambda: made.put("x", 1)) == expected_s
    made.check_invariants()


@pytest.mark.parametrize(("count", "expected_s"), [(1, 0.002), (2, 0.004), (3, 0.006)])
def test_any_k_replicas_confirm(count, expected_s):
    made = store(replicas=3, sync="receive", sync_replicas=count)
    for number in (1, 2, 3):
        made.network.set_delay("node0", f"node{number}", 0.001 * number)
    assert seconds(made, lambda: made.put("x", 1)) == expected_s


def test_a_replica_misses_a_write_for_exactly_the_lag():
    made = store(replicas=1, apply_delay_s=0.1)
    made.put("photo", "new")
    made.clock.advance(0.0999)
    assert made.get("photo", node="node1") is None
    made.clock.advance(0.0001)
    assert made.get("photo", node="node1") == "new"


def test_received_is_not_applied():
    """An acknowledged synchronous write is safe on the replica, and not to be read there."""
    made = store(replicas=1, sync="receive", apply_delay_s=0.020)
    made.put("x", 1)
    assert made.lag("node1").entries == 1
    assert made.get("x", node="node1") is None
    applied = store(replicas=1, sync="apply", apply_delay_s=0.020)
    applied.put("x", 1)
    assert applied.get("x", node="node1") == 1


def test_a_read_can_wait_for_a_position():
    made = store(replicas=1, apply_delay_s=0.020)
    write = made.put("x", 1)
    assert seconds(made, lambda: made.read("x", node="node1", at_least=write.position)) == 0.020
    assert made.read("x", node="node1").position == write.position
    with pytest.raises(StoreTimeoutError, match="node1 must answer within 1 s, got nothing"):
        made.read("x", node="node1", at_least=Position(term=0, lsn=99))


def test_versions_count_the_writes_of_a_key():
    made = store()
    assert [made.put("x", v).version for v in "abc"] == [1, 2, 3]
    assert made.put("y", 1).version == 1
    assert made.delete("x").version == 4
    assert (made.read("x").value, made.read("x").version) == (None, 4)
    assert made.read("z").version == 0
    assert made.put("x", "again").version == 5


def test_compare_and_set():
    made = store()
    assert made.put("cart", "tea", expected_version=0).version == 1
    with pytest.raises(VersionConflictError, match="must be 1, as of 'cart', got 0; read again"):
        made.put("cart", "milk", expected_version=0)
    assert made.get("cart") == "tea"
    assert made.put("cart", "tea, milk", expected_version=1).version == 2


def test_a_replica_takes_no_writes():
    made = store()
    with pytest.raises(NotPrimaryError, match="put: node must be primary, got node1, which is"):
        made.put("x", 1, node="node1")
    with pytest.raises(NotPrimaryError, match="delete: node must be primary"):
        made.delete("x", node="node2")
    assert made.get("x") is None
    assert made.stats().refused == 2


def test_replicas_apply_in_the_order_of_the_log(rng):
    made = store(replicas=1)
    made = ReplicatedStore(
        made.clock, replicas=1, apply_delay_s=lambda rng: rng.exponential(0.1), rng=rng
    )
    seen = []
    for value in range(1, 30):
        made.put("x", value)
        made.clock.advance(0.02)
        seen.append(made.get("x", node="node1") or 0)
    assert seen == sorted(seen)
    assert 0 < seen[-1] < 29


def test_lag_in_records_and_seconds():
    made = store(replicas=1, apply_delay_s=0.5)
    for value in range(10):
        made.put("x", value)
        made.clock.advance(0.1)
    lag = made.lag("node1")
    assert lag.entries == 5  # written within the last half second, at 0.5 to 0.9 s
    assert lag.seconds == pytest.approx(0.5)
    assert made.lag("node0").entries == 0


def test_an_idle_primary_makes_the_naive_lag_lie():
    made = store(replicas=1, apply_delay_s=0.010)
    assert made.lag("node1").naive_s == math.inf
    made.put("x", 1)
    made.clock.advance(60.0)
    lag = made.lag("node1")
    assert (lag.entries, lag.seconds) == (0, 0.0)
    assert lag.naive_s == pytest.approx(60.0)


def test_a_replica_that_applies_slower_than_the_primary_writes_falls_behind():
    made = store(replicas=1, apply_work_s=0.002)
    for number in range(1000):
        made.clock.schedule(number * 0.001, lambda: made.submit_put("x", 1, print_nothing, fail))
    made.clock.advance(1.0)
    assert made.lag("node1").entries == pytest.approx(500, abs=2)
    made.clock.advance(1.1)
    assert made.lag("node1").entries == 0


def print_nothing(result):
    pass


def fail(error):
    raise error


def test_without_enough_replicas_a_synchronous_write_waits_and_times_out():
    made = store(replicas=2, sync="receive", sync_replicas=2)
    made.failover.crash("node2")
    with pytest.raises(StoreTimeoutError, match="node0 must answer within 1 s, got nothing"):
        made.put("x", 1)
    assert made.get("x") is None  # not committed, so not shown
    made.failover.restart("node2")
    made.clock.advance(0.001)
    assert made.get("x") == 1  # it happened after all
    assert made.acknowledged_writes() == ()
    made.check_invariants()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sync", ["async", "receive", "apply"])
def test_lost_repeated_and_reordered_messages_do_no_harm(sync, seed):
    rng = np.random.default_rng(seed)
    clock = VirtualClock()
    network = FakeNetwork(
        clock,
        delay_s=lambda rng: rng.exponential(0.01),
        loss=0.2,
        duplication=0.2,
        ordered=False,
        rng=rng,
    )
    made = ReplicatedStore(clock, network=network, sync=sync, retransmit_s=0.05)
    done = []
    for value in range(100):
        made.submit_put("x", value, done.append, lambda error: None)
        clock.advance(0.01)
    clock.advance(20.0)
    made.check_invariants()
    assert len(done) == len(made.acknowledged_writes()) > 40
    assert [made.lag(node).entries for node in made.nodes] == [0, 0, 0]
    assert made.stats().timed_out > 0


def test_a_request_that_arrives_twice_is_served_once(rng):
    clock = VirtualClock()
    network = FakeNetwork(clock, duplication=1.0, rng=rng)
    made = ReplicatedStore(clock, network=network)
    assert [made.put("x", value).version for value in range(3)] == [1, 2, 3]
    made.check_invariants()
    assert made.stats().answered == made.stats().requested == 3


def test_a_partitioned_replica_catches_up_when_the_network_heals():
    made = store(delay_s=0.001)
    made.network.partition({"node2"}, {"node0", "node1"})
    for value in range(5):
        made.put("x", value)
    made.clock.advance(1.0)
    assert [made.lag(n).entries for n in ("node1", "node2")] == [0, 5]
    made.network.heal()
    made.clock.advance(1.0)
    assert made.lag("node2").entries == 0
    assert made.get("x", node="node2") == 4


def test_a_one_way_cut_of_the_acknowledgements():
    """The replica has everything, and the primary does not know."""
    made = store(replicas=1, sync="receive")
    made.network.cut("node1", "node0")
    with pytest.raises(StoreTimeoutError):
        made.put("x", 1)
    assert made.get("x", node="node1") == 1
    assert made.get("x") is None


def test_stale_share_under_exponential_lag(rng):
    """A read t seconds after the write misses it with probability exp(-t/lag)."""
    made = ReplicatedStore(
        VirtualClock(), replicas=1, apply_delay_s=lambda rng: rng.exponential(0.1), rng=rng
    )
    missed = 0
    for key in range(3000):
        made.put(key, 1)
        made.clock.advance(0.1)
        missed += made.get(key, node="node1") is None
        made.clock.advance(3.0)
    share = missed / 3000
    error = math.sqrt(math.exp(-1) * (1 - math.exp(-1)) / 3000)
    assert abs(share - math.exp(-1)) < 4 * error
    assert abs(share - 1.15 * math.exp(-1)) > 4 * error  # the comparison can fail


def test_deleting_the_cached_copy_races_with_the_lag(rng):
    """The first read after the deletion fills the cache from a replica that is behind."""
    made = store(replicas=1, apply_delay_s=0.1)
    kept_old, runs, read_rate_per_s = 0, 1000, 10.0
    for run in range(runs):
        made.put("row", run)
        cache = {}  # the deletion
        made.clock.advance(float(rng.exponential(1 / read_rate_per_s)))
        cache["row"] = made.get("row", node="node1")
        kept_old += cache["row"] != run
        made.clock.advance(0.2)
    theory = 1 - math.exp(-read_rate_per_s * 0.1)
    assert abs(kept_old / runs - theory) < 4 * math.sqrt(theory * (1 - theory) / runs)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sync": "quorum"}, "sync must be one of"),
        ({"sync_replicas": 3}, "sync_replicas must be <= replicas=2, got 3"),
        ({"flush_s": -1.0}, "flush_s must be finite and >= 0"),
        ({"apply_delay_s": lambda rng: 1.0}, "rng must be a numpy"),
    ],
)
def test_contradictory_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=f"ReplicatedStore: {message}"):
        ReplicatedStore(VirtualClock(), **settings)


def test_nothing_cannot_be_written():
    with pytest.raises(ValueError, match="put: value must be something, got None; use delete"):
        store().put("x", None)


def test_the_invariants_can_fail():
    made = store()
    made.put("x", 1)
    made._nodes["node1"]._data["x"] = (2, 1)
    with pytest.raises(AssertionError, match="the data are not what the log says"):
        made.check_invariants()
