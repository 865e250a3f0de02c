"""Claims on what a write waits for, and what that costs."""

from __future__ import annotations

from scalelab.course.chapters.replication.experiments import (
    ANSWER,
    NODE_UP,
    WARS,
    guide_write_ms,
    hours_without_writes,
    stale_by_model,
)
from scalelab.course.chapters.replication.failovers import TWENTY
from scalelab.course.ledger import Values, section
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.models.availability import (
    k_of_n_availability,
    serial_availability,
)
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.quorum import k_staleness, miss_probability, monotonic_violation
from scalelab.models.replication import lost_writes
from scalelab.models.staleness import stale_share
from scalelab.models.write_latency import (
    kth_exponential_mean_s,
    kth_latency_mean_s,
    kth_latency_percentile_s,
)

claim = section("Read Replicas (Revisited with More Detail)", "replication")

TYPICAL = lognormal_from_percentiles(0.010, 5.0)
# PostgreSQL 18.6, share of reads at once that missed a write: in peace, and during an import; two
# shared cores, Linux, 28 November 2026, as on the page on read replicas.
MISSED_AT_ONCE = {"on": (0.08, 0.82), "remote_apply": (0.0, 0.0)}


@claim(
    "rp-sync-12ms",
    says="A synchronous write takes 1 + 5 + 5 + 1 = 12 ms.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="The arrows add up to 12 ms. The steps also write to two disks, which the timeline "
    "leaves out: with 1 ms each it is 14 ms, one after the other, since PostgreSQL sends only "
    "what is on its own disk. The way to the standby and back is 10 of the 12.",
    source="Sum of the arrows and of the disks in the guide's steps.",
    named={
        "ms": "the guide's arrows | ms",
        "with_disks": "with two disks of 1 ms | ms",
        "round_trip": "of them the round trip to the standby | ms",
    },
)
def sync_12ms() -> Values:
    asynchronous = guide_write_ms("asynchronous")
    return {
        "ms": guide_write_ms("synchronous"),
        "with_disks": guide_write_ms("synchronous", disk_ms=1.0),
        "round_trip": guide_write_ms("synchronous") - asynchronous,
    }


@claim(
    "rp-sync-latency-throughput",
    says="Synchronous writes have a higher latency.",
    kind="queueing",
    verdict="holds",
    finding="12 ms instead of 2 ms. One connection that writes one after the other does 83.3 "
    "instead of 500 a second. But 1,000 writes a second need only 12 connections at work instead "
    "of 2: waiting costs connections, and throughput only where these end.",
    source="Little's law: connections at work are rate times time.",
    named={
        "sync_each": "synchronous writes of one connection | a second",
        "async_each": "asynchronous writes of one connection | a second",
        "sync_busy": "connections at work for 1,000 synchronous writes a second",
        "async_busy": "connections at work for 1,000 asynchronous ones",
    },
)
def sync_latency() -> Values:
    sync_s, async_s = (guide_write_ms(kind) / 1e3 for kind in ("synchronous", "asynchronous"))
    return {
        "sync_each": 1 / sync_s,
        "async_each": 1 / async_s,
        "sync_busy": 1_000 * sync_s,
        "async_busy": 1_000 * async_s,
    }


@claim(
    "rp-zero-lag",
    says="A synchronous replica has no lag: it is always current.",
    kind="consistency",
    verdict="misleading",
    finding="It depends on what the commit waits for. On PostgreSQL at `on`, received and on the "
    "standby's disk, 8 % of the reads at once missed the write in peace and 82 % during an "
    "import; at `remote_apply`, received and applied, none. On the fake with 20 ms of applying, "
    "a read at once is stale when the commit waited for receiving, and fresh when for applying. "
    "What is zero is the loss, not the lag.",
    source="A run of the replicated store; PostgreSQL, recorded on 28 November 2026.",
    named={
        "quiet": "reads at once that miss the write at `on`, in peace | share",
        "import": "the same during an import | share",
        "apply": "where the commit waited for applying, during an import | share",
        "fake_receive": "stale reads of one on the fake, after receiving",
        "fake_apply": "stale reads of one on the fake, after applying",
    },
)
def zero_lag() -> Values:
    stale = {}
    for sync in ("receive", "apply"):
        store = ReplicatedStore(
            VirtualClock(),
            replicas=1,
            sync=sync,
            apply_delay_s=0.020,
        )
        store.put("balance", 70)
        stale[sync] = int(store.get("balance", node="node1") != 70)
    quiet, busy = MISSED_AT_ONCE["on"]
    return {
        "quiet": quiet,
        "import": busy,
        "apply": MISSED_AT_ONCE["remote_apply"][1],
        "fake_receive": stale["receive"],
        "fake_apply": stale["apply"],
    }


@claim(
    "rp-strong-consistency",
    says="The client's confirmation means that the data is replicated: strong consistency.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="Replicated, yes: the write outlives the primary. Read everywhere, no: that needs "
    "reads from the primary, a commit that waits for applying, or read quorums that meet the "
    "write quorums. Another architecture shows it, three copies without a primary, messages of "
    "10 ms on average: with one answer each, 24.8 % of the reads right after a write are stale; "
    "two for writes 8.7 %; two for reads 3.8 %; two for both none; after 50 ms 0.17 %. If "
    "nothing is sent beyond the quorum, two in three miss the last write with one answer each, "
    "30 % the last three, and 44 % see less than before when there is a write for each read.",
    source="Bailis et al. 2012, in closed form.",
    named={
        "one_one": "stale, one answer for writes and reads | share",
        "two_one": "two for writes, one for reads | share",
        "one_two": "one for writes, two for reads | share",
        "two_two": "two for both | share",
        "later": "one for both, 50 ms later | share",
        "miss": "at the worst, the last write missed, one for both | share",
        "three": "at the worst, all of the last three missed | share",
        "back": "at the worst, less than at the read before | share",
        "delay_ms": "mean of each message | ms",
    },
)
def strong() -> Values:
    return {
        "one_one": stale_by_model(1, 1, 0),
        "two_one": stale_by_model(1, 2, 0),
        "one_two": stale_by_model(2, 1, 0),
        "two_two": stale_by_model(2, 2, 0),
        "later": stale_by_model(1, 1, 50),
        "miss": miss_probability(3, 1, 1),
        "three": float(k_staleness(3, 1, 1, 3)),
        "back": float(monotonic_violation(3, 1, 1, 1.0)),
        "delay_ms": 1e3 * WARS.write_s,
    }


@claim(
    "rp-sync-availability",
    says="If the synchronous replica is down, writes become slow or fail.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="If it is the only one that commits wait for. On PostgreSQL writes then hang, without "
    "limit, and no timeout of the server ends it. Two servers of 99.9 % that must both be there "
    "are there 99.8 % of the time: 17.5 hours a year without writes, against 8.76 with one "
    "server. Emptying the list of standbys frees the writes: if that takes a minute and a repair "
    "an hour, 8.91 hours, without a second copy meanwhile. Waiting for any one of two standbys: "
    "8.77 hours.",
    source="Availability in series and of k of n; PostgreSQL 18 for the hanging.",
    named={
        "each": "each server up | share",
        "both": "both of two servers up | share",
        "hours": "without writes, the only standby needed | hours a year",
        "alone": "without writes, one server alone | hours a year",
        "emptied": "the list emptied after a minute | hours a year",
        "any_of_two": "any one of two standbys needed | hours a year",
    },
)
def sync_availability() -> Values:
    alone, only, emptied, any_of_two, _ = hours_without_writes().values()
    return {
        "each": NODE_UP,
        "both": serial_availability([NODE_UP, NODE_UP]),
        "hours": only,
        "alone": alone,
        "emptied": emptied,
        "any_of_two": any_of_two,
    }


@claim(
    "proc-sync-async-choice",
    says="Synchronous where consistency must be strong, asynchronous where speed comes first.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="There are more than two choices, and the best for most lies between. Where an answer "
    "takes 10 ms in the median and 32 ms in the slowest percent, any one of two answers takes "
    "8.2 ms on average and 19 ms in the slowest percent, and writes are up 99.9 % of the time, "
    "as without a standby. With exponential answers of 10 ms it is exactly half: 5 ms.",
    source="Order statistics of independent answers; log-normal law, median 10 ms, log-sd 0.5.",
    named={
        "mean_any": "any one of two, mean | ms",
        "p99_any": "any one of two, slowest percent | ms",
        "mean_one": "the only one, mean | ms",
        "p99_one": "the only one, slowest percent | ms",
        "exponential": "any one of two, exponential answers of 10 ms, mean | ms",
        "up": "primary and any one of two up | share",
    },
)
def choice() -> Values:
    return {
        "mean_any": 1e3 * kth_latency_mean_s(ANSWER, 1, 2),
        "p99_any": 1e3 * float(kth_latency_percentile_s(ANSWER, 0.99, 1, 2)),
        "mean_one": 1e3 * kth_latency_mean_s(ANSWER, 1, 1),
        "p99_one": 1e3 * float(kth_latency_percentile_s(ANSWER, 0.99, 1, 1)),
        "exponential": 1e3 * float(kth_exponential_mean_s(1, 2, 0.010)),
        "up": serial_availability([NODE_UP, float(k_of_n_availability(NODE_UP, 1, 2))]),
    }


@claim(
    "rp-async-2ms",
    says="An asynchronous write takes 2 ms.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="The way to the primary and back. Its own disk, a step of the flow, is missing: with "
    "1 ms it is 3. The ratio to a synchronous write is 6 without disks and 4.67 with them.",
    source="Sum of the arrows and of the disks in the guide's steps.",
    named={
        "ms": "the guide's arrows | ms",
        "with_disk": "with its disk of 1 ms | ms",
        "ratio": "synchronous, of asynchronous | ×",
        "ratio_disks": "the same, with disks | ×",
    },
)
def async_2ms() -> Values:
    both = [guide_write_ms(kind) for kind in ("synchronous", "asynchronous")]
    disks = [guide_write_ms(kind, disk_ms=1.0) for kind in ("synchronous", "asynchronous")]
    return {
        "ms": both[1],
        "with_disk": disks[1],
        "ratio": both[0] / both[1],
        "ratio_disks": disks[0] / disks[1],
    }


@claim(
    "rp-async-lag-range",
    says="The lag of asynchronous replication is typically 10 ms to 5 s, and 100 to 500 ms in "
    "the example.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="As an order of magnitude. A range says little without its law: read as 5th and 95th "
    "percentile of a log-normal law, the median is 224 ms, the mean 1.33 s, and one lag in a "
    "hundred is longer than 18.1 s, beyond the guide's own end. The example's 100 to 500 ms then "
    "holds a third of the lags. Measure, and quote percentiles with load and place.",
    source="Log-normal law through two percentiles.",
    named={
        "median_ms": "median of that law | ms",
        "mean_s": "mean | s",
        "p99_s": "99th percentile | s",
        "example": "lags between 100 and 500 ms | share",
    },
)
def lag_range() -> Values:
    above, beyond = (float(stale_share(TYPICAL, t)) for t in (0.1, 0.5))
    return {
        "median_ms": 1e3 * float(TYPICAL.quantile(0.5)),
        "mean_s": TYPICAL.mean_s,
        "p99_s": float(TYPICAL.quantile(0.99)),
        "example": above - beyond,
    }


@claim(
    "rp-async-higher-availability",
    says="Asynchronous replication gives higher availability: the primary does not depend on "
    "its replicas.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="Higher than waiting for the only standby, 99.9 instead of 99.8 %, and no higher than "
    "waiting for any one of two. It is paid for when the primary dies: at 1,000 writes a second "
    "100, 500 and 5,000 confirmed writes are lost with a lag of 100 ms, 500 ms and 5 s. On real "
    "servers, killed twenty times each: between 31 and 191 of the confirmed writes lost in every "
    "asynchronous run, always the last ones, and none in any synchronous run.",
    source="Loss = lag × rate; PostgreSQL 18, benchmarks/failovers.py, recorded on 29 November "
    "2026.",
    named={
        "async_up": "writes up, asynchronous | share",
        "sync_up": "writes up, the only standby needed | share",
        "lost_100ms": "lost at a lag of 100 ms | writes",
        "lost_500ms": "lost at 500 ms | writes",
        "lost_5s": "lost at 5 s | writes",
        "least": "fewest lost in an asynchronous run | writes",
        "most": "most lost | writes",
        "sync_most": "most lost in a synchronous run | writes",
        "runs": "runs of each",
    },
)
def async_availability() -> Values:
    lost = {level: [lost for _, _, lost in runs] for level, runs in TWENTY.items()}
    return {
        "async_up": NODE_UP,
        "sync_up": serial_availability([NODE_UP, NODE_UP]),
        "lost_100ms": float(lost_writes(0.1, 1_000)),
        "lost_500ms": float(lost_writes(0.5, 1_000)),
        "lost_5s": float(lost_writes(5.0, 1_000)),
        "least": min(lost["local"]),
        "most": max(lost["local"]),
        "sync_most": max(lost["on"]),
        "runs": len(lost["on"]),
    }
