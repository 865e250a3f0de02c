"""Claims on who shards by what, and when to."""

from __future__ import annotations

from scalelab.course.chapters.vertical_limits.servers import DISKS, OWN, SLOW
from scalelab.course.chapters.vertical_limits.servers import RECORDED as COMMITS
from scalelab.course.chapters.write_sharding.experiments import LIMIT_PER_S, years_until
from scalelab.course.ledger import Values, section
from scalelab.models.cache_effect import capacity_multiplier
from scalelab.models.replication import read_capacity

claim = section("Sharding and Partitioning Strategies (Detailed)", "resharding")

RESTORE_BYTES_PER_S = 200e6
LIMIT_TB = 2.0
GUIDE_DISK_TB = 100.0  # of one machine, from the guide's chapter on it


@claim(
    "sd-instagram-thousands",
    says="Instagram (2024 data) has thousands of database shards.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Thousands of logical shards: 13 bits of each id, at most 8,192, on far fewer servers. "
    "That was published in 2011 and 2012, not in 2024. It is the same idea as slots: many small "
    "pieces, fixed for ever, which move as wholes.",
    source="Instagram Engineering, 2012, as in the bibliography; 2 to the power of 13.",
    named={"most": "logical shards at most"},
)
def instagram() -> Values:
    return {"most": 2**13}


@claim(
    "sd-discord-guild",
    says="Discord shards messages by guild: all messages of a server are on one shard.",
    kind="qualitative",
    verdict="misleading",
    finding="It is true of the search index, and of connections, whose shard is the guild's id "
    "without its 22 last bits, modulo the number of shards. Messages are stored by channel and a "
    "bucket of 10 days, so that no busy channel grows without an end: a year of one channel is "
    "37 buckets, and by guild it would be 1 partition.",
    source="Discord's articles on storage (2017, 2023) and its developer documentation.",
    named={
        "days": "a bucket | days",
        "buckets": "buckets of one channel in a year",
        "by_guild": "partitions by guild",
    },
)
def discord() -> Values:
    days = 10
    return {"days": days, "buckets": -(-365 // days), "by_guild": 1}


@claim(
    "proc-exhaust-list",
    says="Before sharding exhaust query optimization, indexing, pooling, vertical scaling, "
    "replicas and caching.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The list is right, its last two do less for writes than for reads. At one write in "
    "ten operations a cache that answers 80 % of the reads makes the capacity 3.6 ×, one that "
    "answers 90 % 5.3 ×; five and ten full replicas do exactly the same. Neither takes a single "
    "write away: at most 10 × is left for any number of them.",
    source="Capacity by operational laws: 1 / (w + (1 − w)(1 − h)), n / (1 − w + nw); a replayed "
    "write costs as much as a write.",
    named={
        "cache80": "cache, 80 % hits | ×",
        "five": "5 servers with replicas | ×",
        "cache90": "cache, 90 % hits | ×",
        "ten": "10 servers with replicas | ×",
        "most": "the limit of both | ×",
    },
)
def exhaust() -> Values:
    return {
        "cache80": capacity_multiplier(0.8, 0.1),
        "five": read_capacity(5, 9),
        "cache90": capacity_multiplier(0.9, 0.1),
        "ten": read_capacity(10, 9),
        "most": capacity_multiplier(1.0, 0.1),
    }


@claim(
    "sd-10k-writes",
    says="A single database cannot handle more than 10,000 writes a second.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="It depends on how many write at the same time, since one flush of the log serves all "
    "commits that wait for it. On two cores, each insert a transaction: one client 3,174 a second, "
    "16 clients 8,516. With a disk whose flush takes 4 ms more: 210 and 2,607, 15.8 commits for "
    "each flush. Rows in batches go far beyond. Measure yours with your clients.",
    source="PostgreSQL 18.6, two shared cores, 29 November 2026, recorded; see the chapter on "
    "vertical limits.",
    named={
        "one": "one client | commits/s",
        "sixteen": "16 clients | commits/s",
        "slow_one": "slow disk, one client | commits/s",
        "slow_sixteen": "slow disk, 16 clients | commits/s",
        "shared": "commits for each flush, slow disk, 16 clients",
        "flush": "flush of the slow disk, more than the own | ms",
    },
)
def writes() -> Values:
    return {
        "one": COMMITS[OWN, 1].commits_per_s,
        "sixteen": COMMITS[OWN, 16].commits_per_s,
        "slow_one": COMMITS[SLOW, 1].commits_per_s,
        "slow_sixteen": COMMITS[SLOW, 16].commits_per_s,
        "shared": COMMITS[SLOW, 16].for_each_flush,
        "flush": (DISKS[SLOW] - DISKS[OWN]) / 1e3,
    }


@claim(
    "sd-2tb",
    says="More than 2 TB of active data exceed a single database.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Not by room: the guide gives one machine up to 100 TB of disk and 2 TB of memory and "
    "more. By time: to bring 2 TB back from a backup takes 2.8 hours at 200 MB/s, and building an "
    "index takes long, too. If you can wait for that, 2 TB are no limit.",
    source="Bytes over bandwidth; the guide's ceilings.",
    named={
        "restore": "restore | h",
        "disk": "the guide's largest disk | TB",
        "room": "of the guide's disk | share",
    },
)
def terabytes() -> Values:
    return {
        "restore": 1e12 * LIMIT_TB / RESTORE_BYTES_PER_S / 3600,
        "disk": GUIDE_DISK_TB,
        "room": LIMIT_TB / GUIDE_DISK_TB,
    }


@claim(
    "proc-only-shard-when",
    says="Only shard when writes exceed 10,000 a second, data 2 TB, replicas do not suffice, and "
    "you have the engineers.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The guide does not say whether it means all four or any. Read as all: 20,000 writes a "
    "second with 500 GB would not shard, and nothing else on the list helps it; 1 of 3 limits "
    "suffices. Engineers are a condition for any reason. An earlier section has distance and law "
    "as a reason; it is missing here.",
    source="The four conditions, applied to one case.",
    named={
        "size": "data of the case | GB",
        "met": "limits that the case exceeds",
        "any": "1 if one reason suffices",
        "all": "0 if all must hold",
    },
)
def only_when() -> Values:
    size_gb = 500
    limits = {"writes": LIMIT_PER_S < 20_000, "data": size_gb > 1e3 * LIMIT_TB, "replicas": False}
    met = sum(limits.values())
    return {"size": size_gb, "met": met, "any": any(limits.values()), "all": all(limits.values())}


@claim(
    "sd-final-frontier",
    says="Sharding is the final frontier: the last thing to do.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="As a rule it agrees with the guide's tenth principle. Its path has sharding at "
    "100,000 users, which by its own threshold of 10,000 writes a second is early: from 10 writes "
    "a second, doubling each year, it takes 10 years. And what is done last need not be thought of "
    "last: the key that most questions share costs little to have from the start.",
    source="Logarithm of the growth.",
    named={"years": "years from 10 to 10,000 writes a second | a"},
)
def frontier() -> Values:
    return {"years": years_until(10, 2)}
