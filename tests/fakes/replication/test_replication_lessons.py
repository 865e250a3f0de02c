"""What chapters tell about replication, played on the fakes."""

import math

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import StoreTimeoutError, VersionConflictError
from scalelab.fakes.replication.routing_policies import AnyReplica
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.lost_updates import check_lost_updates
from scalelab.history.recorder import Recorder


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
