"""Queries on a real PostgreSQL: plans and pages, round trips, and 42 clients on its cores."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.chapters.query_optimization.experiments import plans_drawn
from scalelab.course.chapters.query_optimization.plans import (
    CUSTOMERS,
    ORDERS,
    STEPS,
    TABLES,
    Plan,
    explained,
)
from scalelab.course.chapters.query_optimization.recorded import PLANS
from scalelab.course.page import Html, note, table
from scalelab.plotting import GREEN, MUTED, ORANGE, label, write
from scalelab.quantities import number, percent
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer
from scalelab.real.postgres_store import WallClock
from scalelab.real.postgres_tools import guarded_connect
from scalelab.real.supervised import RealComponentError

CLIENTS, CROWD_S = 42, 2.0
LOOK_UPS, RTT_S = 200, 0.001
NAMES = ("log_min_duration", "log_min_duration_statement")
ALL_ROWS = "select sum(hashint4(id) % 7 + hashint4(amount) % 5) from orders"
FIFTH = ALL_ROWS + " where id < 20000"  # by the primary key


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What the server showed."""

    plans: dict[str, Plan]
    """Each statement of `STEPS` that has a name."""
    known: dict[str, int]
    """Settings of each name that the server has."""
    far: dict[str, float]
    """Time of N+1 over that of the other way, at a round trip of 1 ms."""
    near: dict[str, float]
    """The same, on one machine."""
    waited: float
    """Time that the client waits for 200 look-ups, over what the server says that they took."""
    slower: float
    """Time of a query in the crowd of 42 over that of the mended one at the same rate."""
    dearer: float
    """Processor time of a query in the crowd, over that of the mended one."""
    rows_written: dict[str, int]
    """Rows that a city's new name writes."""
    recorded: bool = False


RECORDED = Planned(  # two shared cores, Linux, 29 November 2026
    plans=PLANS,
    known={"log_min_duration": 0, "log_min_duration_statement": 1},
    far={"join": 139.0, "batch": 77.0},
    near={"join": 30.0, "batch": 20.0},
    waited=136.0,
    slower=35.0,
    dearer=2.4,
    rows_written={"join": 33, "denormalised": 1_590},
    recorded=True,
)


@cache
def measured() -> Planned:
    """Run all on a real server; what was recorded where there is none.

    Cached: one page says one number.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED
    with cluster:
        server = cluster.primary(
            autovacuum="off",
            jit="off",
            max_parallel_workers_per_gather="0",
            random_page_cost="1.1",
            max_connections="60",
            shared_preload_libraries="pg_stat_statements",
        )
        with server.connect() as connection:
            for statement in TABLES:
                connection.execute(statement)
            slower, dearer = _crowd(server)
            plans = _plans(connection)
            far, near, waited = _n_plus_one(server)
            return Planned(
                plans=plans,
                known={name: _count(connection, "pg_settings", name) for name in NAMES},
                far=far,
                near=near,
                waited=waited,
                slower=slower,
                dearer=dearer,
                rows_written=_rows_written(connection),
            )


def _plans(connection: Any) -> dict[str, Plan]:
    plans = {}
    for name, statement in STEPS:
        if name:
            plans[name] = explained(connection, statement)
        else:
            connection.execute(statement)
    return plans


def _count(connection: Any, view: str, name: str) -> int:
    query = f"select count(*) from {view} where name = %s"
    return int(connection.execute(query, (name,)).fetchone()[0])


def _rows_written(connection: Any) -> dict[str, int]:
    """Count the rows that a city's new name writes: in the customers' table, and where copied."""
    new = "set city = 'new' where city = (select min(city) from customers)"
    copied = connection.execute(f"update wide {new}").rowcount
    return {"join": connection.execute(f"update customers {new}").rowcount, "denormalised": copied}


# N+1 -------------------------------------------------------------------------------------------


def _ways(connection: Any) -> dict[str, float]:
    """Time three ways to get 200 orders with their customers' names, each its fastest of three."""
    orders = "select id, customer from orders where id < %s"
    clock = WallClock()

    def n_plus_one() -> None:
        for _, customer in connection.execute(orders, (LOOK_UPS,)).fetchall():
            connection.execute("select name from customers where id = %s", (customer,)).fetchall()

    def batch() -> None:
        ids = [row[1] for row in connection.execute(orders, (LOOK_UPS,)).fetchall()]
        query = "select id, name from customers where id = any(%s)"
        connection.execute(query, (ids,)).fetchall()

    def join() -> None:
        query = "select o.id, c.name from orders o join customers c on c.id = o.customer"
        connection.execute(query + " where o.id < %s", (LOOK_UPS,)).fetchall()

    fastest = {}
    for act in (n_plus_one, batch, join):
        took = []
        for _ in range(3):
            begin_s = clock.now_s
            act()
            took.append(clock.now_s - begin_s)
        fastest[act.__name__] = min(took)
    return fastest


def _n_plus_one(server: PostgresServer) -> tuple[dict[str, float], dict[str, float], float]:
    """Compare the ways near and far, and what the far client waits with what the server books."""
    with server.connect() as connection:
        near = _ways(connection)
    with DelayProxy(server.port, RTT_S) as proxy:
        dsn = server.dsn.replace(f"port={server.port}", f"port={proxy.port}")
        with guarded_connect(dsn, autocommit=True) as connection:
            connection.execute("create extension if not exists pg_stat_statements")
            connection.execute("select pg_stat_statements_reset()")
            far = _ways(connection)
            query = (
                "select total_exec_time / calls / 1000 from pg_stat_statements "
                "where query like 'select name from customers%'"
            )
            booked_s = LOOK_UPS * float(connection.execute(query).fetchone()[0])
    ratios = [{w: took["n_plus_one"] / took[w] for w in ("join", "batch")} for took in (far, near)]
    return ratios[0], ratios[1], far["n_plus_one"] / booked_s


# A crowd ---------------------------------------------------------------------------------------


def _crowd(server: PostgresServer) -> tuple[float, float]:
    """Let 42 clients ask without a pause, then at the same rate with a fifth of the rows.

    Returns how many times as long a query takes in the crowd, and how many times as much
    processor time.
    """
    count, mean_s, cpu_s = _ask(server, ALL_ROWS, pause_s=0.0)
    mended, mended_mean_s, mended_cpu_s = _ask(server, FIFTH, pause_s=CLIENTS * CROWD_S / count)
    return mean_s / mended_mean_s, (cpu_s / count) / (mended_cpu_s / mended)


def _ask(server: PostgresServer, query: str, *, pause_s: float) -> tuple[int, float, float]:
    """Let 42 clients ask for 2 s, each once in `pause_s` at most; queries, mean and processor."""
    took: list[float] = []
    clock, ready = WallClock(), threading.Barrier(CLIENTS + 1, timeout=30)

    def client(i: int) -> None:
        with server.connect() as connection:
            connection.execute(query)
            ready.wait()
            next_s = clock.now_s + pause_s * i / CLIENTS
            end_s = clock.now_s + CROWD_S
            while next_s < end_s:
                clock.advance(max(0.0, next_s - clock.now_s))
                begin_s = clock.now_s
                connection.execute(query).fetchall()
                took.append(clock.now_s - begin_s)
                next_s = max(next_s + pause_s, clock.now_s)

    threads = [threading.Thread(target=client, args=(i,), daemon=True) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    ready.wait()
    before_s = server.cpu_s()
    for thread in threads:
        thread.join(timeout=30)
    return len(took), sum(took) / len(took), server.cpu_s() - before_s


# What the page shows ---------------------------------------------------------------------------

PAIRS = {  # of the statements: before and after
    "composite index": ("no index", "composite index"),
    "index on 4 values": ("one status, no index", "one status, index"),
    "range for function": ("function", "range"),
    "join, all customers": ("every customer, subquery", "every customer, join"),
    "join, 20 customers": ("20 customers, subquery", "20 customers, join"),
    "fewer long texts": ("long texts, all columns", "long texts, two columns"),
    "new statistics": ("old statistics", "new statistics"),
}


def _whence(shown: Planned) -> str:
    return " Recorded on two cores, 29 November 2026." if shown.recorded else ""


def _plans_table(names: tuple[str, ...], caption: str, **columns: str) -> Html:
    """Show statements by name, with some fields of their plans."""
    shown = measured()
    rows = [
        {"statement": name}
        | {said.replace("_", " "): getattr(shown.plans[name], of) for of, said in columns.items()}
        for name in names
    ]
    return table(rows, caption + _whence(shown))


def index_table() -> Html:
    """Show the customer's ten latest orders by three indexes."""
    names = ("no index", "index on customer", "composite index")
    caption = "A customer's ten latest orders of one status, of 100,000; pages of 8 kB."
    return _plans_table(names, caption, nodes="plan", buffers="pages")


def columns_table() -> Html:
    """Show what all columns cost against two."""
    names = tuple(f"{what}, {which} columns" for what in ("long texts", "short rows")
                  for which in ("all", "two"))  # fmt: skip
    caption = "All columns or two: 200 documents with long texts, and 100,000 short orders."
    return _plans_table(names, caption, buffers="pages", kilobytes="answer,_kB")


def months_table() -> Html:
    """Show what is read of twelve partitions by a range and by a function of their key."""
    names = ("one month by a range", "one month by a function")
    caption = "The orders of March, in a table of twelve partitions."
    return _plans_table(names, caption, scans="partitions_read", buffers="pages")


def plot_mends(ax: Axes) -> Axes:
    """Draw the pages that each statement looks at, before and after its mend."""
    plans = measured().plans
    for i, (before, after) in enumerate(reversed(PAIRS.values())):
        pages = [plans[before].buffers, plans[after].buffers]
        ax.plot(pages, [i, i], color=MUTED, lw=1)
        for count, colour, form in zip(pages, (ORANGE, GREEN), "os", strict=True):
            ax.plot([count], [i], form, color=colour)
        write(ax, max(pages), i, f"{pages[0]:,} → {pages[1]:,}", dx=8, va="center")
    ax.set(xscale="log", xlim=(1, 2e8), ylim=(-0.6, len(PAIRS) - 0.4))
    ax.set(yticks=range(len(PAIRS)), yticklabels=list(reversed(PAIRS)))
    ax.set_xticks([1, 1_000], ["1", "1,000"])
    return label(ax, x="pages that the server looks at")


def mends_in_words() -> str:
    """Say the pages before and after each mend."""
    plans = measured().plans
    return "; ".join(
        f"{name} {plans[a].buffers:,} to {plans[b].buffers:,}" for name, (a, b) in PAIRS.items()
    )


def statistics_picture() -> Figure:
    """Draw what the planner expected and which join it took, before and after ANALYZE."""
    plans = [measured().plans[f"{which} statistics"] for which in ("old", "new")]
    joins = ["nested loop" if "Nested Loop" in plan.nodes else "hash join" for plan in plans]
    return plans_drawn([plan.expected for plan in plans], joins)


def orders_note() -> Html:
    """Say how many orders there are, of how many customers, on how many pages."""
    pages = measured().plans["no index"].buffers
    return note(
        f"{ORDERS:,} orders of {CUSTOMERS:,} customers, {ORDERS // CUSTOMERS} each, spread over "
        f"the whole table: {pages:,} pages of 8 kB."
    )


def statistics_note() -> Html:
    """Say what the two plans looked at."""
    shown = measured()
    old, new = (shown.plans[f"{which} statistics"].buffers for which in ("old", "new"))
    return note(f"Pages: {old:,} with the old statistics, {new:,} after ANALYZE.{_whence(shown)}")


def crowd_note() -> Html:
    """Say what a mend did to 42 clients on real cores."""
    shown = measured()
    return note(
        f"42 clients on PostgreSQL, before and after, at the same rate: a query takes "
        f"{number(shown.slower, 2)} times as long, and {number(shown.dearer, 2)} times the "
        f"processor time, as after the mend.{_whence(shown)}"
    )


def trips_note() -> Html:
    """Say what N+1 costs on one machine and over a network, and what the server knows of it."""
    shown = measured()
    return note(
        f"PostgreSQL, 200 orders and their customers' names. Against one join, 201 queries take "
        f"{number(shown.near['join'], 2)} times as long on one machine, and "
        f"{number(shown.far['join'], 2)} times over a network of 1 ms. Of a client's waiting "
        f"there, the server books {percent(1 / shown.waited, 1)} as its own.{_whence(shown)}"
    )
