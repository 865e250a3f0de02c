"""Running seeded workloads, and running them once more."""

import numpy as np

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import AnyReplica
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.linearizability import check_linearizability
from scalelab.history.seeded_workload import Bench, Workload


class WithoutDelete(dict):
    put = dict.__setitem__


def replicated(rng):
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=lambda rng: rng.exponential(0.01), rng=rng)
    store = ReplicatedStore(clock, network=network)
    return Bench(
        clock=clock,
        store_for=lambda client: Session(store, AnyReplica(rng=rng), client=client),
    )


def test_a_workload_runs_again_from_its_seed():
    workload = Workload(clients=4, operations=120, keys=2, delete_share=0.1)
    history = workload.run(replicated, seed=7)
    assert len(history) == 120
    assert history.replay() == history
    assert workload.run(replicated, seed=8) != history
    found = check_linearizability(history)
    assert found is not None  # replicas lag
    assert check_linearizability(found.replay()) == found


def test_a_workload_on_a_store_without_a_clock_takes_turns():
    workload = Workload(clients=3, operations=60, delete_share=0.1)
    store = WithoutDelete()
    history = workload.run(lambda rng: Bench(store_for=lambda client: store), seed=1)
    assert check_linearizability(history) is None
    assert {o.kind for o in history} == {"get", "put", "delete"}  # deletions failed: unknown
    assert all((o.responded is None) == (o.kind == "delete") for o in history)


def test_shares_of_the_workload():
    workload = Workload(clients=5, operations=4_000, keys=4, write_share=0.3, delete_share=0.2)
    store = ReplicatedStore(VirtualClock())
    history = workload.run(
        lambda rng: Bench(clock=store.clock, store_for=lambda client: store), seed=3
    )
    kinds = np.array([o.kind for o in history])
    assert abs(np.mean(kinds == "put") - 0.3) < 0.03
    assert abs(np.mean(kinds == "delete") - 0.2) < 0.03
    assert {o.key for o in history} == {"k0", "k1", "k2", "k3"}
