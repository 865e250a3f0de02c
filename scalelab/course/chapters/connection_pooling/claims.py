"""Claims on connection pooling.

The guide's own example runs through them: 50 ms to connect, 20 ms to
authenticate, 5 ms for the query, 10 ms to close, one request after another.
"""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.connection_pooling.experiments import most_replaced_at_once
from scalelab.course.ledger import Values, section
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.fakes.pooling.session_pooler import Mode, settings_kept
from scalelab.models.closed_queue import machine_repairman, smallest_population
from scalelab.models.erlang import erlang_c, mmc_mean_wait_s
from scalelab.models.operational_laws import mean_number
from scalelab.models.round_trips import ConnectionAccount, Step, connection_account
from scalelab.models.usl import usl_capacity

claim = section("Connection Pooling", "connection_pooling")


def guide_account(query_s: float = 0.005, validation_s: float = 0.0) -> ConnectionAccount:
    """Return the guide's example as it stands, for a query of some length."""
    steps = [Step("connect", 0, 0.050), Step("authenticate", 0, 0.020)]
    if validation_s:
        steps.append(Step("validate", 0, validation_s, "borrow"))
    steps += [Step("query", 0, query_s, "query"), Step("close", 0, 0.010, "close")]
    return ConnectionAccount(tuple(steps), rtt_s=0.0)


def rule_of_thumb(cores: int, spindles: int) -> int:
    """Return the pool size of the rule: twice the cores, and one for each spindle."""
    return 2 * cores + spindles


HIKARI_IDLE_MS, HIKARI_LIFETIME_MS = 600_000, 1_800_000  # its documented defaults
HIKARI_JITTER = 0.025  # by so much it shortens a lifetime, at most
INSTANCES, POOL_MIN, POOL_MAX = 50, 5, 20  # the guide's fleet limit and its pool settings


@claim(
    "pool-85ms",
    says="Connect, authenticate, query and close take 50 + 20 + 5 + 10 = 85 ms.",
    kind="arithmetic",
    verdict="holds",
    finding="The sum is right.",
    source="Addition.",
    named={
        "ms": "one request without a pool | ms",
    },
)
def total() -> Values:
    return {"ms": guide_account().unpooled_s * 1e3}


@claim(
    "pool-6pct",
    says="The query is only 6 % of those 85 ms.",
    kind="arithmetic",
    verdict="holds",
    finding="5 of 85 ms, rounded.",
    source="Division.",
    named={
        "share": "query of the whole | share",
    },
)
def query_share() -> Values:
    account = guide_account()
    return {"share": account.request_s / account.unpooled_s}


@claim(
    "pool-8.5s-overhead",
    says="Without a pool, a hundred requests spend 8.5 s on connection overhead alone.",
    kind="arithmetic",
    verdict="wrong",
    finding="The overhead is 80 ms a request, so 8.0 s. The 8.5 s are the whole, with 0.5 s of "
    "queries in it.",
    source="Addition; the guide's own figures.",
    named={
        "each": "overhead of one request | ms",
        "overhead": "overhead of a hundred | s",
        "total": "a hundred, with their queries | s",
    },
)
def overhead() -> Values:
    account = guide_account()
    each_s = account.unpooled_s - account.request_s
    return {
        "each": each_s * 1e3,
        "overhead": 100 * each_s,
        "total": 100 * account.unpooled_s,
    }


@claim(
    "pool-17x",
    says="A pooled request takes 5 ms instead of 85: 17 times faster.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="True for a query of 5 ms and no wait for a connection. The gain is (80 + q) / q: 5 × "
    "for a query of 20 ms, 2.6 × for 50 ms, nothing to speak of for 2.5 s.",
    source="Round-trip account with the guide's figures.",
    named={
        "x": "gain for a query of 5 ms | ×",
        "q20": "gain for a query of 20 ms | ×",
        "q50": "gain for a query of 50 ms | ×",
        "q2500": "gain for a query of 2.5 s | ×",
    },
)
def seventeen_times() -> Values:
    return {
        "x": guide_account().gain,
        "q20": guide_account(0.020).gain,
        "q50": guide_account(0.050).gain,
        "q2500": guide_account(2.5).gain,
    }


@claim(
    "pool-0.5s-100",
    says="A hundred pooled requests take 0.5 s instead of 8.5 s.",
    kind="arithmetic",
    verdict="holds",
    finding="One after another, once the pool is open. Over the ten connections that the guide "
    "draws they would take 0.05 s.",
    source="A fake pool on a virtual clock.",
    named={
        "serial": "over one connection | s",
        "parallel": "over ten connections | s",
    },
)
def hundred_requests() -> Values:
    def run(connections: int) -> float:
        clock = VirtualClock()
        database = FakeDatabase(clock, cores=10)
        pool = FakeConnectionPool(
            database, clock, min_size=connections, max_size=connections, acquire_timeout_s=30.0
        )
        pool.warm_up()
        start_s = clock.now_s
        PoolLoad(pool, database, [start_s] * 100, query_wait_s=lambda now_s: 0.005)
        clock.run_until(lambda: pool.stats().granted == 100 and pool.stats().borrowed == 0)
        return clock.now_s - start_s

    return {"serial": run(1), "parallel": run(10)}


@claim(
    "pool-5-10x",
    says="A pool makes responses 5 to 10 times faster.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="With 80 ms of overhead that is the range of queries between 8.9 and 20 ms; the "
    "guide's own example, at 5 ms, is 17 ×. The factor belongs to a query and a network, not to "
    "pooling.",
    source="Round-trip account, solved for the query: q = 80 ms / (gain − 1).",
    named={
        "overhead": "overhead of one request | ms",
        "q_for_10": "query for which the gain is 10 | ms",
        "q_for_5": "query for which the gain is 5 | ms",
    },
)
def five_to_ten() -> Values:
    account = guide_account()
    overhead_ms = (account.unpooled_s - account.request_s) * 1e3
    return {"overhead": overhead_ms, "q_for_10": overhead_ms / 9, "q_for_5": overhead_ms / 4}


@claim(
    "pool-physics-rtt",
    says="On one link, a TCP connection takes 50 ms, authentication 20 ms and a query 5 ms.",
    kind="queueing",
    verdict="misleading",
    finding="A TCP handshake is one round trip, so that link needs 50 ms for the query as well, "
    "and no less for authentication. Taken at its word, with 5 ms of work in the query, the gain "
    "is 2.5 ×, or 2.3 × for a client that does not wait for the 10 ms of closing; with SCRAM in "
    "place of the 20 ms 4.6 ×; in a data centre at 1 ms, 1.7 ×. The "
    "total of 85 ms is no fantasy: it is what 15 round trips of 5 ms and 10 ms of work cost, with "
    "TLS, SCRAM and the driver's own statements. The labels are what cannot be.",
    source="Round-trip account; RFC 9293, RFC 5802, PostgreSQL message flow.",
    named={
        "x_guide_auth": "gain without closing | ×",
        "x_with_close": "gain with closing | ×",
        "x_scram": "gain with SCRAM | ×",
        "x_dc": "gain in a data centre | ×",
        "chatty": "chatty driver, link of 5 ms | ms",
        "round_trips": "its round trips",
    },
)
def physics() -> Values:
    steps = (
        Step("TCP handshake", 1),
        Step("authenticate", 0, 0.020),
        Step("query", 1, 0.005, "query"),
        Step("close", 0, 0.010, "close"),
    )
    closing, at_its_word = (ConnectionAccount(each, rtt_s=0.050) for each in (steps, steps[:3]))
    chatty = connection_account(0.005, tls="1.2", driver_statements=7, setup_work_s=0.010)
    return {
        "x_guide_auth": at_its_word.gain,
        "x_with_close": closing.gain,
        "x_scram": connection_account(0.050, query_work_s=0.005).gain,
        "x_dc": connection_account(0.001, query_work_s=0.005).gain,
        "chatty": chatty.unpooled_s * 1e3,
        "round_trips": int(chatty.table().round_trips.sum()),
    }


@claim(
    "pool-min5-max20",
    says="A pool should keep at least 5 connections and never open more than 20.",
    kind="sizing",
    verdict="misleading",
    finding="For the four cores of the guide's example its own formula gives 8 to 10 for the "
    "whole database. A limit of 20 is twice that in one instance alone. Compute the number, then "
    "divide it by the instances.",
    source="The guide's formula against the guide's settings.",
    named={
        "ratio": "limit of one pool over the database's 10 | ×",
    },
)
def min_and_max() -> Values:
    return {"ratio": POOL_MAX / rule_of_thumb(cores=4, spindles=2)}


@claim(
    "pool-formula",
    says="The right pool size is twice the cores plus the effective spindles.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="It fits a query that waits about as long as it computes: on four cores 8 connections "
    "reach 89 % of the best throughput and 10 reach 97 %. A query that waits nine times as long "
    "reaches 20 % with 8 and needs about 40. The number to know is cores × (1 + wait / CPU).",
    source="Machine-repairman model (Harchol-Balter 2013); the rule is HikariCP's, there with the "
    "advice to test around it.",
    named={
        "half_8": "throughput of 8, wait = CPU | share",
        "half_10": "throughput of 10, wait = CPU | share",
        "io90_8": "throughput of 8, wait = 9 CPU | share",
        "io90_40": "throughput of 40, wait = 9 CPU | share",
    },
)
def formula() -> Values:
    def share(connections: int, wait_over_cpu: float) -> float:
        return machine_repairman(connections, wait_over_cpu, 1.0, 4).share_of_max_throughput

    return {
        "half_8": share(8, 1),
        "half_10": share(10, 1),
        "io90_8": share(8, 9),
        "io90_40": share(40, 9),
    }


@claim(
    "pool-4core-8-10",
    says="A database server with four cores wants 8 to 10 connections.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="8 by the rule for SSDs, which the guide gives just before; 9 or 10 take one or two "
    "disks. And the rule itself needs a query that waits as long as it computes.",
    source="The guide's formula.",
    named={
        "n": "the rule with 0, 1 and 2 disks | connections",
    },
)
def four_cores() -> Values:
    return {"n": [float(rule_of_thumb(4, spindles)) for spindles in (0, 1, 2)]}


@claim(
    "pool-not-100",
    says="With more than 100 connections the database gets worse, not better.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Queueing alone costs no throughput: with 100 connections four cores do as much work, "
    "but an answer takes 24 CPU times instead of 1.6, because the line moved into the database. "
    "Throughput falls only if connections get in each other's way; with the coherency assumed "
    "here, 10 connections do 4.8 times the work of one and 100 do no more than one.",
    source="Machine-repairman model, wait = CPU; universal scalability law with sigma = 0.02, "
    "kappa = 0.0098 (Gunther 2007), an assumption that your own measurements must replace.",
    named={
        "R10": "time at the cores with 10 connections | CPU times",
        "R100": "time at the cores with 100 connections | CPU times",
        "usl10": "work of 10 that hinder each other | ×",
        "usl100": "work of 100 that hinder each other | ×",
    },
)
def not_a_hundred() -> Values:
    return {
        "R10": machine_repairman(10, 1.0, 1.0, 4).mean_response_s,
        "R100": machine_repairman(100, 1.0, 1.0, 4).mean_response_s,
        "usl10": usl_capacity(10, 0.02, 0.0098),
        "usl100": usl_capacity(100, 0.02, 0.0098),
    }


@claim(
    "pool-10-often-enough",
    says="10 connections are often enough.",
    kind="queueing",
    verdict="holds",
    finding="With queries of 5 ms they carry up to 2,000 queries a second. At 1,000 a second "
    "3.6 % of the requests wait, 0.036 ms on average; with 8 connections 17 % do.",
    source="Little's law; Erlang C.",
    named={
        "max": "ten carry at most | queries/s",
        "pw10": "requests that wait for one of 10 | share",
        "pw8": "requests that wait for one of 8 | share",
        "mean_wait_ms": "mean wait for one of 10 | ms",
    },
)
def ten_are_enough() -> Values:
    return {
        "max": 10 / 0.005,
        "pw10": erlang_c(1000.0, 200.0, 10),
        "pw8": erlang_c(1000.0, 200.0, 8),
        "mean_wait_ms": mmc_mean_wait_s(1000.0, 200.0, 10) * 1e3,
    }


@claim(
    "pool-fleet-total",
    says="Each instance of an application may open up to 20 connections (read together with the "
    "guide's limit of 50 instances).",
    kind="sizing",
    verdict="misleading",
    finding="That is 250 connections at rest and 1,000 at full size, for a server whose formula "
    "says 8: 0.16 of a connection for each instance. The formula belongs to the database, not to "
    "each client. At this fan-in a shared pooler in front is needed.",
    source="Multiplication; the guide's sections on autoscaling and pooling.",
    named={
        "min": "open at rest | connections",
        "max": "open at full size | connections",
        "per_instance": "the formula's 8 for each instance | connections",
    },
)
def fleet() -> Values:
    return {
        "min": INSTANCES * POOL_MIN,
        "max": INSTANCES * POOL_MAX,
        "per_instance": rule_of_thumb(4, 0) / INSTANCES,
    }


@claim(
    "pool-timeout-30s",
    says="A request should wait up to 30 s for a connection.",
    kind="queueing",
    verdict="misleading",
    finding="At 2,000 requests a second an exhausted pool has 60,000 of them waiting after 30 s, "
    "60 times as long as the half second at which the guide raises an alarm. Fail fast: a timeout "
    "of the order of the latency target, and a bounded line.",
    source="Little's law.",
    named={
        "waiters": "waiting after 30 s | requests",
        "alarm_ratio": "timeout over the alarm of 500 ms | ×",
    },
)
def half_a_minute() -> Values:
    return {"waiters": mean_number(2000.0, 30.0), "alarm_ratio": 30.0 / 0.5}


@claim(
    "pool-startup-10-vs-min5",
    says="The pool opens 10 connections at start-up (its settings keep at least 5).",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="A pool may open more at first than it keeps, if it has a setting for each; where it "
    "has one, these are two numbers for it. Ten connections at 70 ms each, one after another, are "
    "0.7 s before the first request. Open them side by side.",
    source="The guide's own connect cost.",
    named={
        "each": "one connection | ms",
        "startup_s": "ten, one after another | s",
    },
)
def start_up() -> Values:
    clock = VirtualClock()
    database = FakeDatabase(clock)
    for _ in range(10):
        database.connect()
    return {"each": clock.now_s * 1e3 / database.connects, "startup_s": clock.now_s}


@claim(
    "pool-lifetimes",
    says="Close a connection after 600 s idle, and replace it after 1,800 s in any case.",
    kind="qualitative",
    verdict="holds",
    finding="These are HikariCP's defaults, and sound. They do not say one thing: ten connections "
    "that were opened together expire together, unless each lifetime is shortened at random. "
    "HikariCP does so by itself, by up to 2.5 %, and they go one by one. A pool that takes over "
    "the two numbers alone does not.",
    source="HikariCP configuration: idleTimeout 600,000 ms, maxLifetime 1,800,000 ms; a fake pool.",
    named={
        "idle": "HikariCP closes the idle after | s",
        "max": "HikariCP replaces after | s",
        "reopened_at_once": "replaced in one second, equal lifetimes | connections",
        "jitter": "HikariCP shortens a lifetime by at most | share",
        "with_jitter": "replaced in one second, shortened at random | connections",
    },
)
def lifetimes() -> Values:
    return {
        "idle": HIKARI_IDLE_MS / 1e3,
        "max": HIKARI_LIFETIME_MS / 1e3,
        "reopened_at_once": most_replaced_at_once(0.0, rng=np.random.default_rng(7)),
        "jitter": HIKARI_JITTER,
        "with_jitter": most_replaced_at_once(HIKARI_JITTER, rng=np.random.default_rng(7)),
    }


@claim(
    "pool-validate-each-borrow",
    says="Test every connection with SELECT 1 before lending it (and borrowing is instant).",
    kind="queueing",
    verdict="misleading",
    finding="The test crosses the network as the query does. Where that is what the query's 5 ms "
    "are, a request takes 10 ms, and the gain of 17 × becomes 8.5 ×. Test only what has been idle "
    "for a while, and handle the error of the rest.",
    source="Round-trip account with a validation step.",
    named={
        "x": "gain with a test | ×",
        "request": "pooled request with a test | ms",
    },
)
def validate_each() -> Values:
    without_pool, tested = guide_account(), guide_account(validation_s=0.005)
    return {"x": without_pool.unpooled_s / tested.request_s, "request": tested.request_s * 1e3}


@claim(
    "pool-first-optimization",
    says="Pooling should be the first optimisation.",
    kind="cost",
    verdict="misleading",
    finding="For a slow query of 2.5 s, which the guide shows elsewhere, a pool gains 1.03 ×, and "
    "an index gains 50 ×. The guide itself puts query optimisation first in two other places. If "
    "nothing is pooled yet, pooling is cheap and comes early; what comes first is to measure where "
    "the time goes.",
    source="Round-trip account; Amdahl's law on one request.",
    named={
        "x": "gain of a pool for 2.5 s | ×",
        "index": "gain of an index | ×",
    },
)
def first_optimisation() -> Values:
    return {"x": guide_account(2.5).gain, "index": 2.5 / 0.05}


@claim(
    "pool-pgbouncer-transparent",
    says="PgBouncer pools outside the application, which does not notice.",
    kind="qualitative",
    verdict="misleading",
    finding="In session mode it does not. In transaction mode, the one that makes many clients "
    "share few connections, what a client sets for its session stays on one of them. Lent is the "
    "connection that came back last, so while others are hardly at work it is mostly the same one: "
    "with 0.05 of ten connections busy 90 % of the reads find what was set, with half a connection "
    "43 %, with 5 of ten 11 %. It passes in a test and breaks under load. SET, advisory locks, "
    "LISTEN and temporary tables all break so.",
    source="A fake pooler, its transactions ten lengths apart; PgBouncer's feature map, and its "
    "server_round_robin, off by default.",
    named={
        "busy": "busy with others, of ten | connections",
        "by_session": "reads that find their setting, by session | share",
        "by_transaction": "reads that find their setting, by transaction | share",
    },
)
def transparent() -> Values:
    def kept(mode: Mode, busy: float) -> float:
        rng = np.random.default_rng(11)
        return settings_kept(mode, 10, busy=busy, trials=4_000, rng=rng)

    busy = (0.05, 0.5, 5.0)
    return {
        "busy": list(busy),
        "by_session": [kept("session", others) for others in busy],
        "by_transaction": [kept("transaction", others) for others in busy],
    }


@claim(
    "pool-fastest",
    says="HikariCP is the fastest pool for Java, and the most used.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="The ranking is its maker's own, undated, and not settled here; what it is worth can "
    "be computed. If a borrow takes 50 µs, which is slow, it is 1.0 % of the query of 5 ms. A pool "
    "that lends ten times as fast saves 0.9 % of the request. Having a pool at all saves 94.1 %. "
    "The fastest matters where queries take microseconds. What can be looked up: it is the default "
    "pool of Spring Boot since version 2.",
    source="The guide's own figures; a borrow of 50 µs is assumed; Spring Boot reference "
    "documentation, SQL databases.",
    named={
        "query_ms": "one query | ms",
        "borrow_us": "one borrow, assumed | µs",
        "borrow": "borrow of the query | share",
        "faster": "saved by lending ten times as fast | share",
        "pooled": "saved by a pool | share",
    },
)
def fastest() -> Values:
    account, borrow_s = guide_account(), 50e-6
    return {
        "query_ms": account.request_s * 1e3,
        "borrow_us": borrow_s * 1e6,
        "borrow": borrow_s / account.request_s,
        "faster": (borrow_s - borrow_s / 10) / (account.request_s + borrow_s),
        "pooled": 1 - account.request_s / account.unpooled_s,
    }


@claim(
    "pool-prevents-exhaustion",
    says="Pools prevent that the database runs out of connections.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Each pool bounds its own process. Fifty processes of 20 may still ask for 1,000 from "
    "a server that accepts 100, and 3 of these are not for applications: 903 are refused. Only a "
    "limit for the whole fleet prevents that.",
    source="A fake fleet; PostgreSQL's defaults, max_connections 100 and "
    "superuser_reserved_connections 3.",
    named={
        "total": "asked for | connections",
        "refused": "refused | connections",
    },
)
def prevents_exhaustion() -> Values:
    clock = VirtualClock()
    database = FakeDatabase(clock, max_connections=100 - 3)
    for _ in range(INSTANCES):
        FakeConnectionPool(
            database, clock, min_size=POOL_MAX, max_size=POOL_MAX, acquire_timeout_s=1.0
        )
    clock.run(0.0)
    return {"total": INSTANCES * POOL_MAX, "refused": float(database.refused)}


@claim(
    "proc-pool-sizing",
    says="Size the pool from the cores, then set the timeouts and the validation.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The order is right, and one input is missing: how long a query waits for each second "
    "that it computes. For 95 % of the best throughput on four cores a query that only computes "
    "needs 4 connections, one that waits as long as it computes 10, and one that waits nine times "
    "as long 44.",
    source="Machine-repairman model, smallest population.",
    named={
        "cpu_bound": "for 95 %, query that only computes | connections",
        "half": "for 95 %, wait = CPU | connections",
        "io90": "for 95 %, wait = 9 CPU | connections",
    },
)
def sizing() -> Values:
    return {
        "cpu_bound": smallest_population(0.95, 0.0, 1.0, 4),
        "half": smallest_population(0.95, 1.0, 1.0, 4),
        "io90": smallest_population(0.95, 9.0, 1.0, 4),
    }
