"""Which policy gives which guarantee, judged by the checkers of histories, and at what load."""

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    CausalToken,
    PinAfterWrite,
    PrimaryOnly,
    StickyReplica,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.linearizability import check_linearizability
from scalelab.history.recorder import Recorder
from scalelab.history.seeded_workload import Bench, Workload
from scalelab.history.session_checks import (
    check_monotonic_reads,
    check_monotonic_writes,
    check_read_your_writes,
    check_writes_follow_reads,
)

CHECKS = {
    "RYW": check_read_your_writes,
    "MR": check_monotonic_reads,
    "MW": check_monotonic_writes,
    "WFR": check_writes_follow_reads,
}
LAG_S = 0.1
POLICIES = {
    "any replica": (lambda rng: AnyReplica(rng=rng), set()),
    "sticky": (lambda rng: StickyReplica(rng=rng), {"MR", "MW", "WFR"}),
    "short pin": (lambda rng: PinAfterWrite(LAG_S / 4, rng=rng), set()),
    "long pin": (lambda rng: PinAfterWrite(4 * LAG_S, rng=rng), {"RYW"}),
    "write token, wait": (lambda rng: WriteToken(rng=rng), {"RYW"}),
    "write token, skip": (lambda rng: WriteToken(behind="skip", rng=rng), {"RYW"}),
    "causal token, wait": (lambda rng: CausalToken(rng=rng), set(CHECKS)),
    "causal token, skip": (lambda rng: CausalToken(behind="skip", rng=rng), set(CHECKS)),
    "primary only": (lambda rng: PrimaryOnly(), set(CHECKS)),
}


def store(rng, replicas=3):
    """A store whose replicas lag by up to 0.1 s, each write anew, and a network that takes 1 ms."""
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.001)
    return ReplicatedStore(
        clock,
        replicas=replicas,
        network=network,
        apply_delay_s=lambda rng: rng.uniform(0, LAG_S - 0.01),
        rng=rng,
    )


def bench(make_policy, sessions=None):
    def make(rng):
        made = store(rng)

        def store_for(client):
            session = Session(made, make_policy(rng), client=client)
            if sessions is not None:
                sessions.append(session)
            return session

        return Bench(clock=made.clock, store_for=store_for)

    return make


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_keeps_what_it_promises_and_breaks_the_rest(name):
    make_policy, promised = POLICIES[name]
    workload = Workload(clients=10, operations=400, keys=2, write_share=0.1, mean_gap_s=0.03)
    kept = set(CHECKS)
    for seed in range(5):
        history = workload.run(bench(make_policy), seed=seed)
        kept -= {rule for rule, check in CHECKS.items() if check(history) is not None}
    assert promised <= kept
    # what is not promised breaks, but for the order of writes, which one primary keeps
    assert kept - promised <= {"MW", "WFR"}


def test_only_the_primary_is_linearizable():
    workload = Workload(clients=4, operations=150, mean_gap_s=0.02)
    causal, primary = (POLICIES[p][0] for p in ("causal token, wait", "primary only"))
    assert check_linearizability(workload.run(bench(primary), seed=1)) is None
    assert check_linearizability(workload.run(bench(causal), seed=1)) is not None


def shares(make_policy, gap_s=0.02, operations=1_200):
    """Share of reads that the primary answers, and share that is stale."""
    sessions = []
    workload = Workload(
        clients=10, operations=operations, keys=3, write_share=0.1, mean_gap_s=gap_s
    )
    workload.run(bench(make_policy, sessions), seed=1)
    for session in sessions:
        session.check_invariants()
    stats = [s.stats() for s in sessions]
    reads = sum(s.reads for s in stats)
    assert sum(s.writes for s in stats) + reads == operations
    return sum(s.from_primary for s in stats) / reads, sum(s.stale for s in stats) / reads


def test_what_freshness_costs_the_primary():
    primary, stale = {}, {}
    for name, (make_policy, _) in POLICIES.items():
        primary[name], stale[name] = shares(make_policy)
    assert primary["any replica"] == primary["sticky"] == primary["write token, wait"] == 0
    assert primary["primary only"] == 1
    assert stale["primary only"] == 0
    assert 0 < primary["write token, skip"] < primary["long pin"] < 1
    assert 0 < stale["long pin"] < stale["any replica"]


def test_deletions_and_failures_are_counted():
    made = ReplicatedStore(VirtualClock(), replicas=1)
    ann = Session(made, PrimaryOnly(), client="ann")
    ann.put("x", 1)
    ann.delete("x")
    assert ann.get("x") is None
    made.failover.crash("node0")
    for act in (lambda: ann.get("x"), lambda: ann.put("x", 2)):
        with pytest.raises(RuntimeError, match="node0 must answer"):
            act()
    stats = ann.stats()
    assert (stats.writes, stats.reads, stats.failed) == (2, 1, 2)
    ann.check_invariants()


def test_a_stale_read_on_the_pages_two_replicas():
    """The second of two reads of random replicas is older, as the checker says."""
    rng = np.random.default_rng(5)
    made = ReplicatedStore(
        VirtualClock(), replicas=2, apply_delay_s=lambda rng: rng.exponential(0.2), rng=rng
    )
    recorder = Recorder(made.clock)
    ann = recorder.session(Session(made, AnyReplica(rng=rng), client="ann"), "ann")
    for value in range(30):
        ann.put("x", value)
        made.clock.advance(0.05)
        ann.get("x")
    found = check_monotonic_reads(recorder.history())
    assert found is not None
    assert [o.kind for o in found].count("get") == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s, rng: Session(s, "primary"), "Session: policy must choose routes, got 'prim"),
        (lambda s, rng: Session(s, PrimaryOnly(), client=""), "Session: client must be non-empty"),
        (lambda s, rng: WriteToken(behind="late", rng=rng), "WriteToken: behind must be one of"),
        (lambda s, rng: PinAfterWrite(0.0, rng=rng), "PinAfterWrite: window_s must be finite"),
        (lambda s, rng: AnyReplica(rng=None), "AnyReplica: rng must be a numpy"),
    ],
)
def test_misuse_is_named(make, message, rng):
    with pytest.raises(ValueError, match=message):
        make(ReplicatedStore(VirtualClock()), rng)
