"""The statements that the chapter lets a PostgreSQL server plan, and what is read of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CUSTOMERS, ORDERS, BULK = 2_000, 100_000, 50_000
FIRST = 1_000  # rows of the bulk table when its statistics were made

# hashint4 makes columns that depend on each other in no way; two moduli of one number would.
TABLES = (
    "create table customers(id int primary key, name text, city text)",
    "insert into customers select i, 'customer ' || i, 'city ' || (hashint4(i) & 63) from "
    f"generate_series(0, {CUSTOMERS - 1}) i",
    "create table orders(id int primary key, customer int, status int, created timestamp, "
    "amount int)",
    f"insert into orders select i, abs(hashint4(i) % {CUSTOMERS}), abs(hashint4(i + "
    f"7000000) % 4), timestamp '2026-01-01' + i * interval '365 days' / {ORDERS}, "
    f"abs(hashint4(i + 9000000) % 100) from generate_series(0, {ORDERS - 1}) i",
    "create table documents(id int primary key, title text, body text)",
    "alter table documents alter body set storage external",
    "insert into documents select i, 'title ' || i, repeat(md5(i::text), 300) from "
    "generate_series(1, 200) i",
    "create table months(created timestamp, amount int) partition by range(created)",
    "do $$ begin for m in 1..12 loop execute format( 'create table month_%s partition of "
    "months for values from (%L) to (%L)', m, make_date(2026, m, 1), make_date(2026, m, "
    "1) + interval '1 month'); end loop; end $$",
    "insert into months select created, amount from orders",
    "create table wide as select o.id, o.amount, c.city from orders o join customers c on "
    "c.id = o.customer",
    "vacuum analyze",
)
LATEST = "select * from orders where customer = 77 and status = 2 order by created desc limit 10"
ONE_STATUS = "select sum(amount) from orders where status = 2"
BY_FUNCTION = "select sum(amount) from orders where created::date = '2026-03-01'"
BY_RANGE = "select sum(amount) from orders where created >= '2026-03-01' and created < '2026-03-02'"
PER_ROW = (
    "select c.id, (select sum(o.amount) from orders o where o.customer = c.id) from customers c"
)
JOINED = (
    "select c.id, sum(o.amount) from customers c left join orders o on o.customer = c.id"
    " {} group by c.id"
)
PAGE = "where c.id between 100 and 119"
CITIES = (
    "select c.city, count(*) from bulk b join customers c on c.id = b.customer"
    " where b.batch = 1 group by c.city"
)
MADE = f"""
create table bulk(id int primary key, customer int, batch int);
insert into bulk select i, abs(hashint4(i) % {CUSTOMERS}), 0 from generate_series(1, {FIRST}) i;
analyze bulk;
insert into bulk select i, abs(hashint4(i) % {CUSTOMERS}), 1
    from generate_series({FIRST + 1}, {FIRST + BULK}) i;
"""

# In this order: a name and a query to explain, or no name and something to do.
STEPS: tuple[tuple[str, str], ...] = (
    ("no index", LATEST),
    ("one status, no index", ONE_STATUS),
    ("", "create index on orders(customer)"),
    ("index on customer", LATEST),
    ("every customer, subquery", PER_ROW),
    ("every customer, join", JOINED.format("")),
    ("20 customers, subquery", f"{PER_ROW} {PAGE}"),
    ("20 customers, join", JOINED.format(PAGE)),
    ("", "create index on orders(customer, status, created)"),
    ("composite index", LATEST),
    ("", "create index of_status on orders(status)"),
    ("one status, index", ONE_STATUS),
    ("", "drop index of_status; create index on orders(created)"),
    ("function", BY_FUNCTION),
    ("range", BY_RANGE),
    ("", "create index on orders((created::date)); analyze orders"),
    ("expression index", BY_FUNCTION),
    ("distinct", "select distinct id, amount from orders"),
    ("not distinct", "select id, amount from orders"),
    ("long texts, all columns", "select * from documents"),
    ("long texts, two columns", "select id, title from documents"),
    ("short rows, all columns", "select * from orders"),
    ("short rows, two columns", "select id, amount from orders"),
    ("one month by a range", "select sum(amount) from months where created >= '2026-03-01'"
     " and created < '2026-04-01'"),
    ("one month by a function", "select sum(amount) from months"
     " where extract(month from created) = 3"),
    ("report, join", "select c.city, sum(o.amount) from orders o join customers c"
     " on c.id = o.customer group by c.city"),
    ("report, denormalised", "select city, sum(amount) from wide group by city"),
    ("", MADE),
    ("old statistics", CITIES),
    ("", "analyze bulk"),
    ("new statistics", CITIES),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the server says of a statement that it has run.

    Parameters
    ----------
    nodes : str
        The kinds of its steps that touch or join or sort rows, from the top.
    buffers : int
        Pages of 8 kB that it looked at, in memory or on disk; one page may count several times.
    kilobytes : int
        Text of the answer.
    spilled : int
        Pages of temporary files that it wrote and read.
    scans : int
        Tables, partitions and indexes that it read.
    expected, found : int
        Rows of the first table that it reads: as the planner expected, and as they were.
    """

    nodes: str
    buffers: int
    kilobytes: int
    spilled: int
    scans: int
    expected: int
    found: int


def explained(connection: Any, query: str) -> Plan:
    """Run a statement, and return what the server says of it.

    `serialize` makes it write out the answer: without, it does not even fetch long texts.
    """
    options = "analyze, buffers, timing off, serialize text, format json"
    ((whole,),) = connection.execute(f"explain ({options}) {query}").fetchall()
    top, written = whole[0]["Plan"], whole[0]["Serialization"]
    steps = list(_walk(top))
    scans = [step for step in steps if "Scan" in step["Node Type"]]
    return Plan(
        nodes=", ".join(dict.fromkeys(s["Node Type"] for s in steps if s["Node Type"] != "Hash")),
        buffers=sum(part[f"Shared {k} Blocks"] for part in (top, written) for k in ("Hit", "Read")),
        kilobytes=written["Output Volume"],
        spilled=top["Temp Read Blocks"] + top["Temp Written Blocks"],
        scans=len(scans),
        expected=scans[0]["Plan Rows"],
        found=round(scans[0]["Actual Rows"]),
    )


def _walk(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for child in step.get("Plans", ()):
        yield from _walk(child)
