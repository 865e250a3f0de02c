"""The lab's shop in SQLite: planted defects, a meter, and what a mended shop is put through."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from scalelab.course.examine import UnansweredError
from scalelab.course.values import NOTHING, NotThatError, is_number, sequence
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
EVERY = 20  # of so many orders one was deleted, so ids have gaps
ROUNDS = 2  # of news and all questions: what was read in the first is old in the second
COARSE = 1_000  # steps at once, where the bill is not kept
MOST_STATEMENTS, MOST_STEPS = 10_000, 500_000  # until a shop counts as endless
# What one call may take at most.
BUDGET: dict[str, tuple[str, int]] = {
    "latest": ("steps", 250),
    "day_total": ("steps", 400),
    "page": ("statements", 2),
    "titles": ("bytes", 2_000),
    "failures": ("steps", 1_500),
}
UNITS = ("statements", "steps", "bytes")
TABLES = ("customers", "orders", "documents", "events")


class EndlessError(Exception):
    """A shop asks and asks, or a statement does not end."""


class Meter:
    """The shop's database: it counts statements, the steps of its machine, and bytes of answers."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._steps, self._begun = db, 0, 0
        self.counts = dict.fromkeys(UNITS, 0)
        self.look_every(1)

    def look_every(self, steps: int) -> None:
        """Count so many steps at once, which is quicker where nobody looks at the bill."""
        self._at_once = steps
        self._db.set_progress_handler(self._step, steps)

    def _step(self) -> int:
        self._steps += self._at_once
        return int(self._steps - self._begun > MOST_STEPS)  # 1 stops the statement

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, with a value for each `?`, and return its rows.

        Raises
        ------
        EndlessError
            It took too many steps, or there were too many statements.
        """
        if self.counts["statements"] >= MOST_STATEMENTS:
            raise EndlessError(f"{MOST_STATEMENTS:,} statements were run: does a loop not end?")
        before = self._begun = self._steps
        try:
            found = self._db.execute(statement, values).fetchall()
        except sqlite3.OperationalError:
            if self._steps - before <= MOST_STEPS:
                raise
            what = f"the statement took {MOST_STEPS:,} steps and was stopped: does it ever end?"
            raise EndlessError(what) from None
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
        sql = "select id from orders where customer = ? order by created desc, id desc limit 10"
        return [row[0] for row in self.db.rows(sql, customer)]

    def day_total(self, day: str) -> int:
        """Sum of the amounts of a day, such as "2026-03-01"; 0 without orders."""
        sql = "select coalesce(sum(amount), 0) from orders where date(created) = ?"
        return int(self.db.rows(sql, day)[0][0])

    def page(self, first: int, count: int) -> list[tuple[int, str | None]]:
        """Id and customer's name, or None, of the orders from first on, below first + count."""
        sql = "select id, customer from orders where id >= ? and id < ? order by id"
        return [(i, self._name(who)) for i, who in self.db.rows(sql, first, first + count)]

    def _name(self, customer: int) -> str | None:
        found = self.db.rows("select name from customers where id = ?", customer)
        return found[0][0] if found else None

    def titles(self) -> list[str]:
        """Titles of all documents, by id."""
        return [row[1] for row in self.db.rows("select * from documents order by id")]

    def failures(self, user: int) -> int:
        """How many events of kind 'failed' a user has."""
        sql = "select count(*) from events where kind = 'failed' and user = ?"
        return int(self.db.rows(sql, user)[0][0])


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
    db.execute("delete from orders where id % ? = 3", (EVERY,))
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
    """Return what a shop is asked in each round: a method and its arguments."""
    rng = np.random.default_rng([seed, 1])
    asked: list[tuple[str, tuple[Any, ...]]] = []
    for customer in rng.permutation(CUSTOMERS)[:2].tolist():
        asked.append(("latest", (customer,)))
    month, day = int(rng.integers(1, 6)), int(rng.integers(2, DAYS))
    asked += [("day_total", (f"2026-{month:02}-{day:02}",)), ("day_total", ("2027-01-01",))]
    asked += [("page", (int(rng.integers(1, ORDERS - 100)), 60)), ("page", (ORDERS + 1_000, 20))]
    asked += [("page", (ORDERS - 4, 20))]  # the last ones: some came in after the opening
    asked += [("titles", ())]
    asked += [("failures", (user,)) for user in rng.permutation(USERS)[:2].tolist()]
    return asked


def news(db: sqlite3.Connection, seed: int) -> None:
    """Let orders, a document and events come in: ids grow, some times of day are a day's ends."""
    late = "insert into orders(customer, created, amount) values (?, ?, 7)"
    for name, values in questions(seed):
        if name == "latest":
            db.execute(late, (*values, "2026-12-24 12:00:00"))
            db.execute(late, (*values, "2026-12-24 12:00:00"))
            db.execute(late, (*values, "2026-01-01 00:00:00"))
        elif name == "day_total" and values[0] < "2027":
            db.execute(late, (CUSTOMERS, f"{values[0]} 00:00:00"))
            db.execute(late, (CUSTOMERS, f"{values[0]} 23:59:59"))
        elif name == "failures":
            for kind in ("failed", "failure"):
                db.execute("insert into events(kind, user) values (?, ?)", (kind, *values))
    newest = "select 'the newest of ' || count(*), 'all about it' from documents"
    db.execute(f"insert into documents(title, body) {newest}")


def played(make: Callable[..., Any], seed: int) -> dict[str, Any]:
    """Open a shop with a learner's class; let news come in, and ask it everything, in rounds.

    Returns
    -------
    dict
        "more": indexes more than there were; "lost": names of indexes and tables that are gone or
        others; "other": names of new tables, views and triggers; "changed": tables whose rows are
        others; "refused": what the database says where no news can come in; "asked": for each
        question the method, its arguments, the answer, the right one and what was counted;
        "before": for each question what was right before the last news.

    Raises
    ------
    UnansweredError
        It is the stub.
    """
    db = opened(seed)
    before = _things(db)
    meter = Meter(db)
    meter.look_every(COARSE)
    shop = call(make, meter)
    meter.look_every(1)
    asked, old, refused = [], [], ""
    for went in range(ROUNDS):
        try:
            news(db, seed)
        except sqlite3.Error as error:  # a table is gone, or an index or a trigger forbids it
            refused = str(error)
            break
        for (name, values), earlier, right in zip(
            questions(seed), _right(seed, went), _right(seed, went + 1), strict=True
        ):
            counted = dict(meter.counts)
            got = _plain(name, call(call(getattr, shop, name), *values))
            asked.append((name, values, got, right, meter.since(counted)))
            old.append(earlier)
    meter.look_every(COARSE)
    after = _things(db)
    new = {name: kind for name, (kind, _) in after.items() if name not in before}
    return {
        "more": sum(kind == "index" for kind in new.values()),
        "lost": sorted(name for name, thing in before.items() if after.get(name) != thing),
        "refused": refused,
        "other": sorted(name for name, kind in new.items() if kind != "index"),
        "changed": [
            table
            for table, rows in _rows(seed).items()
            if not refused and after.get(table) == before[table] and _rows_of(db, table) != rows
        ],
        "asked": asked,
        "before": old,
    }


def _with_news(seed: int, rounds: int) -> sqlite3.Connection:
    db = opened(seed)
    for _ in range(rounds):
        news(db, seed)
    return db


@cache
def _right(seed: int, rounds: int) -> list[Any]:
    """Return the right answers after so many rounds of news."""
    meter = Meter(_with_news(seed, rounds))
    meter.look_every(COARSE)
    shop = OldShop(meter)
    return [_plain(name, getattr(shop, name)(*values)) for name, values in questions(seed)]


@cache
def _rows(seed: int) -> dict[str, int]:
    db = _with_news(seed, ROUNDS)
    return {table: _rows_of(db, table) for table in TABLES}


def _rows_of(db: sqlite3.Connection, table: str) -> int:
    """Return a number that stands for all rows of a table."""
    return hash(tuple(db.execute(f"select * from {table} order by id")))


def _things(db: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Return the kind of each table, index, view and trigger, and how it was made."""
    query = "select name, type, sql from {} where name not like 'sqlite_%'"
    found = [db.execute(query.format(f"sqlite_{where}schema")) for where in ("", "temp_")]
    return {
        name: (kind, "".join(made.lower().split())) for rows in found for name, kind, made in rows
    }


def _plain(name: str, value: Any) -> Any:
    """Give an answer one form; what is no answer is named."""
    if value is ...:
        raise UnansweredError
    if name in ("latest", "page", "titles"):
        items = sequence(f"a list from {name}()", value)
        return [list(item) if isinstance(item, tuple) else item for item in items]
    if is_number(value) or (value is None and name == "day_total"):  # as SQL sums up no rows
        return value
    why = NOTHING if value is None else "See what the old shop returns."
    if isinstance(value, list):
        why = "rows() gives a list of tuples. The number stands in the first of them: rows[0][0]."
    raise NotThatError(f"a number from {name}()", value, why)


def old_steps(method: str, seed: int = 0) -> int:
    """Return the steps that the dearest call of one of the old shop's methods takes."""
    asked = played(OldShop, seed)["asked"]
    return int(max(counts["steps"] for name, *_, counts in asked if name == method))
