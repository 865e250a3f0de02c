"""The replicated store: delays, lessons of the chapters, and what random faults leave true."""

import math

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import (
    NotPrimaryError,
    ReplicationError,
    StoreTimeoutError,
    VersionConflictError,
)
from scalelab.fakes.replication.routing_policies import AnyReplica
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.linearizability import check_linearizability
from scalelab.history.lost_updates import check_lost_updates
from scalelab.history.recorder import Recorder


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


NODES = [f"node{i}" for i in range(4)]
CLIENTS = ("ann", "bob", "cid")


class Cluster:
    """A store under faults, with three clients whose every operation is recorded."""

    def __init__(self, *, seed, replicas, loss=0.0, **settings):
        rng = np.random.default_rng(seed)
        self.clock = VirtualClock()
        self.network = FakeNetwork(
            self.clock,
            delay_s=lambda rng: rng.exponential(0.01),
            loss=loss,
            duplication=loss,
            ordered=not loss,
            rng=rng,
        )
        self.store = ReplicatedStore(
            self.clock,
            replicas=replicas,
            network=self.network,
            retransmit_s=0.05,
            timeout_s=0.3,
            **settings,
        )
        self.network.add(CLIENTS)
        self.recorder = Recorder(self.clock)
        self.busy, self.value = set(), 0

    def act(self, client, verb):
        """Let a client that is not waiting do something."""
        if client in self.busy:
            return
        self.busy.add(client)
        # the store's verbs, in the client's own name
        session = self.recorder.session(ClientOf(self.store, client), client)

        def ended(_):
            self.busy.discard(client)

        if verb == "put":
            self.value += 1
            session.submit_put("x", self.value, ended, ended)
        else:
            session.submit_get("x", ended, ended)

    def crash_or_restart(self, node):
        if node in self.store.nodes:
            failover = self.store.failover
            up = self.store._nodes[node].is_up
            (failover.crash if up else failover.restart)(node)

    def promote(self, **how):
        try:
            self.store.failover.promote(**how)
        except ReplicationError:
            return

    def settle(self):
        """Mend everything, let time pass, and read once more."""
        self.network.heal()
        for node in self.store.nodes:
            if not self.store._nodes[node].is_up:
                self.store.failover.restart(node)
        for node in self.store.replicas:
            self.store.failover.rejoin(node)
        self.clock.advance(5.0)
        self.store.check_invariants()
        for client in CLIENTS:
            self.act(client, "get")
            self.clock.advance(1.0)


class ClientOf:
    """The store as one client uses it."""

    def __init__(self, store, client):
        self.store, self.client = store, client

    def get(self, key):
        return self.store.get(key, client=self.client)

    def put(self, key, value):
        return self.store.put(key, value, client=self.client)

    def submit_get(self, key, done, failed):
        self.store.submit_get(key, done, failed, client=self.client)

    def submit_put(self, key, value, done, failed):
        self.store.submit_put(key, value, done, failed, client=self.client)


class SafeStoreMachine(RuleBasedStateMachine):
    @initialize(
        seed=st.integers(0, 999),
        shape=st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)]),
        sync=st.sampled_from(["receive", "apply"]),
        flush_s=st.sampled_from([0.0, 0.005]),
        loss=st.sampled_from([0.0, 0.1]),
    )
    def start(self, seed, shape, sync, flush_s, loss):
        replicas, k = shape
        self.cluster = Cluster(
            seed=seed,
            replicas=replicas,
            loss=loss,
            sync=sync,
            sync_replicas=k,
            flush_s=flush_s,
            apply_delay_s=0.01,
        )

    @rule(
        verbs=st.lists(st.sampled_from(["put", "put", "get"]), min_size=1, max_size=3),
        seconds=st.sampled_from([0.0, 0.005, 0.02, 0.1, 0.5]),
    )
    def act(self, verbs, seconds):
        """Let clients begin something together, and time pass until it is half or wholly done."""
        for client, verb in zip(CLIENTS, verbs, strict=False):
            self.cluster.act(client, verb)
        self.cluster.clock.advance(seconds)

    @rule(node=st.sampled_from(NODES))
    def crash_or_restart(self, node):
        self.cluster.crash_or_restart(node)

    @rule(node=st.sampled_from(NODES))
    def isolate(self, node):
        if node in self.cluster.store.nodes:
            self.cluster.network.partition({node})

    @rule(left=st.sets(st.sampled_from(NODES), min_size=2, max_size=2))
    def partition(self, left):
        if left < set(self.cluster.store.nodes):
            self.cluster.network.partition(left, set(self.cluster.store.nodes) - left)

    @rule(pair=st.tuples(*[st.sampled_from(NODES)] * 2))
    def cut(self, pair):
        if pair[0] != pair[1] and set(pair) <= set(self.cluster.store.nodes):
            self.cluster.network.cut(*pair)

    @rule(behind=st.sampled_from(NODES), ahead=st.sampled_from(NODES))
    def write_past_one_and_ask_it(self, behind, ahead):
        """The way to lose a write: those who have it are gone when somebody else is promoted."""
        store, network = self.cluster.store, self.cluster.network
        if {behind, ahead} <= set(store.replicas) and behind != ahead:
            network.heal()
            network.partition({behind})
            self.cluster.act("ann", "put")
            self.cluster.clock.advance(0.1)
            for node in (ahead, store.primary):
                self.cluster.crash_or_restart(node)
            network.heal()
            self.cluster.promote()

    @rule()
    def heal(self):
        self.cluster.network.heal()

    @rule()
    def promote(self):
        self.cluster.promote()

    @invariant()
    def nothing_is_lost(self):
        if hasattr(self, "cluster"):
            self.cluster.store.check_invariants()
            assert self.cluster.store.lost_writes() == ()
            assert len(self.cluster.store.failover.primaries()) <= 1

    def teardown(self):
        if not hasattr(self, "cluster"):
            return
        self.cluster.settle()
        store = self.cluster.store
        assert store.stats().pending == 0
        assert [store.lag(node).entries for node in store.nodes] == [0] * len(store.nodes)
        assert store.lost_writes() == ()
        assert check_linearizability(self.cluster.recorder.history()) is None


SafeStoreMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50)
TestSafeStore = SafeStoreMachine.TestCase


def random_run(seed, *, allow_loss, **settings):
    """The same faults without hypothesis, for counting how often something happens."""
    rng = np.random.default_rng([seed, 1])
    cluster = Cluster(seed=seed, replicas=2, **settings)
    for _ in range(60):
        draw = rng.random()
        if draw < 0.75:
            cluster.act(str(rng.choice(CLIENTS)), "put" if rng.random() < 0.6 else "get")
        elif draw < 0.80:
            cluster.crash_or_restart(str(rng.choice(NODES[:3])))
        elif draw < 0.86:
            cluster.network.partition({str(rng.choice(NODES[:3]))}, None)
        elif draw < 0.94:
            cluster.network.heal()
        else:
            cluster.promote(allow_loss=allow_loss)
        cluster.clock.advance(float(rng.exponential(0.02)))
        cluster.store.check_invariants()
    cluster.settle()
    return cluster


def test_a_majority_with_fencing_loses_nothing_and_promotes():
    promotions = 0
    for seed in range(40):
        cluster = random_run(seed, allow_loss=False, sync="receive")
        promotions += cluster.store.failover.promotions
        assert cluster.store.lost_writes() == ()
        assert check_linearizability(cluster.recorder.history()) is None
    assert promotions > 20


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"sync": "async"}, "the primary alone confirms"),
        ({"sync": "async", "fencing": False}, "two primaries confirm"),
    ],
)
def test_an_unsafe_store_loses_writes_and_the_checker_sees_it(settings, why):
    losing = blamed = 0
    for seed in range(40):
        cluster = random_run(seed, allow_loss=True, **settings)
        lost = cluster.store.lost_writes()
        found = check_linearizability(cluster.recorder.history())
        losing += bool(lost)
        blamed += bool(lost) and found is not None
        if settings.get("fencing", True) and not lost:
            assert found is None  # one primary at a time that lost nothing is a register
    assert losing >= 5, why
    assert blamed >= 3, why


class Shopper:
    """Adds to a cart by reading it, working for 100 ms, and writing it back."""

    def __init__(self, store, recorder, *, compares):
        self.store, self.recorder, self.compares = store, recorder, compares
        self.requests = self.retries = 0

    def add(self, item):
        self.requests += 1
        self.attempt(f"request {self.requests}", item)

    def attempt(self, client, item):
        reading = self.recorder.begin(client, "get", "cart")

        def got(read):
            reading.succeeded(read.value)
            changed = (*(read.value or ()), item)
            version = read.version if self.compares else None
            self.store.clock.schedule(0.1, lambda: self.write(client, item, changed, version))

        self.store.submit_read("cart", got, reading.failed)

    def write(self, client, item, changed, version):
        writing = self.recorder.begin(client, "put", "cart", changed)

        def conflict(error):
            writing.failed(error)
            self.retries += 1
            self.attempt(client, item)

        self.store.submit_put(
            "cart", changed, writing.succeeded, conflict, expected_version=version
        )


@pytest.mark.parametrize("compares", [False, True])
def test_two_requests_at_once_lose_an_update_unless_they_compare_and_set(compares, rng):
    clock = VirtualClock()
    store = ReplicatedStore(clock)
    recorder = Recorder(clock, harmless=(VersionConflictError,))
    shopper = Shopper(store, recorder, compares=compares)
    times = np.cumsum(rng.exponential(1.0, 200))
    for item, time_s in enumerate(times):
        clock.schedule_at(float(time_s), lambda item=item: shopper.add(item))
    clock.advance(float(times[-1]) + 5.0)
    cart = store.get("cart")
    overlaps = int(np.sum(np.diff(times) < 0.1))  # 1 - exp(-0.1) of them: 9.5 %
    assert 10 < overlaps < 30
    if compares:
        assert sorted(cart) == list(range(200))
        assert shopper.retries >= overlaps
        assert check_lost_updates(recorder.history()) is None
    else:
        assert len(cart) < 200
        assert check_lost_updates(recorder.history()) is not None


def test_a_second_read_from_another_replica_may_be_older():
    """One write, reads at 0.2 and 0.3 s: (1 - 1/n) F(0.2) (1 - F(0.3)) with independent lags."""
    low, high, z95 = math.log(0.010), math.log(5.0), 1.6448536269514722
    mu, sigma = (low + high) / 2, (high - low) / (2 * z95)

    def has_arrived(t_s):
        return 0.5 * (1 + math.erf((math.log(t_s) - mu) / (sigma * math.sqrt(2))))

    theory = (1 - 1 / 3) * has_arrived(0.2) * (1 - has_arrived(0.3))
    assert theory == pytest.approx(0.139, abs=0.001)
    rng = np.random.default_rng(1)
    store = ReplicatedStore(
        VirtualClock(), replicas=3, apply_delay_s=lambda rng: rng.lognormal(mu, sigma), rng=rng
    )
    session = Session(store, AnyReplica(rng=rng))
    older, runs = 0, 2_000
    for key in range(runs):
        session.put(key, 1)
        store.clock.advance(0.2)
        first = session.get(key)
        store.clock.advance(0.1)
        older += first == 1 and session.get(key) is None
        store.clock.advance(1000.0)
    assert abs(older / runs - theory) < 4 * math.sqrt(theory * (1 - theory) / runs)
    assert abs(older / runs - 1.3 * theory) > 4 * math.sqrt(theory * (1 - theory) / runs)


@pytest.mark.parametrize(
    ("settings", "down", "writes_work"),
    [
        ({"sync": "async"}, ["node1", "node2"], True),
        ({"sync": "receive", "sync_replicas": 1}, ["node1"], True),
        ({"sync": "receive", "sync_replicas": 1}, ["node1", "node2"], False),
        ({"sync": "receive", "sync_replicas": 2}, ["node1"], False),
    ],
)
def test_which_replicas_a_write_depends_on(settings, down, writes_work):
    store = ReplicatedStore(VirtualClock(), replicas=2, **settings)
    for node in down:
        store.failover.crash(node)
    if writes_work:
        assert store.put("x", 1).version == 1
    else:
        with pytest.raises(StoreTimeoutError):
            store.put("x", 1)


def test_latency_costs_connections_not_throughput():
    """A thousand writes a second of 12 ms each: twelve are under way at a time (Little)."""
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.005)
    store = ReplicatedStore(clock, replicas=1, network=network, sync="receive")
    network.add(["client"])
    network.set_delay("client", "node0", 0.001)
    pending = []
    for number in range(500):
        clock.schedule_at(
            number / 1000, lambda: store.submit_put("x", 1, lambda w: None, lambda e: None)
        )
        clock.schedule_at(number / 1000 + 0.0005, lambda: pending.append(store.stats().pending))
    clock.advance(1.0)
    assert pending[100:] == [12] * 400
    assert store.stats().answered == 500


def test_a_lag_says_what_is_in_flight_and_what_is_only_not_applied():
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.1)
    store = ReplicatedStore(clock, replicas=1, network=network, apply_delay_s=0.2)
    store.submit_put("x", 1, lambda _: None, lambda _: None)
    seen = []
    for until_s in (0.15, 0.25, 0.45):
        clock.run(until_s)
        lag = store.lag("node1")
        seen.append((lag.entries, lag.in_flight))
    assert seen == [(1, 1), (1, 0), (0, 0)]
