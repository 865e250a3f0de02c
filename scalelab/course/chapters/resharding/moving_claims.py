"""Claims on moving rows: how many, how long, and what the races leave."""

from __future__ import annotations

from scalelab.course.chapters.resharding.measured import RECORDED
from scalelab.course.chapters.resharding.moves import (
    COPY_S,
    DELETES,
    WRITES_PER_S,
    after_a_crash,
    six_orders,
    skipped,
    spoiled_share,
)
from scalelab.course.ledger import Values, section
from scalelab.models.placement import (
    minimum_moved_share,
    modulo_moved_share,
    ring_moved_share_sd,
    ring_peak_to_mean,
)

claim = section("Sharding and Partitioning Strategies (Detailed)", "resharding")

DISK_BYTES, LINK_BYTES_PER_S, FAST_BYTES_PER_S = 2e12, 100e6, 1e9


@claim(
    "sd-naive-75",
    says="With key % num_shards, from three shards to four, about 75 % of the data must move.",
    kind="hashing",
    verdict="holds",
    finding="Exactly 75 % of evenly spread keys: of 12 in a row the first 3 stay.",
    source="1 − min(n, m) / lcm(n, m).",
    named={"moved": "moved | share"},
)
def naive() -> Values:
    return {"moved": modulo_moved_share(3, 4)}


@claim(
    "sd-redistribute-all",
    says="The naive approach redistributes all data.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="75 % from three to four and 50 % from three to six. From ten to eleven it is 91 %: "
    "the more shards there are, the nearer one more comes to all.",
    source="1 − min(n, m) / lcm(n, m).",
    named={
        "to4": "3 to 4 | share",
        "to6": "3 to 6 | share",
        "to11": "10 to 11 | share",
    },
)
def redistribute_all() -> Values:
    return {
        "to4": modulo_moved_share(3, 4),
        "to6": modulo_moved_share(3, 6),
        "to11": modulo_moved_share(10, 11),
    }


@claim(
    "sd-consistent-25",
    says="With consistent hashing, from three shards to four, about 25 % must move.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="On average, always: 25 %. With one point a server a single ring moves that with a "
    "standard deviation of 19 percentage points, and the fullest of four then has 2.1 × its "
    "share. With 100 points: 2.2, and 1.1 ×. Jump hash and slots move 25 % and are even.",
    source="The arcs of a random ring: a share with the Beta(V, 3V) distribution.",
    named={
        "mean": "moved, on average | share",
        "sd1": "standard deviation, one point | share",
        "sd10": "standard deviation, 10 points | share",
        "sd100": "standard deviation, 100 points | share",
        "peak1": "fullest of four, one point | ×",
        "peak10": "fullest of four, 10 points | ×",
        "peak100": "fullest of four, 100 points | ×",
    },
)
def ring() -> Values:
    points = (1, 10, 100)
    spreads = {f"sd{n}": ring_moved_share_sd(3, n) for n in points}
    peaks = {f"peak{n}": ring_peak_to_mean(4, n) for n in points}
    return {"mean": minimum_moved_share(3, 4)} | spreads | peaks


@claim(
    "sd-naive-downtime",
    says="The naive way takes hours to days of downtime.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="75 % of the guide's 2 TB takes 4.2 hours over 100 MB/s, and 25 minutes over 1 GB/s. "
    "Days are for more data, or for building indexes again.",
    source="Bytes over bandwidth.",
    named={"slow": "at 100 MB/s | h", "fast": "at 1 GB/s | min"},
)
def downtime() -> Values:
    moved = modulo_moved_share(3, 4) * DISK_BYTES
    return {"slow": moved / LINK_BYTES_PER_S / 3600, "fast": moved / FAST_BYTES_PER_S / 60}


@claim(
    "proc-naive-resharding",
    says="Stop writes, make new shards, redistribute, update the application, resume.",
    kind="procedure",
    verdict="holds",
    finding="It works, and nothing races, since nothing is written. The price is the stop: 4.2 "
    "hours for 2 TB by the remainder at 100 MB/s, 1.4 hours where only 25 % moves. Where nights "
    "are quiet and data small it is the cheapest way.",
    source="Bytes over bandwidth.",
    named={"remainder": "75 % moves | h", "least": "25 % moves | h"},
)
def naive_procedure() -> Values:
    hours = DISK_BYTES / LINK_BYTES_PER_S / 3600
    return {
        "remainder": modulo_moved_share(3, 4) * hours,
        "least": minimum_moved_share(3, 4) * hours,
    }


@claim(
    "sd-live-zero-downtime",
    says="Live resharding has zero minutes of downtime.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="No minutes, and not nothing: on two real servers writes were stopped for 0.6 of a "
    "round trip, until the last change had arrived, and 0 were lost. Without that wait 30 were. "
    "And zero downtime is not zero errors: with 0.2 writes a second for each row and copies "
    "of 50 ms, plain copies leave 0.99 % of the rows wrong, copies that yield 0.198 %, "
    "versions with tombstones none.",
    source="λd / (1 + λd) for chance writes and exponential copies, one write in five a delete; "
    "PostgreSQL 18, two shared cores, 29 November 2026, recorded.",
    named={
        "stopped": "writes stopped | round trips",
        "lost": "writes lost, with the wait",
        "lost_without": "writes lost, without it",
        "overwrite": "wrong rows, plain copies | share",
        "absent": "wrong rows, copies that yield | share",
        "writes": "writes of a row | 1/s",
        "copy": "a copy | ms",
    },
)
def zero() -> Values:
    whole, hasty = RECORDED["nothing"], RECORDED["waiting for the last change"]
    share = spoiled_share(WRITES_PER_S, COPY_S)
    return {
        "stopped": whole.waited,
        "lost": whole.lost,
        "lost_without": hasty.lost,
        "overwrite": share,
        "absent": DELETES * share,
        "writes": WRITES_PER_S,
        "copy": 1e3 * COPY_S,
    }


@claim(
    "sd-dual-write",
    says="Dual-write to old and new locations.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="They are two writes on two servers, and no transaction holds them together. If the "
    "application dies between them, both places differ: in the run 2 rows, a changed one and a "
    "deleted one. A comparison from the old side finds 1, one from both sides 2, and a repair "
    "leaves 0. So step 4 is no formality.",
    source="A run of the two copies with a crash after the first write.",
    named={
        "one_way": "found from the old side",
        "both": "found from both sides",
        "left": "left after the repair",
    },
)
def dual_write() -> Values:
    one_way, both, left = after_a_crash()
    return {"one_way": len(one_way), "both": len(both), "left": left}


@claim(
    "sd-live-remove-old",
    says="The last step is to remove the old shard.",
    kind="sharding",
    verdict="misleading",
    finding="From three to four no shard goes: 3 of 3 old ones stay, each with 75 % of its rows. "
    "What is removed is the 25 % that have moved, and not before the way back is given up. Only "
    "where one shard moves as a whole to a new server does an old one go.",
    source="The least share that must move.",
    named={"old": "old shards that stay", "removed": "rows to remove from each | share"},
)
def remove_old() -> Values:
    return {"old": 3, "removed": minimum_moved_share(3, 4)}


@claim(
    "proc-live-resharding-7",
    says="Seven steps: add, dual-write, backfill, verify, switch reads, stop dual-writing, remove.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The order is right. With versions and tombstones 0 of 300 rows are wrong in the run; "
    "with plain copies and without step 4, 15; without step 2, 88; without step 3, 106. Of the 6 "
    "orders of a write and a copy the plain copy spoils 1, the versioned 0. Keep the second "
    "writes, now to the old place, until nobody wants to go back: who goes back after step 6 "
    "misses all writes since.",
    source="Runs of the move on the fake; every order of four turns.",
    named={
        "whole": "wrong rows, all steps",
        "plain": "plain copies, no step 4",
        "no_double": "without step 2",
        "no_copy": "without step 3",
        "orders": "orders of a write and a copy",
        "spoiled": "of them spoiled by a plain copy",
        "versioned": "by a versioned copy",
    },
)
def seven() -> Values:
    plain = six_orders("overwrite", "a write", tombstones=False)
    versioned = six_orders("versioned", "a write", tombstones=True)
    return {
        "whole": skipped("nothing")[0].wrong,
        "plain": skipped("versions and tombstones")[0].wrong,
        "no_double": skipped("the double writes")[0].wrong,
        "no_copy": skipped("the backfill")[0].wrong,
        "orders": len(plain),
        "spoiled": sum(not right for _, right in plain),
        "versioned": sum(not right for _, right in versioned),
    }
