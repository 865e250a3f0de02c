"""Sharded stores, transactions, resharding and events against closed forms and counting."""

import math
from functools import partial

import numpy as np
from support.validity import Case

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription
from scalelab.fakes.events.outbox import PublishingService
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.events.read_model import ReadModel
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.live_resharding import LiveResharding
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.fakes.transactions.saga import Saga, SagaStep
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit

ROWS, WRITES_PER_S, COPY_S = 4_000, 5.0, 0.05


def letters_in_ranges():
    router = RangeRouter(["G", "N"])
    owners = [router.node_for(chr(c)) for c in range(ord("A"), ord("Z") + 1)]
    return owners.count("shard2")


def share_slower_than_one_shards_p99(shards=10, queries=2_500):
    """Scatter-gather over shards whose times are uniform up to a second."""
    store = ShardedStore(
        VirtualClock(),
        ModuloRouter(range(shards)),
        latency_s=lambda rng: rng.uniform(),
        rng=np.random.default_rng(1),
    )
    return np.mean([store.query(lambda k, r: True).latency_s > 0.99 for _ in range(queries)])


def shards_touched_by_mail():
    router = ModuloRouter(range(100))
    users = IndexedStore(ShardedStore(VirtualClock(), router), lambda row: row, router)
    users.put(7, "seven@example.org")
    return len(users.find("seven@example.org").shards_touched)


def seconds_of_writes(partitions, writes=1_000, work_s=0.001):
    table = PartitionedTable(VirtualClock(), RangeRouter(range(1, partitions)), work_s=work_s)
    for number in range(writes):
        table.put(number % partitions + number / writes, number)
    return table._clock.now_s


def spoiled_share(**cure):
    """Rows that a backfill of all rows at once leaves wrong, a fifth of the writes deletes."""
    rng = np.random.default_rng(1)
    move = LiveResharding(
        VirtualClock(), ModuloRouter(["old"]), ModuloRouter(["new"]), copy_s=COPY_S, **cure
    )
    for row in range(ROWS):
        move.put(row, "first")
    move.add_nodes()
    move.double_write()
    move.start_backfill()
    for row in range(ROWS):
        time_s = float(rng.exponential(1 / WRITES_PER_S))
        while time_s < COPY_S:
            act = move.delete if rng.random() < 0.2 else lambda key: move.put(key, "second")
            move.clock.schedule(time_s, partial(act, row))
            time_s += float(rng.exponential(1 / WRITES_PER_S))
    move.clock.advance(COPY_S)
    move.switch_reads(force=True)
    return move.audit().wrong / ROWS


def two_phase_s(what):
    network = FakeNetwork(VirtualClock(), delay_s=0.025)
    bank = TwoPhaseCommit(network, {"s1": {"ann": 100}, "s2": {"bob": 0}})
    receipt = bank.transfer("ann", "bob", 30)
    network.clock.advance(1.0)
    return receipt.decided_s if what == "decided" else bank.completed_s(receipt)


def saga_half_done_s():
    """Seconds during which others see the money on neither account."""
    money, clock = {"ann": 30, "bob": 0}, VirtualClock()
    steps = [
        SagaStep("debit", partial(money.update, ann=0), print),
        SagaStep("credit", partial(money.update, bob=30), print),
    ]
    Saga(clock, steps, step_s=0.1).submit(lambda _: None, lambda _: None)
    missing = 0
    for _ in range(300):
        clock.advance(0.001)
        missing += sum(money.values()) == 0
    return missing * 0.001


def lags_s(events=2_000):
    rng, clock = np.random.default_rng(1), VirtualClock()
    network = FakeNetwork(clock, delay_s=lambda rng: rng.uniform(0.1, 0.5), ordered=False, rng=rng)
    log = EventLog(clock)
    model = ReadModel(clock, Projection(lambda s, e: e.data), refresh_interval_s=1.0)
    Subscription(log, model.receive, network=network, retry_s=10.0)
    for number in range(events):
        log.append(number, number)
        clock.advance(float(rng.exponential(0.3)))
    clock.advance(5.0)
    return model.lags_s()


def backlog(write_rate_per_s=100, project_rate_per_s=80, seconds=5):
    log = EventLog(VirtualClock())
    model = ReadModel(log.clock, Projection(lambda s, e: e.data), work_s=1 / project_rate_per_s)
    Subscription(log, model.receive)
    for _ in range(write_rate_per_s * seconds):
        log.append("x", 1)
        log.clock.advance(1 / write_rate_per_s)
    return model.in_line


def lost_per_crash(rate_per_s=100, gap_s=0.02, crashes=300):
    rng = np.random.default_rng(1)
    service = PublishingService(
        EventLog(VirtualClock()), method="commit_then_publish", commit_s=0.0, publish_s=gap_s
    )
    for _ in range(crashes):
        for time_s in np.sort(rng.uniform(0, 0.2, rng.poisson(rate_per_s * 0.2))):
            put = partial(service.submit_put, "x", 1, lambda _: None, lambda _: None)
            service.clock.schedule(float(time_s), put)
        service.clock.advance(0.2)
        service.crash()
        service.restart()
    service.clock.advance(1.0)
    return service.audit().lost / crashes


SPOILED = 1 - math.exp(-WRITES_PER_S * COPY_S)

CASES = [
    Case(
        model="Range router",
        authority="counting the letters",
        case="cabinets A–F, G–M, N–Z: letters in the last",
        ours=letters_in_ranges,
        theirs=13,
        tolerance=0.0,
    ),
    Case(
        model="Sharded store, scatter-gather",
        authority="1 − 0.99ⁿ (Dean and Barroso 2013)",
        case="10 shards: queries beyond a shard's 99th percentile",
        ours=share_slower_than_one_shards_p99,
        theirs=1 - 0.99**10,
        tolerance=4 * math.sqrt((1 - 0.0956) / 0.0956 / 2_500),
    ),
    Case(
        model="Global index",
        authority="one shard of the index, one of the row",
        case="user by e-mail among 100 shards",
        ours=shards_touched_by_mail,
        theirs=2,
        tolerance=0.0,
    ),
    Case(
        model="Partitioned table",
        authority="writes × work: one server, whatever the partitions",
        case="1,000 writes of 1 ms in 4 partitions, seconds",
        ours=lambda: seconds_of_writes(4),
        theirs=1.0,
        tolerance=1e-9,
    ),
    Case(
        model="Live resharding, overwriting backfill",
        authority="1 − exp(−write rate × copy time), Poisson writes",
        case="5 writes a second to each row, 50 ms",
        ours=spoiled_share,
        theirs=SPOILED,
        tolerance=4 * math.sqrt((1 - SPOILED) / SPOILED / ROWS),
    ),
    Case(
        model="Live resharding, insert if absent",
        authority="share of deletes × (1 − exp(−write rate × copy time))",
        case="5 writes a second, a fifth of them deletes, 50 ms",
        ours=lambda: spoiled_share(copy_rule="if_absent"),
        theirs=0.2 * SPOILED,
        tolerance=4 * math.sqrt((1 - 0.2 * SPOILED) / (0.2 * SPOILED) / ROWS),
    ),
    Case(
        model="Live resharding, versions and tombstones",
        authority="the later version wins in any order",
        case="5 writes a second, a fifth of them deletes, 50 ms",
        ours=lambda: spoiled_share(copy_rule="versioned", tombstones=True),
        theirs=0.0,
        tolerance=0.0,
    ),
    Case(
        model="Two-phase commit, decision",
        authority="one round trip (Gray 1978)",
        case="25 ms one way, seconds",
        ours=lambda: two_phase_s("decided"),
        theirs=0.05,
        tolerance=1e-12,
    ),
    Case(
        model="Two-phase commit, completion",
        authority="two round trips (Gray 1978)",
        case="25 ms one way, seconds",
        ours=lambda: two_phase_s("completed"),
        theirs=0.1,
        tolerance=1e-12,
    ),
    Case(
        model="Saga, time half done",
        authority="one step: nothing hides it",
        case="two steps of 100 ms, seconds",
        ours=saga_half_done_s,
        theirs=0.1,
        tolerance=0.02,
    ),
    Case(
        model="Read model, mean lag",
        authority="sum of the means of uniform stages",
        case="pipeline 100–500 ms, refresh every second, seconds",
        ours=lambda: float(lags_s().mean()),
        theirs=0.3 + 0.5,
        tolerance=4 * math.sqrt((0.4**2 + 1) / 12 / 2_000) / 0.8,
    ),
    Case(
        model="Read model, lags beyond 500 ms",
        authority="area of the rectangle where pipeline + wait exceed it",
        case="pipeline 100–500 ms, refresh every second",
        ours=lambda: float((lags_s() > 0.5).mean()),
        theirs=1 - 0.4 * 0.4 / 2 / 0.4,
        tolerance=4 * math.sqrt(0.2 / 0.8 / 2_000),
    ),
    Case(
        model="Projector slower than the writes",
        authority="(write rate − projection rate) × time",
        case="100 and 80 a second for 5 s: events in line",
        ours=backlog,
        theirs=(100 - 80) * 5,
        tolerance=0.02,
    ),
    Case(
        model="Commit, then publish: events lost in a crash",
        authority="rate × gap, Poisson commits",
        case="100 commits a second, 20 ms between the two",
        ours=lost_per_crash,
        theirs=100 * 0.02,
        tolerance=4 / math.sqrt(2 * 300),
    ),
]
