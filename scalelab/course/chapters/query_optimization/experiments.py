"""Experiments of the chapter on queries: work and waiting, total time, steps, round trips."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.models.closed_queue import machine_repairman
from scalelab.models.operational_laws import utilisation
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, TINTS, label, label_lines
from scalelab.quantities import number, percent, quantity

PER_MINUTE, BEFORE_S, AFTER_S = 1_000, 2.5, 0.05  # the guide's example
RATE_PER_S = PER_MINUTE / 60
CORES, IN_SYSTEM = 4, 42  # the machine on which its four numbers fit together


def ways_picture() -> Figure:
    """Draw the two ways to the rows that a statement asks for."""
    boxes = {
        "query": Box(x=0, y=1, text="statement", width=1.8),
        "planner": Box(x=3.4, y=1, text="planner", colour=BLUE, width=1.7),
        "scan": Box(x=7.6, y=2, text="scan: every page", colour=ORANGE, width=2.9),
        "index": Box(x=7.6, y=0, text="index: a few pages", colour=GREEN, width=2.9),
    }
    arrows = [
        Arrow(start="query", end="planner"),
        Arrow(start="planner", end="scan"),
        Arrow(start="planner", end="index"),
    ]
    return diagram(boxes, arrows, height=2.3)


# Time and work ---------------------------------------------------------------------------------


def work_s(cores: int) -> float:
    """Seconds of a core that a query takes if 1,000 a minute keep all cores busy."""
    return cores / RATE_PER_S


def busy_after(cores: int) -> float:
    """How busy the cores are if all of the 0.05 s is work."""
    return float(utilisation(RATE_PER_S, AFTER_S, servers=cores))


def response_s(cores: int, connections: int) -> float:
    """Time of a query if so many connections ask without a pause, and all cores are busy."""
    return machine_repairman(connections, 0.0, work_s(cores), servers=cores).mean_response_s


def draw_machine(ax: Axes, cores: int, connections: int) -> str:
    """Draw how long a query takes before the index, against the connections that ask at once."""
    at = np.unique(np.r_[np.arange(1, 101), cores])
    times_s = [response_s(cores, int(n)) for n in at]
    ax.plot(at, times_s, color=BLUE, label=f"{cores} core{'s' * (cores > 1)}")
    ax.axhline(BEFORE_S, color=INK, ls="--", lw=1, label="the guide's 2.5 s")
    here_s = response_s(cores, connections)
    ax.plot([connections], [here_s], "o", color=ORANGE)
    ax.set(xlim=(0, 100), ylim=(0, 6.2))
    label(ax, x="connections that ask without a pause", y="time of a query, s")
    ax.legend(loc="upper left")
    return (
        f"Before: {quantity(1e3 * work_s(cores), 'ms')} of a core for a query, which takes "
        f"{quantity(here_s, 's')}. After the index, at 1,000 a minute: "
        f"{percent(busy_after(cores), 3)} busy."
    )


# Total time ------------------------------------------------------------------------------------

# Calls a second and seconds each, all of them work.
STATEMENTS = {
    "report": (1 / 60, 2.5),
    "search": (0.5, 0.15),
    "order history": (40.0, 0.02),
    "price of a product": (1_000.0, 0.005),
}
SLOW_S = 0.1  # what the guide's log takes down


def statements_table() -> Html:
    """Show how often each statement is called, and the work of a call."""
    rows = [
        {
            "statement": name,
            "calls a minute": round(60 * rate),
            "work of a call, ms": round(1e3 * each_s),
        }
        for name, (rate, each_s) in STATEMENTS.items()
    ]
    return table(rows, "Four statements of a shop.")


def busy_cores() -> dict[str, float]:
    """Cores that each statement keeps busy: calls a second times seconds each."""
    return {name: rate * each_s for name, (rate, each_s) in STATEMENTS.items()}


def seen_share() -> float:
    """Share of the work that stands in a log of what takes longer than 100 ms."""
    cores = busy_cores()
    seen = sum(cores[name] for name, (_, each_s) in STATEMENTS.items() if each_s > SLOW_S)
    return seen / sum(cores.values())


def plot_total(ax: Axes) -> Axes:
    """Draw how many cores each statement keeps busy; what the slow log shows is orange."""
    for i, (name, cores) in enumerate(busy_cores().items()):
        slow = STATEMENTS[name][1] > SLOW_S
        colour = ORANGE if slow else BLUE
        ax.barh(i, cores, height=0.55, color=TINTS[colour], edgecolor=colour)
        said = "in the slow log" if slow else "not in the log"
        ax.text(cores + 0.1, i, f"{number(cores, 2)}, {said}", va="center", color=INK)
    ax.set(yticks=range(len(STATEMENTS)), yticklabels=list(STATEMENTS), xlim=(0, 8.4))
    return label(ax, x="cores that are busy with it")


# Steps in SQLite -------------------------------------------------------------------------------

LATEST = "select * from orders where customer = 7 and status = 2 order by created desc limit 10"
INDEXES = {
    "no index": (),
    "customer": ("customer",),
    "customer, status, created": ("customer, status, created",),
}
BY_FUNCTION = "select sum(amount) from orders where substr(created, 1, 10) = '2026-03-01'"
BY_RANGE = "select sum(amount) from orders where created >= '2026-03-01' and created < '2026-03-02'"
SIZES = (300, 1_000, 3_000, 10_000, 30_000)


def drawn(row: int, column: int) -> int:
    """Return a number that looks random and is the same on every machine."""
    text = f"{row}/{column}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


class Orders:
    """A table of orders in SQLite, whose steps are counted: they depend on no clock."""

    def __init__(self, rows: int, indexes: Sequence[str] = ()) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.steps = 0
        self.db.execute(
            "create table orders(id integer primary key, customer int, status int, created text, "
            "amount int, note text)"
        )
        self.db.execute("create table customers(id integer primary key, name text)")
        self.db.executemany(
            "insert into orders values (?, ?, ?, ?, ?, ?)", map(_order, range(rows))
        )
        self.db.executemany(
            "insert into customers values (?, ?)", ((i, f"customer {i}") for i in range(100))
        )
        for i, columns in enumerate(indexes):
            self.db.execute(f"create index of_{i} on orders({columns})")
        self.db.set_progress_handler(self._count, 1)

    def _count(self) -> int:
        self.steps += 1
        return 0

    def cost(self, query: str, *parameters: object) -> int:
        """Count the steps of the database's machine for all rows of a query."""
        before = self.steps
        self.db.execute(query, parameters).fetchall()
        return self.steps - before

    def plan(self, query: str) -> str:
        """Return the first line of SQLite's plan."""
        return str(self.db.execute(f"explain query plan {query}").fetchone()[3])

    def insert(self) -> int:
        """Insert one more order; count its steps."""
        return self.cost("insert into orders values (null, 1, 1, '2026-12-31 23:59', 1, '')")


def _order(i: int) -> tuple[int, int, int, str, int, str]:
    created = f"2026-{1 + drawn(i, 3) % 12:02}-{1 + drawn(i, 4) % 28:02} {drawn(i, 5) % 24:02}:00"
    return i, drawn(i, 1) % 100, drawn(i, 2) % 4, created, drawn(i, 6) % 100, "as usual " * 6


@cache
def latest_steps() -> dict[str, list[int]]:
    """Count the steps for a customer's ten latest orders, for each index and size of the table."""
    return {
        name: [Orders(rows, columns).cost(LATEST) for rows in SIZES]
        for name, columns in INDEXES.items()
    }


def plot_growth(ax: Axes) -> Axes:
    """Draw the steps against the rows of the table, for each index."""
    for (name, steps), colour in zip(latest_steps().items(), (ORANGE, BLUE, GREEN), strict=True):
        ax.plot(SIZES, steps, color=colour, marker="o", ms=3, label=name)
    ax.set(xscale="log", yscale="log")
    label(ax, x="orders in the table", y="steps of the database")
    return label_lines(ax)


@cache
def function_steps() -> dict[str, tuple[str, int]]:
    """Return plan and steps for the orders of a day, by a function of the column and by a range."""
    indexed, by_day = (
        Orders(10_000, [columns]) for columns in ("created", "substr(created, 1, 10)")
    )
    return {
        name: (orders.plan(query), orders.cost(query))
        for name, orders, query in (
            ("a function of the column", indexed, BY_FUNCTION),
            ("a range of the column", indexed, BY_RANGE),
            ("the function, and an index of it", by_day, BY_FUNCTION),
        )
    }


@cache
def insert_steps(most: int = 5) -> list[int]:
    """Count the steps of an insert, with no index and with more and more."""
    columns = ("customer", "status", "created", "amount", "customer, status, created")
    return [Orders(1_000, columns[:many]).insert() for many in range(most + 1)]


def plot_inserts(ax: Axes) -> Axes:
    """Draw the steps of an insert against the number of indexes."""
    steps = insert_steps()
    ax.bar(range(len(steps)), steps, width=0.55, color=TINTS[BLUE], edgecolor=BLUE)
    for i, count in enumerate(steps):
        ax.text(i, count + 1, str(count), ha="center", va="bottom", color=INK)
    ax.set(ylim=(0, 1.2 * max(steps)), xticks=range(len(steps)))
    return label(ax, x="indexes on the table", y="steps of an insert")


# Round trips -----------------------------------------------------------------------------------

LOOK_UPS = 200


def n_plus_one_steps() -> tuple[int, int]:
    """Count the steps of 200 orders and a look-up for each, and those of one join."""
    orders = Orders(1_000)
    one = orders.cost("select id, customer from orders where id < ?", LOOK_UPS)
    each = sum(
        orders.cost("select name from customers where id = ?", drawn(i, 1) % 100)
        for i in range(LOOK_UPS)
    )
    join = "select o.id, c.name from orders o join customers c on c.id = o.customer where o.id < ?"
    return one + each, orders.cost(join, LOOK_UPS)


def trips_ms(round_trips: int, round_trip_ms: Any, work_ms: float) -> Any:
    """Time that a client waits: each round trip, and the work."""
    return round_trips * np.asarray(round_trip_ms, dtype=float) + work_ms


def plot_trips(ax: Axes) -> Axes:
    """Draw how long a page with 200 orders waits, against the round trip."""
    round_trip_ms = np.geomspace(0.02, 50, 100)
    for name, trips, work_ms, colour in (
        ("201 queries", LOOK_UPS + 1, 4.0, ORANGE),
        ("two queries", 2, 1.0, BLUE),
        ("one join", 1, 1.0, GREEN),
    ):
        ax.plot(round_trip_ms, trips_ms(trips, round_trip_ms, work_ms), color=colour, label=name)
    ax.set(xscale="log", yscale="log", xlim=(0.02, 50))
    label(ax, x="round trip, ms", y="the page waits, ms")
    return label_lines(ax)


# Partitions ------------------------------------------------------------------------------------

MONTHS = tuple(f"2026-{month:02}" for month in range(1, 13))


def months_of_fake(rows: int = 1_200) -> PartitionedTable:
    """Return a table in twelve partitions, one a month, with as many rows in each."""
    orders = PartitionedTable(VirtualClock(), RangeRouter(list(MONTHS[1:]), list(MONTHS)))
    for i in range(rows):
        orders.put(f"{MONTHS[i % 12]}-{1 + i % 28:02}/{i}", i)
    return orders


# Statistics ------------------------------------------------------------------------------------


def plans_drawn(expected: Sequence[int], joins: Sequence[str]) -> Figure:
    """Draw what the planner expected and which join it took, before and after ANALYZE."""
    boxes, arrows = {}, []
    for i, (rows, join, name) in enumerate(
        zip(expected, joins, ("old statistics", "after ANALYZE"), strict=True)
    ):
        y, colour = 1.6 * (1 - i), (ORANGE, GREEN)[i]
        boxes[f"known {i}"] = Box(x=0, y=y, text=name, width=2.6)
        boxes[f"rows {i}"] = Box(x=4.2, y=y, text=f"expects {number(rows)}", width=2.7)
        boxes[f"join {i}"] = Box(x=8.4, y=y, text=join, colour=colour, width=2.4)
        arrows += [
            Arrow(start=f"known {i}", end=f"rows {i}"),
            Arrow(start=f"rows {i}", end=f"join {i}"),
        ]
    return diagram(boxes, arrows, height=2.2)


def steps_table(rows: dict[str, tuple[str, int]], caption: str) -> Html:
    """Show plans and steps in SQLite."""
    return table(
        [{"by": by, "SQLite's plan": plan, "steps": steps} for by, (plan, steps) in rows.items()],
        caption,
    )
