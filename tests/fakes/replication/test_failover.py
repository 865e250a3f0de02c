"""Crash, promotion, fencing and split brain, with lost writes counted one by one."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import (
    FencedError,
    NotPrimaryError,
    StoreTimeoutError,
    UnsafePromotionError,
)


def store(**settings):
    clock = VirtualClock()
    return ReplicatedStore(clock, network=FakeNetwork(clock), **settings)


def nothing(_):
    pass


def write_steadily(made, rate_per_s, seconds):
    for number in range(round(rate_per_s * seconds)):
        made.clock.schedule(
            number / rate_per_s, lambda n=number: made.submit_put(n, n + 1, nothing, nothing)
        )
    made.clock.advance(seconds - 0.5 / rate_per_s)


@pytest.mark.parametrize("lag_s", [0.1, 0.2, 0.5])
def test_an_asynchronous_failover_loses_lag_times_rate(lag_s):
    made = store(replicas=1, timeout_s=9.0)
    made.network.set_delay("node0", "node1", lag_s)
    write_steadily(made, rate_per_s=1000, seconds=1.0)
    made.failover.crash("node0")
    assert made.failover.promote(allow_loss=True) == "node1"
    lost = made.lost_writes()
    assert len(lost) == round(1000 * lag_s)
    assert [w.value for w in lost] == list(range(1001 - len(lost), 1001))  # the newest ones
    assert made.get(999) is None
    made.check_invariants()


def test_promoting_a_replica_that_lags_loses_writes_of_a_healthy_primary():
    made = store(replicas=2, timeout_s=9.0)
    made.network.set_delay("node0", "node1", 5.0)
    write_steadily(made, rate_per_s=100, seconds=10.0)
    with pytest.raises(UnsafePromotionError, match=r"must reach 3 replicas, .* got 2; wait"):
        made.failover.promote("node1")
    made.failover.promote("node1", allow_loss=True)
    assert len(made.lost_writes()) == 500
    made.clock.advance(6.0)
    assert made.failover.discarded == 1000  # node0 and node2 drop what node1 never got
    assert made.lag("node0").entries == 0


def test_a_lag_of_applying_loses_nothing():
    made = store(replicas=1, apply_delay_s=5.0)
    for value in range(10):
        made.put(value, value + 1)
    made.clock.advance(0.001)  # the last record is on its way
    made.failover.crash("node0")
    made.failover.promote(allow_loss=True)
    assert made.lost_writes() == ()
    assert [made.get(key) for key in range(10)] == list(range(1, 11))


def test_a_synchronous_failover_loses_nothing_and_refuses_what_it_cannot_promise():
    made = store(replicas=2, sync="receive")
    made.network.partition({"node2"}, {"node0", "node1"})
    for value in range(50):
        made.put(value, value)
    made.failover.crash("node0")
    with pytest.raises(UnsafePromotionError, match=r"node1 must reach 2 replicas, .* got 1"):
        made.failover.promote()
    made.network.heal()
    assert made.failover.promote() == "node1"  # the longer log of the two
    assert made.lost_writes() == ()
    made.put("after", 1)
    assert made.get("after", node="node2") == 1
    made.check_invariants()


def test_the_shorter_log_is_refused():
    made = store(replicas=2, sync="receive")
    made.network.cut("node0", "node2")
    made.put("x", 1)
    with pytest.raises(UnsafePromotionError, match="node2 must have the longest log in reach"):
        made.failover.promote("node2")
    assert made.primary == "node0"
    made.failover.promote("node2", allow_loss=True)
    assert [w.key for w in made.lost_writes()] == ["x"]


def test_an_old_primary_comes_back_and_discards_its_tail():
    made = store(replicas=2)
    made.put("x", "both")
    made.clock.advance(0.001)
    made.network.partition({"node0"}, {"node1", "node2"})
    made.put("x", "only here")
    made.failover.crash("node0")
    made.failover.promote("node1", allow_loss=True)
    made.network.heal()
    made.put("y", "new")
    made.failover.restart("node0")
    made.clock.advance(1.0)
    assert made.failover.discarded == 1
    assert (made.get("x", node="node0"), made.get("y", node="node0")) == ("both", "new")
    assert [w.value for w in made.lost_writes()] == ["only here"]
    made.check_invariants()


def cut_off_primary(fencing):
    """The primary alone with ann, its replicas with bob, and one of them promoted."""
    made = store(replicas=2, fencing=fencing)
    made.network.add(["ann", "bob"])
    made.put("x", "before")
    made.clock.advance(0.001)
    made.network.partition({"node0", "ann"}, {"node1", "node2", "bob", "client"})
    made.failover.promote("node1", allow_loss=True)
    return made


def test_without_fencing_there_are_two_primaries():
    made = cut_off_primary(fencing=False)
    assert made.failover.primaries() == ("node0", "node1")
    for value in range(3):
        made.put("a", value, node="node0", client="ann")
    made.put("b", 1, client="bob")
    assert [w.key for w in made.lost_writes()] == ["a", "a", "a"]
    made.network.heal()
    assert made.failover.primaries() == ("node0", "node1")  # healing alone mends nothing
    assert made.get("a", node="node0", client="ann") == 2
    assert made.failover.rejoin("node0") == 3
    assert made.failover.primaries() == ("node1",)
    made.clock.advance(0.001)
    assert made.get("b", node="node0") == 1
    assert made.get("a") is None
    made.check_invariants()


def test_fencing_stops_the_old_primary():
    made = cut_off_primary(fencing=True)
    assert made.failover.primaries() == ("node1",)
    with pytest.raises(NotPrimaryError):
        made.put("a", 1, node="node0", client="ann")
    made.network.heal()
    made.put("b", 1, client="bob")
    made.clock.advance(0.001)
    assert made.get("b", node="node0") == 1
    assert made.lost_writes() == ()


def test_a_write_under_way_is_told_of_the_fence():
    made = store(replicas=2, sync="receive", sync_replicas=2)
    made.failover.crash("node2")
    errors = []
    made.submit_put("x", 1, nothing, errors.append)
    made.clock.advance(0.1)
    made.failover.promote("node1")
    made.clock.advance(0.1)
    assert [type(e) for e in errors] == [FencedError]
    made.failover.restart("node2")
    assert made.get("x") == 1  # it survived: node1 had it


def test_records_of_the_old_term_are_refused():
    """Records on their way when the primary is replaced do not reach the new log."""
    made = store(replicas=2)
    made.network.set_delay("node0", "node2", 1.0)
    made.put("x", "old")
    made.clock.advance(0.5)
    made.failover.promote("node1", allow_loss=True)
    made.put("x", "new")
    made.clock.advance(2.0)
    assert made.get("x", node="node2") == "new"
    made.check_invariants()


def test_a_new_primary_answers_reads_once_it_has_committed_what_it_inherited():
    made = store(replicas=2, sync="receive", timeout_s=5.0)
    made.put("x", 1)
    for other in ("node0", "node2"):
        made.network.set_delay("node1", other, 0.5)
    made.failover.crash("node0")
    made.failover.promote("node1")
    before_s = made.clock.now_s
    assert made.get("x") == 1
    assert made.clock.now_s - before_s == pytest.approx(1.0)  # a round trip to node2


def test_a_planned_switch_over_loses_nothing():
    made = store(replicas=2)
    made.network.set_delay("node0", "node1", 0.2)
    for value in range(20):
        made.put(value, value)
    before_s = made.clock.now_s
    made.failover.switch_over("node1")
    assert made.clock.now_s - before_s == pytest.approx(0.2)
    assert made.failover.primaries() == ("node1",)
    assert made.lost_writes() == ()
    made.put("x", 1)
    made.check_invariants()


def test_a_switch_over_in_event_style_waits_for_what_is_on_its_way_to_disk():
    made = store(replicas=1, flush_s=0.010, apply_delay_s=0.1)
    outcomes = []
    made.submit_put("x", 1, outcomes.append, outcomes.append)
    made.clock.advance(0.005)
    made.failover.submit_switch_over(
        "node1", lambda: outcomes.append("done"), outcomes.append, timeout_s=1.0
    )
    made.clock.advance(1.0)
    assert outcomes[0] == "done"  # the write had not reached the log
    assert isinstance(outcomes[1], NotPrimaryError | StoreTimeoutError)
    assert made.lost_writes() == ()
    assert made.primary == "node1"


def test_a_promotion_in_the_middle_of_a_switch_over_counts():
    made = store(replicas=2, apply_delay_s=0.5)
    made.put("x", 1)
    made.clock.advance(0.001)
    errors = []
    made.failover.submit_switch_over("node1", lambda: errors.append("done"), errors.append)
    made.failover.promote("node2", allow_loss=True)
    made.clock.advance(2.0)
    assert made.primary == "node2"
    assert isinstance(errors[0], UnsafePromotionError)
    made.check_invariants()
    assert made.put("x", 2).version == 2


def test_a_primary_that_hands_over_takes_no_writes_and_goes_on_if_it_fails():
    made = store(replicas=1)
    made.network.set_delay("node0", "node1", 0.2)
    made.put("x", 1)
    errors = []
    made.clock.schedule(0.1, lambda: made.submit_put("x", 2, nothing, errors.append))
    with pytest.raises(StoreTimeoutError, match="must apply the whole log within"):
        made.failover.switch_over("node1", timeout_s=0.15)
    assert isinstance(errors[0], NotPrimaryError)
    assert made.put("x", 3).version == 2  # what was refused did not happen


def test_waiting_for_a_dead_primary_never_ends():
    made = store(replicas=1, timeout_s=9.0)
    made.network.set_delay("node0", "node1", 0.2)
    write_steadily(made, rate_per_s=1000, seconds=1.0)
    made.network.cut("node0", "node1")
    made.failover.crash("node0")
    with pytest.raises(StoreTimeoutError, match="got 800 of 1000 records; a primary that is down"):
        made.failover.switch_over("node1", timeout_s=60.0)
    assert made.primary == "node0"


def test_a_restart_resumes_from_the_cursors():
    made = store(replicas=1, apply_delay_s=0.1)
    for value in range(3):
        made.put("x", value)
    made.clock.advance(0.05)
    made.failover.crash("node1")
    made.put("x", 3)
    made.clock.advance(1.0)
    assert made.lag("node1").entries == 4
    made.failover.restart("node1")
    made.clock.advance(0.1)
    assert made.get("x", node="node1") == 3
    made.check_invariants()


def test_a_restarted_primary_goes_on():
    made = store(replicas=1, sync="receive")
    made.put("x", 1)
    made.failover.crash("node0")
    with pytest.raises(StoreTimeoutError):
        made.get("x")
    made.failover.restart("node0")
    assert made.put("x", 2).version == 2
    assert made.get("x", node="node1") == 2


def test_what_was_not_on_disk_is_gone_after_a_crash():
    made = store(replicas=1, flush_s=0.010)
    errors = []
    made.submit_put("x", 1, nothing, errors.append)
    made.clock.advance(0.005)
    made.failover.crash("node0")
    made.failover.restart("node0")
    made.clock.advance(2.0)
    assert isinstance(errors[0], StoreTimeoutError)
    assert made.get("x") is None


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda f: f.crash("node9"), "crash: node must be one of .* got 'node9'"),
        (lambda f: f.restart("node1"), "restart: node must be down, got 'node1'"),
        (lambda f: f.promote("node0"), "promote: node must be another than the primary"),
        (lambda f: f.rejoin("node0"), "rejoin: node must be another than the primary"),
        (lambda f: f.switch_over("node0"), "switch_over: node must be another than the prim"),
    ],
)
def test_misuse_is_named(act, message):
    with pytest.raises(ValueError, match=f"Failover.{message}"):
        act(store().failover)


def test_a_node_that_is_down_is_not_promoted():
    made = store(replicas=1)
    made.failover.crash("node1")
    with pytest.raises(ValueError, match="promote: node must be up, got 'node1'"):
        made.failover.promote("node1")
    with pytest.raises(UnsafePromotionError, match="a replica must be up, got none"):
        made.failover.promote()
