"""Claims on replication: those on commits, and those on monitoring and promotion."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.chapters.replication import _commit_claims as commit
from scalelab.course.chapters.replication.experiments import (
    GAP_S,
    LAG_S,
    WRITES,
    alarm_by_model,
    dead_primary,
    naive_share,
    naive_watch,
    two_primaries,
    waited_for_lag,
)
from scalelab.course.ledger import Values
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.models.availability import availability_of_outages
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.replication import lost_writes
from scalelab.models.staleness import stale_share

TYPICAL = lognormal_from_percentiles(0.010, 5.0)
SEED = 2026
# Systems and what they wait for where nobody has set anything: 0 a local commit, 1 a majority.
DEFAULTS = {
    "PostgreSQL, streaming replication": 0,
    "MySQL, source and replica": 0,
    "MariaDB, primary and replica": 0,
    "MongoDB, since 5.0": 1,
}


claim = commit.claim
(
    sync_12ms,
    sync_latency,
    zero_lag,
    strong,
    sync_availability,
    choice,
    async_2ms,
    lag_range,
    async_availability,
) = (
    commit.sync_12ms,
    commit.sync_latency,
    commit.zero_lag,
    commit.strong,
    commit.sync_availability,
    commit.choice,
    commit.async_2ms,
    commit.lag_range,
    commit.async_availability,
)


@claim(
    "rp-default-async",
    says="Most databases default to asynchronous replication, as performance counts more than "
    "consistency for reads.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Three of four that we looked up: PostgreSQL, MySQL and MariaDB; MongoDB has waited "
    "for a majority since version 5.0. The reason is not the speed of reads, which is the same: "
    "it is that writes are quick, 2 instead of 12 ms in the guide's own example, and do not hang "
    "with a standby.",
    source="Manuals of the four; the list in the code.",
    named={
        "looked_up": "databases looked up",
        "asynchronous": "of them asynchronous by default",
    },
)
def default_async() -> Values:
    return {
        "looked_up": len(DEFAULTS),
        "asynchronous": sum(not waits for waits in DEFAULTS.values()),
    }


@claim(
    "rp-alert-1s",
    says="Alert when the lag is over 1 s.",
    kind="replication",
    verdict="misleading",
    finding="Against the guide's own typical range it rings for lags that it calls normal: 21 % "
    "of all, if 10 ms and 5 s are the 5th and 95th percentile of a log-normal law, and 80 % if all "
    "lags between are as likely. What a second means depends on what it costs: at 1,000 writes a "
    "second, 1,000 confirmed writes at a failover. Set the limit by the loss or the staleness "
    "that you can bear, and let it be exceeded for some time before it rings.",
    source="Log-normal law through two percentiles; uniform law; loss = lag × rate.",
    named={
        "log_normal": "lags over 1 s by the log-normal law | share",
        "uniform": "by the uniform law | share",
        "lost": "lost at a failover with 1 s of lag | writes",
    },
)
def alert() -> Values:
    return {
        "log_normal": float(stale_share(TYPICAL, 1.0)),
        "uniform": (5.0 - 1.0) / (5.0 - 0.010),
        "lost": float(lost_writes(1.0, 1_000)),
    }


@claim(
    "rp-failover-if-lag-high",
    says="Fail over automatically when the lag is too high.",
    kind="replication",
    verdict="misleading",
    finding="If the reads of that replica go elsewhere, nothing is lost. If it is promoted, 5 s "
    "of lag at 1,000 writes a second throw away 5,000 confirmed writes and a healthy primary. On "
    "the fake, with 0.2 s and 1,000 writes a second, the promotion loses about 200 of them, and "
    "taking the replica out of the reads none. High lag says which replica not to promote.",
    source="Loss = lag × rate; ten runs of the replicated store.",
    named={
        "lost_5s": "promoted, 5 s behind | writes lost",
        "lag_s": "lag of the runs on the fake | s",
        "lost_fake": "promoted on the fake, 0.2 s behind, mean of ten runs | writes lost",
        "lost_out": "taken out of the reads | writes lost",
    },
)
def failover_if_lag() -> Values:
    rngs = np.random.default_rng(SEED).spawn(10)
    store = ReplicatedStore(VirtualClock(), replicas=1, apply_delay_s=5.0)
    for i in range(20):
        store.put(i, "paid")
    store.get(0)  # reads go to the primary meanwhile
    return {
        "lost_5s": float(lost_writes(5.0, 1_000)),
        "lag_s": LAG_S,
        "lost_fake": float(np.mean([dead_primary(rng, 1e3 * LAG_S, 1_000.0) for rng in rngs])),
        "lost_out": len(store.lost_writes()),
    }


@claim(
    "rp-pg-lag-query",
    says="`now() - pg_last_xact_replay_timestamp()` is the lag.",
    kind="replication",
    verdict="misleading",
    finding="It is the time since the last transaction that was applied, and grows while nobody "
    "writes. With a write a minute on average and a lag of 10 ms it says 60.01 s on average, and "
    "an alarm at 1 s is on for 98.4 % of the time on a standby that lacks nothing. The usual "
    "repair, 0 when all that was received is applied, is worse: behind a cut link it says 0 for "
    "ever. Ask for a heartbeat row, or ask the primary for positions and take a missing standby "
    "for an alarm.",
    source="Exponential gaps: mean G + lag, alarm e^(−(1 − lag)/G); the replicated store.",
    named={
        "mean_s": "what it says on average | s",
        "alarm": "time with an alarm at 1 s | share",
        "fake": "the same on the fake | share",
        "missing": "of its looks, those with a write missing for more than 1 s | share",
    },
)
def pg_query() -> Values:
    rng = np.random.default_rng(SEED)
    _, _, missing = naive_watch(np.random.default_rng(SEED), 3_000, 7.0)
    return {
        "mean_s": GAP_S + 0.010,
        "alarm": alarm_by_model(1.0),
        "fake": naive_share(rng, 1.0),
        "missing": float(np.mean(missing > 1.0)),
    }


@claim(
    "rp-mysql-show-slave",
    says="On MySQL, `SHOW SLAVE STATUS` and `Seconds_Behind_Master`.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Before MySQL 8.4, which has removed the statement: since 8.0.22 it is `SHOW REPLICA "
    "STATUS` with `Seconds_Behind_Source`; MariaDB still takes both. Under either name it "
    "compares what is applied with what was received, not with the primary: of 50 writes that "
    "never arrived, it counts none.",
    source="Manuals of MySQL 8.0 and 8.4; a run of the replicated store with a cut link.",
    named={
        "missing": "writes missing behind a cut link",
        "counted": "of them received and not applied, which is what it looks at",
    },
)
def mysql_query() -> Values:
    store = ReplicatedStore(VirtualClock(), replicas=1)
    store.network.partition(["node1"], ["node0"])
    for i in range(50):
        store.put(i, "paid")
    lag = store.lag("node1")
    return {"missing": lag.entries, "counted": lag.entries - lag.in_flight}


@claim(
    "proc-lag-monitoring",
    says="Monitoring in three parts: an alert, a dashboard for each replica, an automatic action.",
    kind="procedure",
    verdict="misleading",
    finding="The parts are right, their contents are not: the guide's probe rings 98.4 % of the "
    "time in a quiet night, its limit is below its own typical lag, and its action promotes the "
    "wrong one. Better: a position or a heartbeat, a limit set by what it costs, and a replica "
    "that is behind leaves the reads.",
    source="The three findings on its parts.",
    named={
        "alarm": "time with an alarm on a quiet standby | share",
        "normal": "lags that it calls typical and rings for | share",
        "lost": "lost by the action at 5 s, 1,000 writes a second | writes",
    },
)
def monitoring() -> Values:
    return {
        "alarm": alarm_by_model(1.0),
        "normal": float(stale_share(TYPICAL, 1.0)),
        "lost": float(lost_writes(5.0, 1_000)),
    }


@claim(
    "rp-own-query-own-steps",
    says="Stop the writes, wait until the lag is zero, as the monitoring query says.",
    kind="replication",
    verdict="wrong",
    finding="The two sections do not go together: with the writes stopped, the query says the "
    "time since the last of them, and never 0 again. On the fake it says 0, 1 and 2 s after as "
    "many seconds, while the standby had everything after 0.01 s. On PostgreSQL it was 1.0 s "
    "later 1.0 s more. Wait for the position of the last write instead.",
    source="A run of the replicated store; three asks of PostgreSQL 18 on the page.",
    named={
        "after_0": "the query at once | s",
        "after_1": "1 s later | s",
        "after_2": "2 s later | s",
        "missing": "records missing 0.01 s after the last write",
    },
)
def own_query() -> Values:
    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=1, apply_delay_s=0.010)
    store.put("last", "paid")
    clock.advance(0.010)
    missing, begin_s = store.lag("node1").entries, clock.now_s - 0.010
    said = []
    for second in range(3):
        clock.advance(begin_s + max(second, 0.010) - clock.now_s)
        said.append(store.lag("node1").naive_s)
    return {
        "after_0": round(said[0], 2),
        "after_1": said[1],
        "after_2": said[2],
        "missing": missing,
    }


@claim(
    "rp-promotion-wait-lag0",
    says="When the primary fails: stop writes, wait until the lag is 0, promote.",
    kind="replication",
    verdict="wrong",
    finding="Nobody sends what the dead primary had not sent, so the wait has no end: on the "
    "fake, 0.2 s behind at 1,000 writes a second, 200 confirmed writes are missing at the crash, "
    "and as many a minute later. It is the procedure of a planned switch, where it loses none. "
    "After a failure: fence the old primary, take the standby with the longest log, promote, "
    "accept what it lacks.",
    source="Runs of the replicated store with a dead and with a living primary.",
    named={
        "lag_s": "lag of the runs | s",
        "rate": "writes in the runs | a second",
        "missing": "writes missing at the crash",
        "minute": "a minute later",
        "lost": "lost by a promotion then",
        "planned": "lost by a planned switch",
    },
)
def wait_for_zero() -> Values:
    missing, minute, lost = waited_for_lag(planned=False)
    *_, planned = waited_for_lag(planned=True)
    return {
        "lag_s": LAG_S,
        "rate": WRITES,
        "missing": missing,
        "minute": minute,
        "lost": lost,
        "planned": planned,
    }


@claim(
    "proc-promotion-5-steps",
    says="Five steps: stop writes, wait for zero lag, promote, change the connection strings, "
    "resume.",
    kind="procedure",
    verdict="wrong",
    finding="For the case that the guide names, a primary that fails, two steps are missing and "
    "one has no end. A primary that is only cut off goes on taking writes: on the fake, without a "
    "fence, two nodes are primary at once and ten confirmed writes are lost at its return; with "
    "one there is one primary, the same clients get errors instead, and nothing that was "
    "confirmed is lost. For a planned switch the five steps are right.",
    source="Runs of the replicated store with a primary that is cut off.",
    named={
        "primaries": "primaries at once without a fence",
        "lost": "confirmed writes lost without a fence",
        "fenced_primaries": "primaries with a fence",
        "fenced_lost": "confirmed writes lost with a fence",
    },
)
def five_steps() -> Values:
    primaries, lost = two_primaries(fencing=False)
    fenced_primaries, fenced_lost = two_primaries(fencing=True)
    return {
        "primaries": primaries,
        "lost": lost,
        "fenced_primaries": fenced_primaries,
        "fenced_lost": fenced_lost,
    }


@claim(
    "rp-connection-strings",
    says="After the promotion, update the connection strings of the applications.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="If the old primary is fenced. A client that has not heard of it, or has both "
    "addresses in its list, is served by the old one: on PostgreSQL, asked for a server that "
    "takes writes, the client took the first of its list, and both accepted a row with the number "
    "11. On the fake, ten writes to the old address are confirmed without a fence, and none with "
    "one.",
    source="Runs of the replicated store; PostgreSQL 18 on the page.",
    named={
        "confirmed": "writes to the old address confirmed, without a fence",
        "fenced": "the same with a fence",
    },
)
def connection_strings() -> Values:
    return {
        "confirmed": two_primaries(fencing=False)[1],
        "fenced": two_primaries(fencing=True)[1],
    }


@claim(
    "rp-rds-1-2min",
    says="A managed database fails over by itself in 1 to 2 minutes.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="That is what the maker says of a standby that is kept in step synchronously, not of "
    "a read replica, which nobody promotes for you; a cluster with readable standbys takes, he "
    "says, typically less than 35 s. At 2 minutes each, 99.99 % of a year leaves room for 26 "
    "failovers; one a month is 24 minutes a year, 99.995 %.",
    source="Documentation of Amazon RDS; availability of outages.",
    named={
        "failovers": "failovers of 2 min within 99.99 % of a year",
        "promise": "of the year up, as promised | share",
        "minutes": "one a month | minutes a year",
        "availability": "up, with one a month | share",
        "short": "failovers of 35 s within 99.99 %",
    },
)
def managed() -> Values:
    year_s = 365 * 24 * 3600
    return {
        "failovers": math.floor(1e-4 * year_s / 120),
        "promise": 0.9999,
        "minutes": 12 * 120 / 60,
        "availability": float(availability_of_outages(12, 120)),
        "short": math.floor(1e-4 * year_s / 35),
    }


@claim(
    "rp-mysql-manual",
    says="A failover of MySQL is manual, or managed by an orchestrator.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Of asynchronous replication, which is the section's subject. MySQL also has group "
    "replication, which elects a primary itself by a majority: 2 of 3 servers, 3 of 5. It bears "
    "the loss of 1 and of 2, and is not asynchronous.",
    source="Manual of MySQL; a majority is more than half.",
    named={
        "of_three": "servers of three that must be up",
        "of_five": "of five",
        "bears_three": "deaths that three bear",
        "bears_five": "deaths that five bear",
    },
)
def mysql_manual() -> Values:
    return {
        "of_three": 3 // 2 + 1,
        "of_five": 5 // 2 + 1,
        "bears_three": 3 - (3 // 2 + 1),
        "bears_five": 5 - (5 // 2 + 1),
    }
