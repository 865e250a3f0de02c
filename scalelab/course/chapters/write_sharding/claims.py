"""Claims on write sharding for write-heavy workloads."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.write_sharding import growth_claims as growth
from scalelab.course.chapters.write_sharding.experiments import (
    EXAMPLE,
    FIBRE_KM_PER_S,
    REGIONS,
    TABLES,
    busiest_by_hash,
    four_cuts,
    range_capacity,
)
from scalelab.course.chapters.write_sharding.measured import RECORDED, SUMS
from scalelab.course.chapters.write_sharding.questions import boston, scattered_by_model
from scalelab.course.ledger import Values, section
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.models.imbalance import peak_to_mean
from scalelab.models.tail_at_scale import fanout_slow_share
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.placement import largest_over_mean
from scalelab.workloads.popularity import zipf_popularity

claim = section("Write Sharding for Write-Heavy Workloads", "write_sharding")

SURNAMES = {"A to F": 0.3013, "G to M": 0.3405, "N to Z": 0.3582}  # US census of 1990, recorded
CITIES = (0.041, 1.09, 1.38)  # 3,407 US cities: largest share, busiest of 3 and of 10 shards


@claim(
    "sh-cabinet-letters",
    says="Three cabinets, A to F, G to M and N to Z, share the customers' records.",
    kind="sharding",
    verdict="holds",
    finding="Letters are not names. The three have 6, 7 and 13 letters, but 30.1, 34.1 and 35.8 % "
    "of the surnames in the United States (census of 1990): the fullest has 1.07 × the mean. "
    "Whoever chose these ranges looked at the names, which is how ranges are chosen well.",
    source="Frequencies of surnames, US Census Bureau 1990, as recorded.",
    named={
        "share": "names in each cabinet | share",
        "fullest": "names of the fullest, of the mean | ×",
        "letters": "letters of the fullest, of the mean | ×",
    },
)
def cabinets() -> Values:
    names = list(SURNAMES.values())
    return {"share": names, "fullest": peak_to_mean(names), "letters": peak_to_mean([6, 7, 13])}


@claim(
    "sh-range-boundaries",
    says="The shards hold the users 1 to 1M, 1M to 2M, and 2M to 3M.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="As a label in a sketch. Read as it stands, 2 users have two shards each: 1,000,000 "
    "and 2,000,000. The guide's list in the same section has it right. Write a range with its "
    "lower end in and its upper end out; then each user has 1 shard.",
    source="The ranges as sets; the range router of this course.",
    named={"twice": "users in two ranges of the sketch", "owners": "shards of user 1,000,000"},
)
def boundaries() -> Values:
    ranges = [(1, 10**6), (10**6, 2 * 10**6), (2 * 10**6, 3 * 10**6)]
    ends = {end for pair in ranges for end in pair}
    twice = sum(sum(low <= end <= high for low, high in ranges) > 1 for end in ends)
    router = RangeRouter([10**6, 2 * 10**6])
    return {"twice": twice, "owners": len(router.nodes_for_range(10**6, 10**6 + 1))}


@claim(
    "sh-range-efficient-ranges",
    says="Range sharding makes range queries efficient.",
    kind="sharding",
    verdict="holds",
    finding="Ten users with neighbouring ids are on 1 shard of three. Cut by a hash, by region or "
    "by table, the same question goes to 3 shards.",
    source="A run of the sharded store with four routers.",
    named={"by_range": "shards asked, by range", "by_hash": "shards asked, by hash"},
)
def ranges() -> Values:
    cuts = list(four_cuts().values())
    return {"by_range": cuts[0]["range"], "by_hash": cuts[1]["range"]}


@claim(
    "sh-range-hotspot",
    says="Range sharding becomes uneven if the data are skewed: more new users than old.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="Skew of the data is not needed: with equal rows everywhere, all new ids of a counter "
    "still go to the last shard. If all writes are such inserts, three shards write as much as "
    "1 server; 1.5 × if half of them are, 2.5 × if one in ten is. Updates of old users are spread.",
    source="Capacity is one over the share of the busiest: 1/(x + (1 − x)/3).",
    named={
        "all_new": "all writes are inserts | ×",
        "half": "half are | ×",
        "tenth": "one in ten is | ×",
    },
)
def hotspot() -> Values:
    return {n: range_capacity(x) for n, x in {"all_new": 1.0, "half": 0.5, "tenth": 0.1}.items()}


@claim(
    "sh-mod-87234",
    says="87234 modulo 3 is 0, so user 123 is on shard 1.",
    kind="arithmetic",
    verdict="holds",
    finding="The remainder is 0.",
    source="Division.",
    named={"r": "remainder"},
)
def first_user() -> Values:
    return {"r": EXAMPLE[123] % 3}


@claim(
    "sh-mod-12933",
    says="12933 modulo 3 is 0, so user 456 is on shard 1.",
    kind="arithmetic",
    verdict="holds",
    finding="The remainder is 0.",
    source="Division.",
    named={"r": "remainder"},
)
def second_user() -> Values:
    return {"r": EXAMPLE[456] % 3}


@claim(
    "sh-mod-44721",
    says="44721 modulo 3 is 2, so user 789 is on shard 3.",
    kind="arithmetic",
    verdict="wrong",
    finding="The digits add up to 18, so the remainder is 0, and the user is on shard 1 like both "
    "others. That says nothing against hashes: three users of three are on one shard with a "
    "chance of 11 %.",
    source="Division; 1/3 squared.",
    named={"r": "remainder", "digits": "sum of the digits", "alike": "chance of one shard | share"},
)
def third_user() -> Values:
    return {"r": EXAMPLE[789] % 3, "digits": sum(map(int, str(EXAMPLE[789]))), "alike": 1 / 9}


@claim(
    "sh-hash-even",
    says="Hash sharding distributes evenly.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="Keys, if there are many: of a million on three shards the fullest has 1.00 × the "
    "mean, of a hundred on ten 1.5 ×. Load only if no key has much of it. With 100 tenants by "
    "Zipf's law the busiest of ten shards has 2.7 × the mean, with 10,000 tenants 1.9 ×. One hash "
    "proves nothing: with 100 tenants nine hashes in ten lie between 2.2 and 3.6 ×.",
    source="Random hashes, up to 20,000 for each case; loads in proportion to one over the rank.",
    named={
        "million": "a million keys on 3 shards: rows of the fullest, of the mean | ×",
        "hundred": "100 equal keys on 10 shards, in the mean over hashes | ×",
        "zipf100": "100 tenants by Zipf's law on 10 shards, in the mean | ×",
        "zipf10k": "10,000 tenants, in the mean | ×",
        "low": "100 tenants: 5th percentile of the hashes | ×",
        "high": "100 tenants: 95th percentile | ×",
    },
)
def hash_even() -> Values:
    many = ModuloPlacement(range(3)).place(np.arange(1_000_000))
    hundred = busiest_by_hash(np.ones(100), 10)
    tenants = busiest_by_hash(zipf_popularity(100, 1.0), 10)
    low, high = np.quantile(tenants, [0.05, 0.95])
    return {
        "million": largest_over_mean(many, nodes=3),
        "hundred": hundred.mean(),
        "zipf100": tenants.mean(),
        "zipf10k": busiest_by_hash(zipf_popularity(10_000, 1.0), 10).mean(),
        "low": low,
        "high": high,
    }


@claim(
    "sh-hash-range-impossible",
    says="With hash sharding, range queries are impossible.",
    kind="sharding",
    verdict="misleading",
    finding="They are possible, and go to all shards; the guide says so itself further on. Where "
    "one shard takes 10 ms in the median, the slowest of ten takes 33.2 ms, of a hundred "
    "71.7 ms. And they share the work: of a range of 9,000 ids the fullest of three shards has "
    "34 %, so that a large range ends sooner than on one shard.",
    source="Median of the largest of n, log-normal with σ = 0.8, the time of one shard kept.",
    named={
        "one": "median of one shard | ms",
        "ten": "median of the slowest of ten | ms",
        "hundred": "median of the slowest of a hundred | ms",
        "part": "rows of a range on the fullest of three shards | share",
    },
)
def range_by_hash() -> Values:
    owners = ModuloPlacement(range(3)).place(np.arange(9_000))
    times = {
        n: scattered_by_model(shards, 0.5)
        for n, shards in {"one": 1, "ten": 10, "hundred": 100}.items()
    }
    return times | {"part": largest_over_mean(owners, nodes=3) / 3}


@claim(
    "sh-geo-uneven",
    says="Geographic sharding is uneven.",
    kind="sharding",
    verdict="holds",
    finding="It is as even as the customers. If 50 % of them are in one region, three shards write "
    "2.0 × what one server does, and a fourth region adds nothing.",
    source="Capacity is one over the share of the busiest; the shares are assumed.",
    named={"top": "the largest region | share", "x": "write capacity of three shards | ×"},
)
def regions() -> Values:
    return {"top": max(REGIONS.values()), "x": 1 / max(REGIONS.values())}


@claim(
    "sh-geo-low-latency",
    says="Geographic sharding gives low latency, since the data are near the users.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="To those at home: over 5,570 km each round trip costs at least 55.7 ms, which they "
    "save. Who travels, and each transaction over two regions, pays it again, with every round "
    "trip.",
    source="Light in glass along a straight line, there and back: a floor.",
    named={"km": "distance | km", "ms": "shortest round trip | ms"},
)
def near() -> Values:
    km = 5_570
    return {"km": km, "ms": 2e3 * km / FIBRE_KM_PER_S}


@claim(
    "sh-entity-not-true",
    says="A shard for each table is not true sharding: it does not split a table.",
    kind="sharding",
    verdict="holds",
    finding="If 70 % of the writes are orders, three servers write 1.43 × what one does, and a "
    "fourth adds nothing: the orders stay on one.",
    source="Capacity is one over the share of the busiest; the shares are assumed.",
    named={"orders": "writes to the busiest table | share", "x": "write capacity | ×"},
)
def by_table() -> Values:
    orders = TABLES["order"] / sum(TABLES.values())
    return {"orders": orders, "x": 1 / orders}


@claim(
    "sh-boston-shard-by-city",
    says="All orders from Boston ask every shard; so shard by city.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="That question then asks one shard, but each question by user asks them all, and a "
    "user who moves changes the key. Real cities are even enough: the largest has 4.1 % of "
    "the people in 3,407 cities of the United States, and the busiest of three shards 1.09 × the "
    "mean, of ten 1.38 ×. A thousand cities by Zipf's law would be far worse: 13.4 % and 2.2 ×.",
    source="Populations of US cities (GeoNames), recorded; random hashes.",
    named={
        "top": "the largest real city | share",
        "real3": "real cities: busiest of 3 shards | ×",
        "real10": "real cities: busiest of 10 shards | ×",
        "zipf_top": "the largest by Zipf's law | share",
        "zipf10": "by Zipf's law: busiest of 10 shards | ×",
    },
)
def by_city() -> Values:
    zipf = zipf_popularity(1_000, 1.0)
    top, real3, real10 = CITIES
    return {
        "top": top,
        "real3": real3,
        "real10": real10,
        "zipf_top": zipf[0],
        "zipf10": busiest_by_hash(zipf, 10).mean(),
    }


@claim(
    "sh-boston-denormalize",
    says="Or put the city into each order: then the question for Boston is no problem.",
    kind="sharding",
    verdict="misleading",
    finding="With three shards it asks 3 in any case: no order's key says its city. Where orders "
    "lie with their users the copy saves nothing, 3 requests with it and without. Where they "
    "lie by their own number it saves a round: 6 requests in 2 rounds without it, 3 in 1 with it. "
    "It saves a join, and never the scatter.",
    source="The question run on the sharded store, with and without the copy.",
    named={
        "with_users": "requests, orders with their users, with the copy and without",
        "apart": "requests, orders by number, without the copy",
        "apart_rounds": "rounds, orders by number, without the copy",
        "apart_copied": "requests, orders by number, with the copy",
        "copied_rounds": "rounds, orders by number, with the copy",
    },
)
def denormalised() -> Values:
    found = boston()
    together = [found["with their user", has][1] for has in ("yes", "no")]
    (rounds, apart), (fewer, copied) = (found["by order number", has] for has in ("no", "yes"))
    return {
        "with_users": together,
        "apart": apart,
        "apart_rounds": rounds,
        "apart_copied": copied,
        "copied_rounds": fewer,
    }


@claim(
    "sh-cross-shard-slow",
    says="A query over all shards is slow and complex.",
    kind="queueing",
    verdict="holds",
    finding="It waits for the slowest. Call slow what one answer in a hundred exceeds. Of the "
    "questions to one shard 1 % are slow, to three 3.0 %, to ten 9.6 %, to a hundred 63.4 %.",
    source="Dean and Barroso 2013: 1 − 0.99ⁿ, for independent answers.",
    named={
        "n1": "questions to 1 shard that are slow | share",
        "n3": "to 3 shards | share",
        "n10": "to 10 shards | share",
        "n100": "to 100 shards | share",
    },
)
def slow_answers() -> Values:
    return {f"n{n}": fanout_slow_share(0.99, n) for n in (1, 3, 10, 100)}


@claim(
    "sh-cross-shard-join",
    says="With users and orders on different shards the database cannot join them; the "
    "application asks twice, which is much slower.",
    kind="sharding",
    verdict="holds-under-assumptions",
    finding="If they have different keys. With one key for both, each shard joins its own in 1 "
    "round. And PostgreSQL can join over two servers, at a price: of our orders from Boston it "
    "sent 10,500 rows, where the application sent 600 in 2 rounds and the shards with one "
    "key 400.",
    source="Two PostgreSQL servers, postgres_fdw with its default settings, recorded.",
    named={
        "one_key": "rows sent, one key for both tables",
        "one_key_rounds": "rounds, one key",
        "application": "rows sent, joined by the application",
        "application_rounds": "rounds, joined by the application",
        "database": "rows sent, joined by one of the servers",
    },
)
def joins() -> Values:
    _, (_, one, rows), (_, two, more), (_, _, most) = RECORDED.queries.values()
    return {
        "one_key": rows,
        "one_key_rounds": one,
        "application": more,
        "application_rounds": two,
        "database": most,
    }


@claim(
    "sh-2pc",
    says="A transfer between shards needs two-phase commit: slow, with reduced ACID guarantees.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="Slow: 9.1 round trips, 4.4 for a transaction on one shard, 1.1 for one statement. "
    "All or nothing and durable it stays. What is reduced is isolation. Between the two commits a "
    "reader saw 190 of 200; of 300 sums during transfers 35 were wrong, and on one server none. A "
    "coordinator that dies leaves rows locked until somebody ends the transaction.",
    source="Two PostgreSQL servers, 5 ms away for the times; readers in REPEATABLE READ; recorded.",
    named={
        "trips": "time of two-phase commit | round trips",
        "one_shard": "of a transaction on one shard | round trips",
        "statement": "of one statement | round trips",
        "between": "sum read between the two commits",
        "total": "sum of the accounts",
        "read": "sums read during transfers",
        "wrong_two": "wrong sums, two shards",
        "wrong_one": "wrong sums, one server",
    },
)
def two_phases() -> Values:
    trips = list(RECORDED.trips.values())
    return {
        "trips": trips[3],
        "one_shard": trips[1],
        "statement": trips[0],
        "between": RECORDED.sums[1],
        "total": RECORDED.sums[0],
        "read": SUMS,
        "wrong_two": RECORDED.wrong[1],
        "wrong_one": RECORDED.wrong[0],
    }


# The rest of the section, in its order.
three_to_six, remainders, ring, migration = (
    growth.three_to_six,
    growth.remainders,
    growth.ring,
    growth.migration,
)
timeline, never, when, strategies = (
    growth.timeline,
    growth.never,
    growth.when,
    growth.strategies,
)
