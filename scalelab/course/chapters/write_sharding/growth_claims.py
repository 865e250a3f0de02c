"""Claims on growth and choice: resharding, when to shard, and by what."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.write_sharding.experiments import (
    FIBRE_KM_PER_S,
    LIMIT_PER_S,
    ROW_KB,
    USERS_BY_SIZE,
    USERS_BY_WRITES,
    four_cuts,
    years_until,
)
from scalelab.course.ledger import Values, section
from scalelab.models.placement import minimum_moved_share, modulo_moved_share
from scalelab.models.replication import read_capacity
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.placement import moved_share

claim = section("Write Sharding for Write-Heavy Workloads", "write_sharding")

KEYS = np.arange(20_000)
RINGS = 40  # one ring proves as little as one hash
DISK_TB, LINK_TB_PER_S = 2.0, 0.0001  # 2 TB, and 100 MB a second


@claim(
    "sh-3to6-all-move",
    says="From three shards to six, by hash modulo the number, nearly all data must move.",
    kind="hashing",
    verdict="wrong",
    finding="Half moves, 50 %, and less is impossible: three new shards must get half of the rows. "
    "Each old shard splits in two. It is the step from three to four that moves 75 %, where "
    "25 % would do.",
    source="Remainders over a common multiple; the least that fills the new shards.",
    named={
        "to6": "moved from 3 to 6 | share",
        "least6": "the least possible | share",
        "to4": "moved from 3 to 4 | share",
        "least4": "the least possible from 3 to 4 | share",
    },
)
def three_to_six() -> Values:
    moved = {f"to{n}": modulo_moved_share(3, n) for n in (6, 4)}
    return moved | {f"least{n}": minimum_moved_share(3, n) for n in (6, 4)}


@claim(
    "sh-3to6-inequality",
    says="hash(key) % 3 is not hash(key) % 6.",
    kind="hashing",
    verdict="misleading",
    finding="As functions they differ. For a key it is a coin: 50 % of the keys have the same "
    "remainder by both, and those stay where they are.",
    source="Counted over one period, 0 to 5.",
    named={"same": "keys with equal remainders | share"},
)
def remainders() -> Values:
    return {"same": np.mean([k % 3 == k % 6 for k in range(6)])}


@claim(
    "sh-consistent-hashing-minimises",
    says="Consistent hashing minimises what moves when shards are added.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="From three to four a ring with 100 points a shard moves 25 % in the mean, a "
    "remainder 75 %. From three to six the ring moves 50 %, and so does the remainder: doubling "
    "has no need of a ring.",
    source="Karger et al. 1997; the mean of 40 rings of 20,000 keys.",
    named={
        "ring4": "a ring from 3 to 4 | share",
        "modulo4": "the remainder from 3 to 4 | share",
        "ring6": "a ring from 3 to 6 | share",
        "modulo6": "the remainder from 3 to 6 | share",
    },
)
def ring() -> Values:
    shares: dict[int, list[float]] = {4: [], 6: []}
    for first in range(0, 10 * RINGS, 10):
        before = HashRing(range(first, first + 3), virtual_nodes=100).place(KEYS)
        for n, moved in shares.items():
            after = HashRing(range(first, first + n), virtual_nodes=100).place(KEYS)
            moved.append(moved_share(before, after))
    rings = {f"ring{n}": float(np.mean(moved)) for n, moved in shares.items()}
    return rings | {f"modulo{n}": modulo_moved_share(3, n) for n in (4, 6)}


@claim(
    "sh-downtime-or-complex",
    says="Resharding moves millions of rows and needs downtime or a complex migration.",
    kind="sharding",
    verdict="holds",
    finding="Half of 2 TB over one link of 100 MB/s takes 2.78 h; from three shards at once, each "
    "with its link, 0.93 h. So long the writes stop, or the migration deals with them.",
    source="Bytes over bandwidth.",
    named={
        "size": "all data | TB",
        "speed": "one link | MB/s",
        "one_link": "over one link | h",
        "three_links": "over three links at once | h",
    },
)
def migration() -> Values:
    hours = modulo_moved_share(3, 6) * DISK_TB / LINK_TB_PER_S / 3_600
    return {
        "size": DISK_TB,
        "speed": LINK_TB_PER_S * 1e6,
        "one_link": hours,
        "three_links": hours / 3,
    }


@claim(
    "sh-timeline-years",
    says="One database for years 0 to 3, think of sharding in years 3 to 5, shard from year 5.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="It depends on the start and the growth. To the guide's threshold of 10,000 writes a "
    "second it takes, from 10 a second: 9.97 years if they double each year, 6.29 if they triple, "
    "3.00 if they grow ten-fold. From 100 a second, doubling, 6.64 years. Watch the writes, not "
    "the calendar.",
    source="ln(10,000/start)/ln(growth).",
    named={
        "double": "from 10 a second, doubling | years",
        "triple": "from 10 a second, tripling | years",
        "tenfold": "from 10 a second, ten-fold | years",
        "double_100": "from 100 a second, doubling | years",
        "limit": "the guide's threshold | writes a second",
    },
)
def timeline() -> Values:
    return {
        "double": years_until(10, 2),
        "triple": years_until(10, 3),
        "tenfold": years_until(10, 10),
        "double_100": years_until(100, 2),
        "limit": LIMIT_PER_S,
    }


@claim(
    "sh-most-never-need",
    says="Most applications never need sharding.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="By writes it takes 173 million users to come to 10,000 a second. By size much fewer: "
    "5.5 million users fill the guide's 2 TB in one year with the same writes of 1 kB. The "
    "smaller of the two counts, unless old rows go. Nobody has counted the applications.",
    source="20 % of users a day, 50 requests each, one in ten a write, peak five-fold.",
    named={
        "by_writes": "users by writes | million",
        "by_size": "users by size | million",
        "limit": "the guide's threshold | writes a second",
        "disk": "the guide's limit of size | TB",
        "row": "one write | kB",
    },
)
def never() -> Values:
    return {
        "by_writes": USERS_BY_WRITES / 1e6,
        "by_size": USERS_BY_SIZE / 1e6,
        "limit": LIMIT_PER_S,
        "disk": DISK_TB,
        "row": ROW_KB,
    }


@claim(
    "proc-when-to-shard",
    says="Shard when writes or data are too much for one server, replicas do not suffice, or "
    "users are far apart; not for reads, not early, not with an application that is not made "
    "for it.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The list mixes two needs. Ten replicas bring writes 1 × and a mix of nine reads to a "
    "write 5.26 ×: for reads they suffice, for writes never. Distance is no need of capacity: "
    "a region far away saves its users 55.7 ms a round trip, which a replica there does as well "
    "for reads.",
    source="Replicas repeat all writes, n(k + 1)/(n + k); light in glass over 5,570 km.",
    named={
        "writes": "writes of ten replicas | ×",
        "mix": "a mix of 9 reads to a write | ×",
        "ms": "a round trip that is saved | ms",
    },
)
def when() -> Values:
    return {
        "writes": read_capacity(10, 0),
        "mix": read_capacity(10, 9),
        "ms": 2e3 * 5_570 / FIBRE_KM_PER_S,
    }


@claim(
    "proc-sharding-strategy-choice",
    says="Four strategies, range, hash, geography and entity, with their pros and cons.",
    kind="procedure",
    verdict="holds",
    finding="One run has them all. New users on three shards: range 1.0 ×, hash 2.9 ×, "
    "region 1.9 ×, table 1.4 × the writes of one server. Ten users with neighbouring ids: 1 shard "
    "by range, 3 by hash. A city: 1 shard by region, 3 else. A user with all rows: 1 shard by "
    "any of them but the table, which asks 3.",
    source="A run of the sharded store with four routers; 50, 30 and 20 % in the regions.",
    named={
        "capacity": "writes by range, hash, region and table | ×",
        "city": "shards asked for a city, by the same",
        "user": "shards asked for a user with all rows, by the same",
        "near": "shards asked for users with neighbouring ids, by the same",
    },
)
def strategies() -> Values:
    cuts = list(four_cuts().values())
    names = {"capacity": "capacity", "city": "city", "user": "join", "near": "range"}
    return {name: [cut[key] for cut in cuts] for name, key in names.items()}
