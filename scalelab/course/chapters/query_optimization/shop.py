"""The lab's shop in SQLite: planted defects, a meter, and what a mended shop is put through."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError, short
from scalelab.real.limits import call

SCHEMA = """
create table customers(id integer primary key, name text);
create table orders(id integer primary key, customer int, created text, amount int);
create index of_created on orders(created);
create table documents(id integer primary key, title text, body text);
create table events(id integer primary key, kind text, user int);
create index of_kind on events(kind);
create index of_user on events(user);
"""
CUSTOMERS, GONE, ORDERS, DOCUMENTS, EVENTS, USERS = 80, 20, 4_000, 40, 6_000, 60
DAYS = 28  # of each month
# What was true when each kind of event was rare: 2 rows a kind, 3,000 a user.
OLD_STATISTICS = (("events", "of_kind", "6000 2"), ("events", "of_user", "6000 3000"))
INDEXES = 1  # more than there are
# What one call may take at most.
BUDGET: dict[str, tuple[str, int]] = {
    "latest": ("steps", 250),
    "day_total": ("steps", 400),
    "page": ("statements", 2),
    "titles": ("bytes", 2_000),
    "failures": ("steps", 1_500),
}
UNITS = ("statements", "steps", "bytes")


class Meter:
    """The shop's database: it counts statements, the steps of its machine, and bytes of answers."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._steps = db, 0
        self.counts = dict.fromkeys(UNITS, 0)
        db.set_progress_handler(self._step, 1)

    def _step(self) -> int:
        self._steps += 1
        return 0

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, with a value for each `?`, and return its rows."""
        before = self._steps
        found = self._db.execute(statement, values).fetchall()
        sizes = (len(v) if isinstance(v, str | bytes) else 8 for row in found for v in row)
        for unit, count in zip(UNITS, (1, self._steps - before, sum(sizes)), strict=True):
            self.counts[unit] += count
        return found

    def since(self, before: dict[str, int]) -> dict[str, int]:
        """Say what was counted since."""
        return {unit: self.counts[unit] - before[unit] for unit in UNITS}


class OldShop:
    """The shop as it is: right answers, and a defect in each method or under it."""

    def __init__(self, db: Meter) -> None:
        self.db = db

    def latest(self, customer: int) -> list[int]:
        """Ids of a customer's ten latest orders; of equal times the larger id first."""
        query = "select id from orders where customer = ? order by created desc, id desc limit 10"
        return [row[0] for row in self.db.rows(query, customer)]

    def day_total(self, day: str) -> int:
        """Sum of the amounts of a day, such as "2026-03-01"; 0 without orders."""
        query = "select coalesce(sum(amount), 0) from orders where date(created) = ?"
        return int(self.db.rows(query, day)[0][0])

    def page(self, first: int, count: int) -> list[tuple[int, str | None]]:
        """Id and customer's name, or None, of the orders first, first + 1, …, by id."""
        query = "select id, customer from orders where id >= ? and id < ? order by id"
        return [(i, self._name(who)) for i, who in self.db.rows(query, first, first + count)]

    def _name(self, customer: int) -> str | None:
        found = self.db.rows("select name from customers where id = ?", customer)
        return found[0][0] if found else None

    def titles(self) -> list[str]:
        """Titles of all documents, by id."""
        return [row[1] for row in self.db.rows("select * from documents order by id")]

    def failures(self, user: int) -> int:
        """How many events of kind 'failed' a user has."""
        query = "select count(*) from events where kind = 'failed' and user = ?"
        return int(self.db.rows(query, user)[0][0])


@cache
def _database(seed: int) -> sqlite3.Connection:
    """Make a shop's tables, from a seed; to be copied, not used."""
    rng = np.random.default_rng(seed)
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.executescript(SCHEMA)
    names = [(i, f"customer {rng.integers(1000)}") for i in range(CUSTOMERS)]
    db.executemany("insert into customers values (?, ?)", names)
    owners = rng.integers(CUSTOMERS + GONE, size=ORDERS)
    hours = np.where(rng.random(ORDERS) < 0.1, 0, rng.integers(24, size=ORDERS))
    created = [
        f"2026-{m:02}-{d:02} {h:02}:00:00"
        for m, d, h in zip(
            rng.integers(1, 6, ORDERS), rng.integers(1, DAYS + 1, ORDERS), hours, strict=True
        )
    ]
    amounts = rng.integers(1, 100, ORDERS)
    db.executemany(
        "insert into orders(customer, created, amount) values (?, ?, ?)",
        zip(owners.tolist(), created, amounts.tolist(), strict=True),
    )
    texts = [(f"title {rng.integers(1000)}", "all about it " * 100) for _ in range(DOCUMENTS)]
    db.executemany("insert into documents(title, body) values (?, ?)", texts)
    kinds = np.where(rng.random(EVENTS) < 0.8, "failed", "login")
    users = rng.integers(USERS, size=EVENTS)
    db.executemany(
        "insert into events(kind, user) values (?, ?)",
        zip(kinds.tolist(), users.tolist(), strict=True),
    )
    db.execute("analyze")
    db.execute("delete from sqlite_stat1")
    db.executemany("insert into sqlite_stat1 values (?, ?, ?)", OLD_STATISTICS)
    return db


def opened(seed: int) -> sqlite3.Connection:
    """Return a copy of a shop's tables, with the old statistics in use."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _database(seed).backup(copy)
    copy.execute("analyze sqlite_schema")  # reads the statistics; makes none
    return copy


def questions(seed: int) -> list[tuple[str, tuple[Any, ...]]]:
    """Return what a shop is asked: a method and its arguments, each of them twice."""
    rng = np.random.default_rng([seed, 1])
    asked: list[tuple[str, tuple[Any, ...]]] = []
    for customer in rng.permutation(CUSTOMERS)[:2].tolist():
        asked.append(("latest", (customer,)))
    month, day = int(rng.integers(1, 6)), int(rng.integers(2, DAYS))
    asked += [("day_total", (f"2026-{month:02}-{day:02}",)), ("day_total", ("2027-01-01",))]
    asked += [("page", (int(rng.integers(1, ORDERS - 100)), 60)), ("page", (ORDERS + 1_000, 20))]
    asked += [("titles", ())]
    asked += [("failures", (user,)) for user in rng.permutation(USERS)[:2].tolist()]
    return asked


def news(db: sqlite3.Connection, seed: int) -> None:
    """Let orders, a document and an event come in after the shop was opened."""
    for name, values in questions(seed):
        if name == "latest":
            last = "insert into orders(customer, created, amount) values (?, ?, 7)"
            db.execute(last, (*values, "2026-12-24 12:00:00"))
            db.execute(last, (*values, "2026-12-24 12:00:00"))
            db.execute(last, (*values, "2026-01-01 00:00:00"))
        elif name == "failures":
            db.execute("insert into events(kind, user) values ('failed', ?)", values)
    db.execute("insert into documents(title, body) values ('the newest', 'all about it')")


def played(make: Callable[..., Any], seed: int) -> dict[str, Any]:
    """Open a shop with a learner's class, let news come in, and ask it everything.

    Returns
    -------
    dict
        "more": indexes more than there were; "lost": names of those that are gone; "other":
        names of new tables, views and triggers; "asked": for each question the method, its
        arguments, the answer, the right one and what was counted.

    Raises
    ------
    UnansweredError
        It is the stub.
    """
    db = opened(seed)
    before = _things(db)
    meter = Meter(db)
    shop = call(make, meter)
    after = _things(db)
    news(db, seed)
    right = OldShop(Meter(_with_news(seed)))
    asked = []
    for name, values in questions(seed):
        counted = dict(meter.counts)
        got = _plain(name, call(call(getattr, shop, name), *values))
        expected = _plain(name, getattr(right, name)(*values))
        asked.append((name, values, got, expected, meter.since(counted)))
    new = {name: kind for name, kind in after.items() if name not in before}
    return {
        "more": sum(kind == "index" for kind in new.values()),
        "lost": sorted(name for name in before if name not in after),
        "other": sorted(name for name, kind in new.items() if kind != "index"),
        "asked": asked,
    }


def _with_news(seed: int) -> sqlite3.Connection:
    db = opened(seed)
    news(db, seed)
    return db


def _things(db: sqlite3.Connection) -> dict[str, str]:
    query = "select name, type from sqlite_schema where name not like 'sqlite_%'"
    return dict(db.execute(query).fetchall())


def _plain(name: str, value: Any) -> Any:
    """Give an answer one form; what is no answer is named."""
    if value is ...:
        raise UnansweredError
    listed = name in ("latest", "page", "titles")
    if listed and isinstance(value, list | tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    if (not listed and isinstance(value, int | float)) or value is None:
        return value
    kind = "a list" if listed else "a number"
    raise NotThatError(f"{kind} from {name}()", short(value), "See what the old shop returns.")


def old_steps(method: str, seed: int = 0) -> int:
    """Return the steps that the dearest call of one of the old shop's methods takes."""
    asked = played(OldShop, seed)["asked"]
    return int(max(counts["steps"] for name, *_, counts in asked if name == method))
