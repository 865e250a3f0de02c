"""What the learner's functions of the lab on queries bring, put to use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scalelab.course.chapters.query_optimization.plans import BY_FUNCTION, BY_RANGE, LATEST, TABLES
from scalelab.course.chapters.query_optimization.shop import (
    BUDGET,
    INDEXES,
    Meter,
    OldShop,
    opened,
    played,
    questions,
)
from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note, table
from scalelab.course.values import NotThatError
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer
from scalelab.real.supervised import RealComponentError

READS = {  # what is done, and then the statement that is explained
    "latest orders, no index": ("", LATEST),
    "a day by a function": ("create index on orders(created)", BY_FUNCTION),
    "a day by a range": ("", BY_RANGE),
    "latest orders, an index": ("create index on orders(customer, status, created)", LATEST),
}


def _came_out(name: str, error: TheirError) -> Html:
    kind = type(error.error).__name__
    return note(f"{kind} came out of your {name}. The check says where.")


def own_plans_on_postgres(thrown_away: Callable[..., Any]) -> Html:
    """Let a real server explain four statements, and a learner's function read its plans."""
    name = "thrown_away"
    try:
        if call(thrown_away, {"Node Type": "Result", "Actual Rows": 1, "Actual Loops": 1}) is ...:
            return note(f"Still to do: your {name} is the stub. Then it reads a server's plans.")
        with _orders() as server:
            return _plans_read(server, thrown_away)
    except RealComponentError as error:
        return note(f"{error}; the checker's plans have to do.")
    except TheirError as error:
        return _came_out(name, error)


@contextmanager
def _orders() -> Iterator[PostgresServer]:
    with PostgresCluster() as cluster:
        server = cluster.primary(max_parallel_workers_per_gather="0", random_page_cost="1.1")
        with server.connect() as connection:
            for statement in TABLES[2:4]:  # orders, and its rows
                connection.execute(statement)
            connection.execute("analyze")
        yield server


def _plans_read(server: PostgresServer, thrown_away: Callable[..., Any]) -> Html:
    rows = []
    with server.connect() as connection:
        for name, (first, query) in READS.items():
            if first:
                connection.execute(first)
            explain = f"explain (analyze, buffers, timing off, format json) {query}"
            ((whole,),) = connection.execute(explain).fetchall()
            plan = whole[0]["Plan"]
            read = call(thrown_away, plan)
            try:
                where, thrown = ("nowhere", 0) if read is None else read
                row = {"thrown away, by your function": f"{where} {thrown:,.0f}"}
            except (TypeError, ValueError):
                return note("That is no table with its rows. The check says more.")
            pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            rows.append({"statement": name, **row, "pages": pages})
    return table(rows, f"{server.version}: four statements, of 100,000 orders.")


def own_bill(make: Callable[..., Any]) -> Html:
    """Show what the calls to a learner's shop take, beside the old shop's and the budget."""
    old = _bill(OldShop)
    try:
        mine = _bill(make)
    except UnansweredError:
        mine = {}
    except TheirError as error:
        return _came_out("Shop", error)
    except NotThatError as wrong:
        return note(f"{wrong.asked} is needed, and {wrong.got} came. {wrong.why}")
    rows = []
    for name, (unit, most) in BUDGET.items():
        row = {"method": f"{name}, {unit}", "old": old[name], "budget": most}
        rows.append(row | ({"yours": mine[name]} if mine else {}))
    return table(rows, "The dearest call of each method, of shop number 0.")


def _bill(make: Callable[..., Any]) -> dict[str, int]:
    bill = dict.fromkeys(BUDGET, 0)
    for name, _, _, _, counts in played(make, 0)["asked"]:
        bill[name] = max(bill[name], counts[BUDGET[name][0]])
    return bill


def own_inserts(make: Callable[..., Any], more: tuple[str, ...] = ()) -> Html:
    """Show what an insert takes in the old shop, in a learner's, and with more indexes.

    Parameters
    ----------
    make : callable
        The learner's class.
    more : tuple of str
        Columns of orders to index as well, such as "amount" or "customer, amount".
    """
    try:
        rows = [
            {"shop": "old", "steps of an insert": _insert(OldShop, ())},
            {"shop": "yours", "steps of an insert": _insert(make, ())},
        ]
        if more:
            said = f"yours, and {len(more)} more"
            rows.append({"shop": said, "steps of an insert": _insert(make, more)})
    except TheirError as error:
        return _came_out("Shop", error)
    return table(rows, f"One order more. The budget has {INDEXES} index.")


def _insert(make: Callable[..., Any], more: tuple[str, ...]) -> int:
    meter = Meter(opened(0))
    call(make, meter)
    for i, columns in enumerate(more):
        meter.rows(f"create index more_{i} on orders({columns})")
    before = dict(meter.counts)
    customer = questions(0)[0][1][0]
    insert = "insert into orders(customer, created, amount) values (?, '2026-12-31 00:00:00', 1)"
    meter.rows(insert, customer)
    return meter.since(before)["steps"]
