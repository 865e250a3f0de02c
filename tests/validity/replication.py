"""Replicated store, sessions and checkers: formulas by hand, and brute force."""

import itertools
import math

import numpy as np
from support.validity import Case

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import AnyReplica, PinAfterWrite
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.linearizability import check_linearizability
from scalelab.history.operations import Operation


def write_time_s(sync):
    """One way 1 ms to the primary, 5 ms to its replica."""
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.005)
    store = ReplicatedStore(clock, replicas=1, network=network, sync=sync)
    network.add(["client"])
    network.set_delay("client", "node0", 0.001)
    store.put("x", 1)
    return clock.now_s


def lost_on_failover(lag_s, rate_per_s):
    clock = VirtualClock()
    network = FakeNetwork(clock)
    store = ReplicatedStore(clock, replicas=1, network=network, timeout_s=9.0)
    network.set_delay("node0", "node1", lag_s)
    for number in range(round(2 * lag_s * rate_per_s)):
        clock.schedule(
            number / rate_per_s,
            lambda: store.submit_put("x", 1, lambda write: None, lambda error: None),
        )
    clock.advance(2 * lag_s - 0.5 / rate_per_s)
    store.failover.crash("node0")
    store.failover.promote(allow_loss=True)
    return len(store.lost_writes())


def stale_share(delay, read_after_s, writes=4_000):
    """Share of reads, a fixed time after a write, that miss it on a replica."""
    rng = np.random.default_rng(1)
    store = ReplicatedStore(VirtualClock(), replicas=1, apply_delay_s=delay, rng=rng)
    missed = 0
    for key in range(writes):
        store.put(key, 1)
        store.clock.advance(read_after_s)
        missed += store.get(key, node="node1") is None
        store.clock.advance(10.0)
    return missed / writes


def naive_lag_s(gap_s=60.0, lag_s=0.010, looks=4_000):
    """Mean of now less the last replay, at random moments, with writes that come at random."""
    rng = np.random.default_rng(1)
    store = ReplicatedStore(VirtualClock(), replicas=1, apply_delay_s=lag_s)
    store.put("x", 1)
    seen = []
    for _ in range(looks):
        store.clock.advance(float(rng.exponential(gap_s)))
        seen.append(store.lag("node1").naive_s)  # just before the next write
        store.put("x", 1)
    return float(np.mean(seen[1:]))


def pinned_share(window_s, write_rate_per_s, writes=4_000):
    rng = np.random.default_rng(2)
    store = ReplicatedStore(VirtualClock())
    session = Session(store, PinAfterWrite(window_s, rng=rng))
    for _ in range(writes):
        store.clock.advance(float(rng.exponential(1 / write_rate_per_s)))
        session.get("x")
        session.put("x", 1)
    return session.stats().from_primary / writes


LOG_LAG = (math.log(0.010) + math.log(5.0)) / 2, math.log(500) / 2 / 1.6448536269514722


def has_arrived(t_s):
    """Share of lags below t, log-normal with 5 % below 10 ms and 5 % above 5 s."""
    mu, sigma = LOG_LAG
    return 0.5 * (1 + math.erf((math.log(t_s) - mu) / (sigma * math.sqrt(2))))


def second_read_older(replicas=3, writes=2_000):
    """Reads of random replicas 0.2 and 0.3 s after a write: the first has it, the second not."""
    rng = np.random.default_rng(1)
    store = ReplicatedStore(
        VirtualClock(),
        replicas=replicas,
        apply_delay_s=lambda rng: rng.lognormal(*LOG_LAG),
        rng=rng,
    )
    session = Session(store, AnyReplica(rng=rng))
    older = 0
    for key in range(writes):
        session.put(key, 1)
        store.clock.advance(0.2)
        first = session.get(key)
        store.clock.advance(0.1)
        older += first == 1 and session.get(key) is None
        store.clock.advance(1000.0)
    return older / writes


def small_histories():
    """All histories of one write and two reads by three clients, on six moments."""
    for moments in itertools.permutations(range(6)):
        spans = [moments[0:2], moments[2:4], moments[4:6]]
        if any(begin > end for begin, end in spans):
            continue
        for values in itertools.product([None, 1], repeat=2):
            kinds = zip("abc", ("put", "get", "get"), (1, *values), spans, strict=True)
            yield [
                Operation(client=c, kind=k, key="x", value=v, invoked=b, responded=e)
                for c, k, v, (b, e) in kinds
            ]


def legal_in_some_order(history):
    for order in itertools.permutations(history):
        late = any(two.responded < one.invoked for one, two in itertools.combinations(order, 2))
        value, fits = None, True
        for o in order:
            fits &= o.is_write or o.value == value
            value = o.value if o.is_write else value
        if fits and not late:
            return True
    return False


CASES = [
    Case(
        model="Replicated store, synchronous write",
        authority="sum of the ways: 1 + 5 + 5 + 1 ms",
        case="client 1 ms, replica 5 ms away, seconds",
        ours=lambda: write_time_s("receive"),
        theirs=0.012,
        tolerance=1e-12,
    ),
    Case(
        model="Replicated store, asynchronous write",
        authority="sum of the ways: 1 + 1 ms",
        case="client 1 ms, replica 5 ms away, seconds",
        ours=lambda: write_time_s("async"),
        theirs=0.002,
        tolerance=1e-12,
    ),
    Case(
        model="Replicated store, writes lost on failover",
        authority="lag × write rate",
        case="200 ms behind, 1,000 writes a second",
        ours=lambda: lost_on_failover(0.2, 1000),
        theirs=0.2 * 1000,
        tolerance=0.0,
    ),
    Case(
        model="Replicated store, stale reads",
        authority="P(lag > t) = exp(−t/mean), exponential lag",
        case="mean lag 100 ms, read after 50 ms",
        ours=lambda: stale_share(lambda rng: rng.exponential(0.1), 0.05),
        theirs=math.exp(-0.5),
        tolerance=4 * math.sqrt((math.exp(0.5) - 1) / 4_000),
    ),
    Case(
        model="Replicated store, stale reads",
        authority="P(lag > t) = 1 − t/max, uniform lag",
        case="lag up to 100 ms, read after 25 ms",
        ours=lambda: stale_share(lambda rng: rng.uniform(0, 0.1), 0.025),
        theirs=0.75,
        tolerance=4 * math.sqrt(1 / 3 / 4_000),
    ),
    Case(
        model="Session on random replicas, reads that go back",
        authority="(1 − 1/n) F(0.2) (1 − F(0.3)), independent lags with distribution F",
        case="3 replicas, log-normal lag of 10 ms to 5 s",
        ours=second_read_older,
        theirs=lambda: 2 / 3 * has_arrived(0.2) * (1 - has_arrived(0.3)),
        tolerance=4 * math.sqrt((1 - 0.139) / 0.139 / 2_000),
    ),
    Case(
        model="Naive lag on an idle primary",
        authority="mean age of a Poisson process: its mean gap",
        case="a write a minute, true lag 10 ms, seconds",
        ours=naive_lag_s,
        theirs=60.0,
        tolerance=4 / math.sqrt(4_000),
    ),
    Case(
        model="Session pinned to the primary",
        authority="1 − exp(−rate × window), Poisson writes",
        case="0.5 writes a second, pinned for 1 s",
        ours=lambda: pinned_share(1.0, 0.5),
        theirs=1 - math.exp(-0.5),
        tolerance=4 * math.sqrt(math.exp(-0.5) / (1 - math.exp(-0.5)) / 4_000),
    ),
    Case(
        model="Linearizability checker",
        authority="all orders of each history (Herlihy and Wing 1990)",
        case="360 histories of a write and two reads, linearizable ones",
        ours=lambda: sum(check_linearizability(h) is None for h in small_histories()),
        theirs=lambda: sum(legal_in_some_order(h) for h in small_histories()),
        tolerance=0.0,
    ),
]
