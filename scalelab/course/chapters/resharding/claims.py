"""Claims on partitions, shards and their keys."""

from __future__ import annotations

import hashlib
import zlib

import numpy as np

from scalelab.course.chapters.resharding import moving_claims as moving
from scalelab.course.chapters.resharding import when_claims as when
from scalelab.course.chapters.resharding.experiments import (
    KEYS,
    ROWS,
    busiest_by_directory,
    busiest_by_hash,
    sales_table,
    write_rate,
)
from scalelab.course.chapters.write_sharding.questions import asked_by_mail
from scalelab.course.ledger import Values, section
from scalelab.models.balls_into_bins import mean_max_load_normal
from scalelab.models.placement import modulo_moved_share
from scalelab.workloads.ids import auto_increment_ids, random_ids, snowflake_ids
from scalelab.workloads.popularity import zipf_popularity

claim = section("Sharding and Partitioning Strategies (Detailed)", "resharding")


@claim(
    "sd-partition-by-year",
    says="Partitioning splits a table within one database; sharding splits it over several.",
    kind="sharding",
    verdict="holds",
    finding="And they are good for different things. A question for one year of four looks at 100 "
    "of 400 rows, without the year at 400. But one server that writes 1,000 rows a second into a "
    "table writes 1,000 into four partitions.",
    source="A run of the partitioned table; a write takes 1 ms of its server, assumed.",
    named={
        "rows": "rows of four years",
        "scanned": "rows looked at for one year",
        "whole": "writes a second, one partition",
        "four": "writes a second, four partitions",
    },
)
def partitions() -> Values:
    scanned = sales_table().query((2022, 2023)).rows_scanned
    return {"rows": ROWS, "scanned": scanned, "whole": write_rate(1), "four": write_rate(4)}


@claim(
    "sd-native-list",
    says="MongoDB, Cassandra, Vitess and Citus have native, built-in sharding.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="If native means that the application does not do it. By the guide's own words in the "
    "same list 2 of the 4 are built in; Vitess is middleware before MySQL, and Citus an extension "
    "of PostgreSQL. An update of the database is then an update of both.",
    source="The guide's list, counted.",
    named={"built_in": "built into the database", "listed": "in the list"},
)
def native() -> Values:
    listed = {"MongoDB": "", "Cassandra": "", "Vitess": "middleware", "Citus": "extension"}
    return {"built_in": sum(not how for how in listed.values()), "listed": len(listed)}


@claim(
    "sd-modulo-id",
    says="Application-level sharding takes user_id % NUM_SHARDS, with a generated unique id.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="It depends on the ids. Counters and random ids are even: 25 % on the fullest of four "
    "shards. Ids made of time, worker and a sequence that begins at 0 each millisecond, at 50 a "
    "second: 97 % on one of four, 33 % of three. At 1,000 a second it is 64 %, at 4,000 34 %. Hash "
    "the id first.",
    source="200,000 ids that come by chance (Poisson) at each rate, remainders counted.",
    named={
        "counter": "counter, four shards: on the fullest | share",
        "random": "random ids, four shards | share",
        "time4": "time and sequence, 50 a second, four shards | share",
        "time3": "the same, three shards | share",
        "at1000": "at 1,000 a second, four shards | share",
        "at4000": "at 4,000 a second, four shards | share",
    },
)
def remainders() -> Values:
    rng = np.random.default_rng(2026)

    def at(rate_per_s: float) -> np.ndarray:
        times_s = np.cumsum(rng.exponential(1 / rate_per_s, 200_000))
        return snowflake_ids(times_s)

    slow = at(50)
    return {
        "counter": _fullest(auto_increment_ids(200_000), 4),
        "random": _fullest(random_ids(200_000, rng=rng), 4),
        "time4": _fullest(slow, 4),
        "time3": _fullest(slow, 3),
        "at1000": _fullest(at(1_000), 4),
        "at4000": _fullest(at(4_000), 4),
    }


def _fullest(ids: np.ndarray, shards: int) -> float:
    return float(np.bincount(ids % shards).max() / ids.size)


@claim(
    "sd-pseudocode-mod",
    says="The pseudo-code places a user by user_id % NUM_SHARDS.",
    kind="hashing",
    verdict="misleading",
    finding="The same section says further on why not: with one shard more, from three to four, "
    "75 % of the rows move, where 25 % would do. And between the change of NUM_SHARDS and the end "
    "of the move, each of these rows is looked for where it is not. Put a fixed number of slots "
    "between: id to slot by the remainder, slot to shard by a list.",
    source="Remainders over a common multiple.",
    named={"moved": "rows that move | share"},
)
def pseudo_code() -> Values:
    return {"moved": modulo_moved_share(3, 4)}


@claim(
    "sd-country-bad-key",
    says="A country, with 200 values, is a bad shard key.",
    kind="sharding",
    verdict="holds",
    finding="On ten shards the busiest has 2.55 × the mean if countries have users by Zipf's law. "
    "It is the skew that does it more than the number: 195 equal countries would give 1.4 ×. A "
    "list that places the countries by hand brings 1.7 ×, since the largest alone has 17.1 %.",
    source="Random hashes, in the mean; 195 countries, load in proportion to one over the rank.",
    named={
        "top": "largest country | share",
        "hash": "busiest of ten, by a hash | ×",
        "equal": "the same with equal countries | ×",
        "directory": "by a directory, the largest first | ×",
    },
)
def country() -> Values:
    values = KEYS["country"]
    return {
        "top": zipf_popularity(values, 1.0)[0],
        "hash": busiest_by_hash(values),
        "equal": busiest_by_hash(values, equal=True),
        "directory": busiest_by_directory(values),
    }


@claim(
    "sd-crypto-hash-even",
    says="hash(user_id) is a good key: a cryptographic hash is even.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="Even in keys, and so is any good hash: of 200,000 ids on ten shards the fullest has "
    "1.01 × the mean by BLAKE2, 1.01 × by CRC32, which is no cryptographic hash, and 1.01 × by "
    "pure chance; the id itself, modulo ten, has 1.00 ×. Cryptographic strength is for keys that "
    "an attacker chooses. Even keys are not even load.",
    source="Ids 0 to 199,999 hashed; the expected maximum of random placement.",
    named={
        "blake2": "BLAKE2 | ×",
        "crc32": "CRC32 | ×",
        "chance": "expected of pure chance | ×",
        "id": "the id modulo ten | ×",
    },
)
def crypto() -> Values:
    texts = [str(i).encode() for i in range(200_000)]
    blake2 = [int.from_bytes(hashlib.blake2b(t, digest_size=8).digest(), "big") for t in texts]

    def over_mean(hashes: list[int]) -> float:
        return float(np.bincount([h % 10 for h in hashes]).max() / 20_000)

    return {
        "blake2": over_mean(blake2),
        "crc32": over_mean([zlib.crc32(text) for text in texts]),
        "chance": float(mean_max_load_normal(200_000, 10)) / 20_000,
        "id": over_mean(list(range(200_000))),
    }


@claim(
    "sd-tenant-vs-company",
    says="company_id is a bad key, since some companies are huge; tenant_id is a good one.",
    kind="sharding",
    verdict="misleading",
    finding="In software for companies they are one thing under two names. Tenants by Zipf's law "
    "on ten shards: the busiest has 2.7 × the mean with 100 of them, 1.9 × with 10,000. A list "
    "for the large ones makes 10,000 even, 1.02 ×. A hundred stay at 1.9 ×: the largest alone "
    "is that much. What speaks for the tenant is that most questions then ask one shard.",
    source="Random hashes, in the mean; a directory, the largest first.",
    named={
        "hash100": "100 tenants by a hash | ×",
        "hash10k": "10,000 tenants by a hash | ×",
        "list100": "100 by a directory | ×",
        "list10k": "10,000 by a directory | ×",
    },
)
def tenants() -> Values:
    few, many = KEYS["tenant, a few"], KEYS["tenant, many"]
    return {
        "hash100": busiest_by_hash(few),
        "hash10k": busiest_by_hash(many),
        "list100": busiest_by_directory(few),
        "list10k": busiest_by_directory(many),
    }


@claim(
    "sd-region-key",
    says="E-commerce: region_id as the shard key.",
    kind="sharding",
    verdict="misleading",
    finding="The section has just called 200 countries too few values; a region has fewer. With a "
    "shard for each of five regions by Zipf's law the largest has 43.8 %, and the five take 2.28 × "
    "the writes of one server. A region is the first part of a key, for the law and the distance, "
    "and not the whole.",
    source="Capacity is one over the share of the busiest; the shares are assumed.",
    named={"top": "largest region | share", "x": "writes of five shards | ×", "n": "regions"},
)
def region() -> Values:
    top = float(zipf_popularity(KEYS["region"], 1.0)[0])
    return {"top": top, "x": 1 / top, "n": KEYS["region"]}


@claim(
    "sd-email-scatter",
    says="Users sharded by user_id and asked for by e-mail: all shards must be asked.",
    kind="sharding",
    verdict="holds",
    finding="10 of 10. With a table from e-mail to user, itself sharded by e-mail, it is 2: one "
    "for the id, one for the user. That table is one more row to write with each user.",
    source="A run of the sharded store with and without an index.",
    named={"all": "shards asked", "indexed": "with a table of e-mails"},
)
def email() -> Values:
    asked = asked_by_mail(10)
    return {"all": asked["scattered"], "indexed": asked["indexed"]}


@claim(
    "sd-social-user-key",
    says="Social: user_id as the key keeps a user's data together.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="What the user has written, yes: 1 shard. What the user reads is written by those whom "
    "he follows: the timeline of one who follows 200 people, on ten shards, asks 10 of "
    "them. A timeline kept ready for each reader asks 1, "
    "and each post is then written once for each follower.",
    source="Expected number of shards that 200 random people are on: n(1 − (1 − 1/n)²⁰⁰).",
    named={"own": "shards of one's own posts", "timeline": "shards of a timeline"},
)
def social() -> Values:
    shards, followed = 10, 200
    return {"own": 1, "timeline": shards * (1 - (1 - 1 / shards) ** followed)}


@claim(
    "proc-sharding-key",
    says="Choose a key by four properties: many values, even load, few queries over shards, "
    "natural to the domain.",
    kind="procedure",
    verdict="holds",
    finding="They pull in different directions: that is what the list is for. On ten shards the "
    "user is even, 1.02 × the mean if the load is, and asks all 10 shards for a tenant's report. "
    "The tenant asks 1 and is uneven, 1.9 × with 10,000 by Zipf's law. No key wins on all; the "
    "load of a tenant can be mended by a list, a scatter cannot.",
    source="Random hashes, in the mean.",
    named={
        "user": "100,000 equal users, busiest of ten | ×",
        "tenant": "10,000 tenants, busiest of ten | ×",
        "report_user": "shards of a tenant's report, by user",
        "report_tenant": "by tenant",
    },
)
def key_choice() -> Values:
    return {
        "user": busiest_by_hash(KEYS["user"], equal=True),
        "tenant": busiest_by_hash(KEYS["tenant, many"]),
        "report_user": 10,
        "report_tenant": 1,
    }


naive_75 = moving.naive
all_data = moving.redistribute_all
ring = moving.ring
stop_and_move = moving.naive_procedure
downtime = moving.downtime
zero_downtime = moving.zero
two_writes = moving.dual_write
old_shard = moving.remove_old
seven_steps = moving.seven
logical_shards = when.instagram
guilds = when.discord
exhaust = when.exhaust
ten_thousand = when.writes
two_terabytes = when.terabytes
four_reasons = when.only_when
last_resort = when.frontier
