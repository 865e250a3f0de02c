"""Random work and random faults: what a safe store never loses, and an unsafe one does.

Every operation is recorded, so the checker of histories, which knows nothing of logs and terms,
has to agree with the store's own account.
"""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import ReplicationError
from scalelab.history.linearizability import check_linearizability
from scalelab.history.recorder import Recorder

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
