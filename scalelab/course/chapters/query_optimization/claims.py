"""Claims on queries."""

from __future__ import annotations

from scalelab.course.chapters.query_optimization.experiments import (
    AFTER_S,
    BEFORE_S,
    CORES,
    IN_SYSTEM,
    LOOK_UPS,
    RATE_PER_S,
    busy_after,
    function_steps,
    insert_steps,
    latest_steps,
    n_plus_one_steps,
    response_s,
    trips_ms,
    work_s,
)
from scalelab.course.chapters.query_optimization.servers import PAIRS, RECORDED
from scalelab.course.ledger import Values, section
from scalelab.models.operational_laws import mean_number, utilisation

claim = section("Query Optimization Before Scaling", "query_optimization")

PLANS = RECORDED.plans
REAL = "Pages of PostgreSQL 18.6; recorded."


def pages(name: str) -> int:
    """Pages that a statement looked at on the server."""
    return PLANS[name].buffers


@claim(
    "qo-50x",
    says="A query that took 2.5 seconds takes 0.05 seconds: it is 50 times as fast.",
    kind="arithmetic",
    verdict="holds",
    finding="2.5 over 0.05 is 50. It is a ratio of times, and waiting is part of the time.",
    source="Division.",
    named={"times": "time before over time after | ×"},
)
def fifty() -> Values:
    return {"times": BEFORE_S / AFTER_S}


@claim(
    "qo-41-busy-servers",
    says="1,000 queries a minute of 2.5 s each keep the processor 100 % busy.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="By Little's law 41.7 queries are in the database at a time; that is a number of "
    "connections, not of cores. On 4 cores they take turns, and each needs 0.24 s of a core. So "
    "the 50 times are 4.8 times less work and 10.4 times less waiting: the database can do about "
    "5 times as many queries, not 50 times. Read as 2.5 s of work, it needs 42 cores.",
    source="Little's law, the utilisation law.",
    named={
        "inside": "queries in the database at a time | queries",
        "cores": "cores | cores",
        "work": "work of a query if these are all busy | s",
        "stretch": "time before over work before | ×",
        "saved": "work before over work after | ×",
        "model": "time of a query with 42 connections on these cores | s",
    },
)
def forty_one() -> Values:
    return {
        "inside": mean_number(RATE_PER_S, BEFORE_S),
        "cores": CORES,
        "work": work_s(CORES),
        "stretch": BEFORE_S / work_s(CORES),
        "saved": work_s(CORES) / AFTER_S,
        "model": response_s(CORES, IN_SYSTEM),
    }


@claim(
    "qo-100-to-20-cpu",
    says="At 1,000 queries a minute the processor falls from 100 % to 20 %.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="On 4 cores: 16.7 a second of 0.05 s are 0.83 busy cores, which is 20.8 %. If the "
    "2.5 s had been work without waiting, a 50th would be left: 2 %. All the guide's numbers fit "
    "one machine of 4 cores with 42 connections.",
    source="The utilisation law.",
    named={
        "rate": "queries | per second",
        "busy": "busy cores after the index | cores",
        "after": "share of 4 cores | share",
        "all_work": "share if all of the 2.5 s had been work | share",
    },
)
def to_twenty() -> Values:
    return {
        "rate": RATE_PER_S,
        "busy": RATE_PER_S * AFTER_S,
        "after": busy_after(CORES),
        "all_work": AFTER_S / BEFORE_S,
    }


@claim(
    "qo-replicas-500",
    says="Read replicas for $500 a month were considered as the solution.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="One copy would do: each of the two servers is 50 % busy, and a query waits little. "
    "The condition is that 1,000 a minute is what users want. A full server shows only what "
    "got through; at twice the demand two servers are full again, and the index leaves 42 %.",
    source="The utilisation law.",
    named={
        "two": "each of two servers at the rate seen | share",
        "two_doubled": "each of two servers at twice the rate | share",
        "index_doubled": "one server with the index at twice the rate | share",
    },
)
def replicas() -> Values:
    return {
        "two": utilisation(RATE_PER_S, work_s(CORES), servers=2 * CORES),
        "two_doubled": utilisation(2 * RATE_PER_S, work_s(CORES), servers=2 * CORES),
        "index_doubled": utilisation(2 * RATE_PER_S, AFTER_S, servers=CORES),
    }


@claim(
    "qo-10-100x",
    says="One or two hours of work on queries often bring a factor of 10 to 100.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Where an index was missing, and it grows with the table: a scan grows with the "
    "rows, a composite index hardly. Where an index was there, a better one brought 4 times; and "
    "an index on a column of four values brought less than nothing.",
    source="Steps of SQLite's machine; pages of PostgreSQL 18.6, recorded.",
    named={
        "small": "steps without an index over steps with it, 300 rows | ×",
        "large": "the same, 30,000 rows | ×",
        "composite": "pages without an index over a composite one | ×",
        "better": "pages of a one-column index over a composite one | ×",
        "four": "pages without an index over one on 4 values | ×",
    },
)
def ten_to_hundred() -> Values:
    steps = latest_steps()
    scans, composite = steps["no index"], steps["customer, status, created"]
    return {
        "small": scans[0] / composite[0],
        "large": scans[-1] / composite[-1],
        "composite": pages("no index") / pages("composite index"),
        "better": pages("index on customer") / pages("composite index"),
        "four": pages("one status, no index") / pages("one status, index"),
    }


@claim(
    "qo-composite",
    says="The factor of 50 comes from a composite index.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Against no index at all. An index on the first column alone brings most of it; the "
    "composite one spares the sorting, and the pages of orders that are not wanted.",
    source=REAL,
    named={
        "none": "pages without an index | pages",
        "single": "pages with an index on the customer | pages",
        "composite": "pages with one on customer, status and date | pages",
    },
)
def composite() -> Values:
    names = {"none": "no index", "single": "index on customer", "composite": "composite index"}
    return {key: pages(name) for key, name in names.items()}


@claim(
    "qo-table-scan",
    says="Look for table scans in the plan, and for missing indexes.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="A scan is a fault if most of its rows are thrown away. For one of four values, each "
    "page has rows that are wanted: with an index the server looked at more pages, not fewer. A "
    "join of all orders scans, too, and is the better plan by far.",
    source=REAL,
    named={
        "scan": "pages for one status of four, scanned | pages",
        "index": "the same, by an index | pages",
        "join_scan": "pages for all customers, with scans | pages",
        "join_index": "the same, by an index for each customer | pages",
    },
)
def table_scan() -> Values:
    return {
        "scan": pages("one status, no index"),
        "index": pages("one status, index"),
        "join_scan": pages("every customer, join"),
        "join_index": pages("every customer, subquery"),
    }


@claim(
    "qo-slow-log-100ms",
    says="Log the queries that take longer than 100 ms, to find the slow ones.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="It finds slow statements, and not dear ones. 1,000 look-ups a second of 5 ms keep "
    "5 cores busy and never stand in that log; a report of 2.5 s once a minute keeps 0.04 busy. "
    "The guide's next lines ask for total time: that comes from statistics of statements, such "
    "as pg_stat_statements. And what a client waits for the network stands in neither.",
    source="Calls a second times seconds each; the server's statistics and a client's clock over "
    "a network of 1 ms, recorded.",
    named={
        "fast": "busy cores, 5 ms 1,000 times a second | cores",
        "slow": "busy cores, 2.5 s once a minute | cores",
        "ratio": "first over second | ×",
        "waited": "client's waiting over what the server books | ×",
    },
)
def slow_log() -> Values:
    fast, slow = 0.005 * 1_000, 2.5 / 60
    return {"fast": fast, "slow": slow, "ratio": fast / slow, "waited": RECORDED.waited}


@claim(
    "qo-log-min-duration",
    says="The setting is log_min_duration: 100ms.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="As shorthand. PostgreSQL's setting is log_min_duration_statement, and it knows none "
    "of the guide's name. MySQL's is long_query_time, in seconds: 0.1.",
    source="The settings of PostgreSQL 18.6; recorded.",
    named={
        "guide": "settings of the guide's name | settings",
        "real": "settings of the name in the finding | settings",
    },
)
def setting() -> Values:
    guide, real = RECORDED.known.values()
    return {"guide": guide, "real": real}


@claim(
    "qo-function-on-index",
    says="A function on an indexed column defeats the index; rewrite the query.",
    kind="queueing",
    verdict="holds",
    finding="The index has the column's values, not the function's. A range of the column uses "
    "it; so does an index of the function itself, where the statement cannot be rewritten.",
    source="Steps of SQLite's machine; pages of PostgreSQL 18.6, recorded.",
    named={
        "steps": "steps by the function over steps by a range | ×",
        "own": "steps by the function over steps with an index of it | ×",
        "function": "pages by the function | pages",
        "range": "pages by a range | pages",
        "expression": "pages by the function, with an index of it | pages",
    },
)
def function() -> Values:
    by_function, by_range, own = (steps for _, steps in function_steps().values())
    return {
        "steps": by_function / by_range,
        "own": by_function / own,
        "function": pages("function"),
        "range": pages("range"),
        "expression": pages("expression index"),
    }


@claim(
    "qo-n-plus-1",
    says="One query for a list and one more for each of its rows is inefficient: join or batch.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Mostly by round trips: at 1 ms, 201 of them are 201 ms. On one machine queries cost, "
    "too, each its parsing and planning; inside the process the database does not even twice the "
    "steps. No single query is slow, so no slow log shows it.",
    source="Round trips times their time; steps of SQLite; PostgreSQL near and far, recorded.",
    named={
        "trips": "round trips for 200 rows | trips",
        "each": "a round trip | ms",
        "wait": "their time at 1 ms each | ms",
        "steps": "steps of 201 queries over those of a join | ×",
        "near": "time over a join's, on one machine | ×",
        "far": "time over a join's, at 1 ms | ×",
        "batch": "time over two queries', at 1 ms | ×",
    },
)
def n_plus_one() -> Values:
    many, one = n_plus_one_steps()
    return {
        "trips": LOOK_UPS + 1,
        "each": float(trips_ms(1, 1.0, 0.0)),
        "wait": float(trips_ms(LOOK_UPS + 1, 1.0, 0.0)),
        "steps": many / one,
        "near": RECORDED.near["join"],
        "far": RECORDED.far["join"],
        "batch": RECORDED.far["batch"],
    }


@claim(
    "qo-select-star",
    says="Fetch only the columns you need, and not all.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Where columns are many or long. A row lies whole on its page, so short rows cost the "
    "same pages and a longer answer; long texts lie elsewhere, and are not even read if nobody "
    "asks for them.",
    source=REAL,
    named={
        "long": "pages for all columns over two, long texts | ×",
        "long_kb": "kilobytes of the answer, long texts | ×",
        "short": "pages for all columns over two, short rows | ×",
        "short_kb": "kilobytes of the answer, short rows | ×",
    },
)
def star() -> Values:
    found = {}
    for key, what in (("long", "long texts"), ("short", "short rows")):
        every, two = (PLANS[f"{what}, {which} columns"] for which in ("all", "two"))
        found[key] = every.buffers / two.buffers
        found[f"{key}_kb"] = every.kilobytes / two.kilobytes
    return found


@claim(
    "qo-subquery",
    says="Move subqueries in SELECT to a join.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="For many rows: a subquery is a look-up for each of them, a join reads both tables "
    "once. For a page of 20 rows the look-ups are what the join does as well.",
    source=REAL,
    named={
        "all": "pages of subqueries over a join's, 2,000 customers | ×",
        "page": "the same, 20 customers | ×",
    },
)
def subquery() -> Values:
    return {
        key: pages(f"{who}, subquery") / pages(f"{who}, join")
        for key, who in (("all", "every customer"), ("page", "20 customers"))
    }


@claim(
    "qo-distinct",
    says="Leave out DISTINCT where rows are different anyway.",
    kind="sizing",
    verdict="holds",
    finding="The server compares all rows, though one of the columns is a key: the plan has a "
    "step more, and the answer is the same. If rows can be equal, the answer is another one.",
    source="Plans of PostgreSQL 18.6; recorded.",
    named={
        "with": "steps of the plan with DISTINCT | steps",
        "without": "steps of the plan without it | steps",
        "kb": "kilobytes of the answer with it over without | ×",
    },
)
def distinct() -> Values:
    named = {"with": "distinct", "without": "not distinct"}
    steps = {key: len(PLANS[name].nodes.split(", ")) for key, name in named.items()}
    ratio = PLANS["distinct"].kilobytes / PLANS["not distinct"].kilobytes
    return {**steps, "kb": ratio}


@claim(
    "qo-denormalize",
    says="If joins are too slow, store data twice.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="For reports, and against each change: a report by city looked at a quarter fewer "
    "pages, and the new name of a city wrote 48 times as many rows. First see whether the join "
    "lacks an index.",
    source="Pages and rows of PostgreSQL 18.6; recorded.",
    named={
        "join": "pages of a report by a join | pages",
        "wide": "pages of the report, city stored with each order | pages",
        "rows": "rows that a city's new name writes, by the join's tables | rows",
        "copies": "the same, stored with each order | rows",
        "more": "rows with each order over rows by the tables | ×",
    },
)
def denormalise() -> Values:
    rows, copies = (RECORDED.rows_written[way] for way in ("join", "denormalised"))
    return {
        "join": pages("report, join"),
        "wide": pages("report, denormalised"),
        "rows": rows,
        "copies": copies,
        "more": copies / rows,
    }


@claim(
    "qo-stats",
    says="Outdated statistics give poor plans; update them, above all after bulk changes.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="After a load of 50,000 rows the planner expected one, and chose a join that pays for "
    "one. The condition left out: PostgreSQL analyses by itself, about once a minute; so it is "
    "the time between the load and its round.",
    source="Plans before and after ANALYZE on PostgreSQL 18.6, autovacuum off; recorded.",
    named={
        "expected": "rows that the planner expected | rows",
        "found": "rows that there were | rows",
        "before": "pages with the old statistics | pages",
        "after": "pages with the new ones | pages",
    },
)
def statistics() -> Values:
    old = PLANS["old statistics"]
    return {
        "expected": old.expected,
        "found": old.found,
        "before": old.buffers,
        "after": pages("new statistics"),
    }


@claim(
    "qo-brakes-zero-cost",
    says="With the index no change of the infrastructure is needed: $0.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="On the bill. Each index is one more thing that every insert writes, and the work of "
    "finding it is somebody's hours. It pays where reads save more than writes cost.",
    source="Steps of SQLite's machine for an insert.",
    named={
        "none": "steps of an insert without an index | steps",
        "one": "steps with one | steps",
        "five": "steps with five over none | ×",
        "pays": "inserts whose extra steps one spared scan of 10,000 rows pays | inserts",
    },
)
def zero_cost() -> Values:
    steps = insert_steps()
    spared = latest_steps()["no index"][3] - latest_steps()["customer"][3]
    return {
        "none": steps[0],
        "one": steps[1],
        "five": steps[5] / steps[0],
        "pays": spared / (steps[1] - steps[0]),
    }


@claim(
    "proc-query-checklist",
    says="Find slow queries, EXPLAIN them, index, rewrite, denormalise, update statistics.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="Each step mends something, by factors from none to hundreds: which, only the plan "
    "says. Two of seven mends changed nothing to speak of, in the wrong place. So measure before "
    "and after each, and rank statements by total time first.",
    source=REAL,
    named={
        "mends": "mends tried | mends",
        "useless": "of these, less than 1.1 times fewer pages | mends",
        "best": "the best of them, pages before over after | ×",
    },
)
def checklist() -> Values:
    gains = [pages(before) / pages(after) for before, after in PAIRS.values()]
    return {"mends": len(gains), "useless": sum(g < 1.1 for g in gains), "best": max(gains)}
