"""Experiments of the chapter on CQRS: what a read model costs, loses, repeats and lags."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import Event, EventLog, Subscription
from scalelab.fakes.events.outbox import Method, PublishingService
from scalelab.fakes.events.projections import Guard, Projection
from scalelab.fakes.events.read_model import ReadModel
from scalelab.fakes.network import FakeNetwork
from scalelab.models.cost import break_even_reads_per_write
from scalelab.models.lag_laws import UniformSumLag
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, label, label_lines
from scalelab.quantities import percent, quantity

PIPELINE_S = (0.1, 0.5)  # the guide's lag of the read model
WAIT_S = 0.5  # its upper end


def models_picture() -> Figure:
    """Draw the way of a command and the way of a query, and the events between the two."""
    boxes = {
        "app": Box(x=0, y=1, text="application", width=1.9),
        "write": Box(x=4, y=2, text="write model", colour=ORANGE, width=2),
        "read": Box(x=4, y=0, text="read model", colour=GREEN, width=2),
    }
    arrows = [
        Arrow(start="app", end="write", text="commands"),
        Arrow(start="app", end="read", text="queries"),
        Arrow(start="write", end="read", text="events", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.3)


def outbox_picture() -> Figure:
    """Draw the way of an event through an outbox: one transaction, then a relay."""
    boxes = {
        "service": Box(x=0, y=0.9, text="service", width=1.6),
        "rows": Box(x=3.2, y=1.8, text="rows", colour=ORANGE, width=1.5),
        "outbox": Box(x=3.2, y=0, text="outbox", colour=ORANGE, width=1.5),
        "relay": Box(x=6.2, y=0, text="relay", width=1.4),
        "log": Box(x=9.0, y=0, text="log", colour=BLUE, width=1.3),
        "projector": Box(x=9.0, y=1.8, text="projector", colour=GREEN, width=1.9),
    }
    arrows = [
        Arrow(start="service", end="rows", text="same transaction"),
        Arrow(start="service", end="outbox", text="same transaction"),
        Arrow(start="outbox", end="relay"),
        Arrow(start="relay", end="log", text="publish"),
        Arrow(start="log", end="projector", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.3)


# What a page costs -----------------------------------------------------------------------------

SCHEMA = """
create table products(id integer primary key, name text, price int, inventory int);
create table categories(id integer primary key, name text);
create table product_categories(product_id int, category_id int,
    primary key(product_id, category_id));
create table reviews(id integer primary key, product_id int, stars int);
create index reviews_of on reviews(product_id);
create index products_of on product_categories(category_id);
create table documents(id integer primary key, name text, price int, inventory int,
    categories text, avg_rating real, num_reviews int);
"""
DOCUMENT = """
select p.id, p.name, p.price, p.inventory,
    (select group_concat(c.name) from product_categories pc
     join categories c on c.id = pc.category_id where pc.product_id = p.id),
    (select avg(stars) from reviews r where r.product_id = p.id),
    (select count(*) from reviews r where r.product_id = p.id)
from products p where p.id = ?
"""
LOOK_UP = "select * from documents where id = ?"
PRODUCTS, CATEGORIES, REVIEWS = 200, 10, 40  # REVIEWS of each product


class Catalogue:
    """The guide's catalogue in SQLite, whose steps are counted: they depend on no clock."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.steps = 0
        self.db.executescript(SCHEMA)
        number = range(PRODUCTS)
        self.db.executemany(
            "insert into products values (?, ?, ?, 50)", ((i, f"p{i}", 10 + i) for i in number)
        )
        self.db.executemany(
            "insert into categories values (?, ?)", ((i, f"c{i}") for i in range(CATEGORIES))
        )
        self.db.executemany(
            "insert into product_categories values (?, ?)",
            ((i, (i + j) % CATEGORIES) for i in number for j in range(3)),
        )
        self.db.executemany(
            "insert into reviews(product_id, stars) values (?, ?)",
            ((i, 1 + (i + j) % 5) for i in number for j in range(REVIEWS)),
        )
        for i in number:
            self.project(i)
        self.db.set_progress_handler(self._count, 1)

    def _count(self) -> int:
        self.steps += 1
        return 0

    def project(self, product: int) -> None:
        """Write the document of a product anew."""
        (row,) = self.db.execute(DOCUMENT, (product,)).fetchall()
        self.db.execute("insert or replace into documents values (?, ?, ?, ?, ?, ?, ?)", row)

    def cost(self, act: Callable[[], object]) -> int:
        """Count the steps of the database's machine that something takes."""
        before = self.steps
        act()
        return self.steps - before

    def ask(self, query: str) -> tuple[Any, ...]:
        """Read a product's page."""
        (row,) = self.db.execute(query, (7,)).fetchall()
        return tuple(row)

    def new_price(self) -> None:
        """Keep the document in step with a new price, which the event brings along."""
        self.db.execute("update documents set price = 99 where id = 7")

    def new_name(self) -> None:
        """Keep all documents in step with the new name of one category."""
        self.db.execute("update categories set name = 'sale' where id = 3")
        query = "select product_id from product_categories where category_id = 3"
        for (product,) in self.db.execute(query).fetchall():
            self.project(product)


@cache
def page_costs() -> dict[str, int]:
    """Count what a page and its keeping cost, in steps of SQLite's machine."""
    shop = Catalogue()
    return {
        "query": shop.cost(lambda: shop.ask(DOCUMENT)),
        "look-up": shop.cost(lambda: shop.ask(LOOK_UP)),
        "new price": shop.cost(shop.new_price),
        "new review": shop.cost(lambda: shop.project(7)),
        "new category name": shop.cost(shop.new_name),
    }


def ratios() -> dict[str, float]:
    """Say from how many reads to a write the document pays, for each kind of write."""
    costs = page_costs()
    saved = costs["query"] - costs["look-up"]
    kinds = ("new price", "new review", "new category name")
    return {kind: float(break_even_reads_per_write(costs[kind], saved)) for kind in kinds}


def ratios_table() -> Html:
    """Show the work of keeping a document, and from which ratio it pays."""
    costs = page_costs()
    rows = [
        {"write": kind, "steps to keep documents": costs[kind], "pays from reads to a write": ratio}
        for kind, ratio in ratios().items()
    ]
    said = f"A page costs {costs['query']:,} steps by joins and {costs['look-up']} by its document."
    return table(rows, said)


def plot_work(ax: Axes) -> Axes:
    """Draw the work for one write and its reads, by joins and with documents, by kind of write."""
    costs, reads = page_costs(), np.geomspace(0.01, 1_000, 200)
    ax.plot(reads, reads * costs["query"], color=INK, lw=2.4, label="by joins")
    kinds = ("new price", "new review", "new category name")
    for kind, colour in zip(kinds, (GREEN, BLUE, ORANGE), strict=True):
        work = costs[kind] + reads * costs["look-up"]
        ax.plot(reads, work, color=colour, label=kind)
        at = costs[kind] / (costs["query"] - costs["look-up"])
        ax.plot([at], [at * costs["query"]], "o", color=colour)
    ax.set(xscale="log", yscale="log", xlim=(0.01, 1_000))
    ax.set_xticks([0.01, 0.1, 1, 10, 100, 1_000], ["0.01", "0.1", "1", "10", "100", "1,000"])
    label(ax, x="reads to a write", y="steps")
    return label_lines(ax)


# Publishing ------------------------------------------------------------------------------------

WAYS: dict[str, Method] = {
    "commit, then publish": "commit_then_publish",
    "publish, then commit": "publish_then_commit",
    "outbox": "outbox",
}
CRASHES = 200


def crash_books(
    rng: np.random.Generator, method: Method, rate_per_s: float = 100.0, window_s: float = 0.005
) -> dict[str, float]:
    """Crash a service 200 times while it writes; what a crash loses, invents and repeats.

    Writes come at random, and each takes as long to commit as to publish.
    """
    clock = VirtualClock()
    service = PublishingService(
        EventLog(clock),
        method=method,
        commit_s=window_s,
        publish_s=window_s,
        poll_s=0.05,
        mark_s=window_s,
    )
    key = 0
    for _ in range(CRASHES):
        crash_s = clock.now_s + 0.2
        at_s = clock.now_s + rng.exponential(1 / rate_per_s)
        while at_s < crash_s:
            clock.run(at_s)
            key += 1
            service.submit_put(key, 0, _nothing, _nothing)
            at_s += rng.exponential(1 / rate_per_s)
        clock.run(crash_s)
        service.crash()
        clock.advance(0.01)
        service.restart()
        clock.advance(2.0 if method == "outbox" else 0.1)
    audit = service.audit()
    books = {"lost": audit.lost, "invented": audit.invented, "twice": audit.repeated}
    return {name: count / CRASHES for name, count in books.items()}


def ways_table(seed: int) -> Html:
    """Show what each way of publishing does to the events, for each crash."""
    rows = []
    for name, method in WAYS.items():
        books = crash_books(np.random.default_rng(seed), method)
        rows.append({"way": name} | {f"{what}, a crash": mean for what, mean in books.items()})
    return table(rows, f"Events for each crash, mean of {CRASHES} crashes; 100 writes a second")


def _nothing(_: object) -> None:
    pass


# Once, and in order ----------------------------------------------------------------------------

GUARDS: dict[str, Guard] = {
    "takes all that comes": "none",
    "remembers the ids": "event_id",
    "keeps its place in the log": "offset",
    "counts versions of each key": "version",
}
FOLDS: dict[str, Callable[[Any, Event], Any]] = {
    "changes": lambda state, event: (state or 0) + event.data,
    "whole states": lambda state, event: event.data,
}
TROUBLES = {"repeated": (0.3, True), "out of order": (0.0, False)}


def differs(seed: int, guard: Guard, fold: str, trouble: str, events: int = 300) -> int:
    """Count the keys, of 20, whose state differs from the fold of the log, once all has come."""
    duplication, ordered = TROUBLES[trouble]
    rng = np.random.default_rng(seed)
    clock = VirtualClock()
    log = EventLog(clock)
    projection = Projection(FOLDS[fold], guard=guard)
    network = FakeNetwork(
        clock,
        delay_s=lambda draw: float(draw.uniform(0.01, 0.2)),
        duplication=duplication,
        ordered=ordered,
        rng=rng,
    )
    Subscription(log, projection.apply, network=network, retry_s=5.0)
    for _ in range(events):
        log.append(int(rng.integers(20)), int(rng.integers(1, 100)))
        clock.advance(0.01)
    clock.advance(20.0)
    right = Projection(FOLDS[fold]).rebuilt(log)
    return sum(projection.get(key) != right.get(key) for key in range(20))


def guards_table(seed: int) -> Html:
    """Show how many of 20 keys end wrong, by guard, by kind of event and by trouble."""
    rows = []
    for name, guard in GUARDS.items():
        row: dict[str, Any] = {"the projector": name}
        for trouble in TROUBLES:
            for fold in FOLDS:
                row[f"{fold}, {trouble}"] = differs(seed, guard, fold, trouble)
        rows.append(row)
    return table(rows, "Keys of 20 that end wrong, after 300 events")


# How late --------------------------------------------------------------------------------------


def late_share(
    refresh_s: float, pipeline_s: tuple[float, float] = PIPELINE_S, time_s: Any = WAIT_S
) -> Any:
    """Share of events not shown so long after the commit: pipeline, then the wait for a refresh.

    Each of the two takes any time of its range, all equally likely.
    """
    after_s = np.maximum(np.asarray(time_s, dtype=float) - pipeline_s[0], 0)
    stages = tuple((0.0, w) for w in (pipeline_s[1] - pipeline_s[0], refresh_s) if w > 0)
    tail = np.asarray(UniformSumLag(stages_s=stages).tail(after_s)) if stages else after_s <= 0
    return np.where(np.asarray(time_s) < pipeline_s[0], 1.0, tail)[()]


def late_in_the_fake(
    rng: np.random.Generator, refresh_s: float, pipeline_s: tuple[float, float] = PIPELINE_S
) -> float:
    """Run events through a pipeline into a read model; share shown later than 500 ms."""
    clock = VirtualClock()
    log = EventLog(clock)
    model = ReadModel(
        clock, Projection(FOLDS["whole states"], guard="event_id"), refresh_interval_s=refresh_s
    )
    delay_s = (lambda draw: float(draw.uniform(*pipeline_s))) if pipeline_s[1] else 0.0
    network = FakeNetwork(clock, delay_s=delay_s, ordered=False, rng=rng)
    Subscription(log, model.receive, network=network, retry_s=60.0)
    events = 400
    for i, at_s in enumerate(np.cumsum(rng.exponential(0.1, events))):
        clock.schedule_at(float(at_s), partial(log.append, i, i))
    clock.run(float(events))
    lags_s = model.lags_s()
    return float((lags_s > WAIT_S).sum() / events)


def draw_refresh(ax: Axes, refresh: float, pipeline: tuple[float, float]) -> str:
    """Draw the share of events that are not shown yet, against the time since their commit."""
    time_s = np.linspace(0, 2.0, 400)
    shares = 100 * late_share(refresh, pipeline, time_s)
    ax.plot(time_s, shares, color=BLUE)
    ax.axvline(WAIT_S, color=INK, ls="--", lw=1)
    late = late_share(refresh, pipeline)
    ax.plot([WAIT_S], [100 * late], "o", color=ORANGE)
    ax.set(xlim=(0, 2), ylim=(-2, 104))
    label(ax, x="time since the commit, s", y="not shown, %")
    return (
        f"A refresh every {quantity(refresh, 's')}: {percent(late)} of the events are not shown "
        f"{quantity(1e3 * WAIT_S, 'ms')} after their commit."
    )


# The third thing to scale ----------------------------------------------------------------------


def backlog_s(writes_per_s: float, projector_per_s: float, time_s: Any) -> Any:
    """Age of the newest event that queries see, if writes come faster than they are projected."""
    return max(0.0, writes_per_s / projector_per_s - 1) * np.asarray(time_s, dtype=float)


def backlog_in_the_fake(writes_per_s: float, projector_per_s: float, seconds: float) -> float:
    """Lag of the last of the events that came in some seconds, in the fake."""
    clock = VirtualClock()
    log = EventLog(clock)
    model = ReadModel(clock, Projection(FOLDS["changes"]), work_s=1 / projector_per_s)
    Subscription(log, model.receive, retry_s=1e6)
    for i in range(round(writes_per_s * seconds)):
        clock.schedule_at((i + 1) / writes_per_s, partial(log.append, "stock", 1))
    clock.run(10 * seconds)
    return float(model.lags_s()[-1])


def plot_backlog(ax: Axes, rates: dict[str, float], writes_per_s: float) -> Axes:
    """Draw how old the read model is over an hour of writes, for projectors of several speeds."""
    minutes = np.linspace(0, 60, 121)
    for (name, rate), colour in zip(rates.items(), (ORANGE, BLUE, GREEN), strict=False):
        age_min = backlog_s(writes_per_s, rate, minutes)
        ax.plot(minutes, age_min, color=colour, label=name)
    ax.axhline(WAIT_S / 60, color=MUTED, ls="--", lw=1)
    ax.set(xlim=(0, 60))
    label(ax, x="minutes of writing", y="behind, min")
    return label_lines(ax)
