"""Real servers: what a hit saves beside PostgreSQL, and a stampede counted by Valkey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from scalelab.course.page import Html, note, table
from scalelab.quantities import number
from scalelab.real.limits import TheirError, call
from scalelab.real.measure import median_s
from scalelab.real.postgres import start_postgres
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError
from scalelab.real.valkey_rows import RowLoads, ask_front, load_missing_rows
from scalelab.workloads.popularity import KeySampler, zipf_popularity

CLIENTS = 24
LOAD_S = 0.03  # how long a load of a row takes
KEYS, ASKS = 100, 40  # of the flush: keys, and requests of each client
WAYS = ("every miss loads", "one loads, the others wait")
CASES = ("one key expires", "everything is flushed")
RECORDED_ON = "recorded on two shared cores, 29 November 2026"


@dataclass(frozen=True, kw_only=True)
class Stampedes:
    """What Valkey counted, by case and way."""

    by_case: dict[str, RowLoads]
    recorded: bool = False


@dataclass(frozen=True, kw_only=True)
class LookUpCosts:
    """Times of a look-up by key and of a report in PostgreSQL, of those of a GET."""

    select: float
    report: float
    recorded: bool = False


RECORDED = Stampedes(
    by_case={
        "one key expires, every miss loads": RowLoads(loads=24, commands=72),
        "one key expires, one loads, the others wait": RowLoads(loads=1, commands=227),
        "everything is flushed, every miss loads": RowLoads(loads=148, commands=1_256),
        "everything is flushed, one loads, the others wait": RowLoads(loads=95, commands=1_589),
    },
    recorded=True,
)
RECORDED_COSTS = LookUpCosts(select=1.55, report=913.0, recorded=True)


@cache
def look_up_costs() -> LookUpCosts:
    """Ask a cache for a value, a database for the same row by its key, and for a report."""
    try:
        with start_server() as server, start_postgres() as postgres, postgres.connect() as db:
            client = server.client()
            client.set("user:500", b"x" * 100)
            db.execute("create table users(id int primary key, data text, age int)")
            db.execute(
                "insert into users select n, repeat('x', 100), n % 90 "
                "from generate_series(1, 200000) n"
            )
            db.execute("analyze users")
            row = "select data from users where id = 500"
            many = "select age, count(*), max(length(data)) from users group by age"
            get_s = median_s(partial(client.get, "user:500"), 300)
            select_s = median_s(lambda: db.execute(row, prepare=True).fetchall(), 300)
            report_s = median_s(lambda: db.execute(many).fetchall(), 5)
    except RealComponentError:
        return RECORDED_COSTS
    return LookUpCosts(select=select_s / get_s, report=report_s / get_s)


@cache
def measured() -> Stampedes:
    """Let clients ask for what has just gone, in both ways; what was recorded without a server.

    Cached: one page says one number.
    """
    rngs = np.random.default_rng(5).spawn(CLIENTS)
    sampler = KeySampler(zipf_popularity(KEYS, 1.0))
    many = [sampler.draw(ASKS, rng=rng).tolist() for rng in rngs]
    asked = {CASES[0]: [[0]] * CLIENTS, CASES[1]: many}
    try:
        with start_server() as server:
            found = {
                f"{case}, {way}": load_missing_rows(
                    server, keys, load_s=LOAD_S, together=way == WAYS[1]
                )
                for case, keys in asked.items()
                for way in WAYS
            }
    except RealComponentError:
        return RECORDED
    return Stampedes(by_case=found)


def stampede_table() -> Html:
    """Show the loads of both cases in both ways, and what the cache was asked."""
    it = measured()
    rows: list[dict[str, Any]] = []
    for case in CASES:
        for way in WAYS:
            found = it.by_case[f"{case}, {way}"]
            row = {"what happens": case, "rule": way}
            rows.append(row | {"loads": found.loads, "commands": found.commands})
    caption = "Loads of the database, and commands that Valkey counted"
    return table(rows, f"{caption} ({RECORDED_ON})" if it.recorded else caption)


def costs_in_words() -> str:
    """Say what a look-up and a report cost, of a GET."""
    it = look_up_costs()
    said = (
        f"On 127.0.0.1 a look-up by key in PostgreSQL took {number(it.select, 2)} × as long as a "
        f"GET, the look-up of a key in Valkey, and a report over 200,000 rows "
        f"{number(it.report, 2)} ×"
    )
    return f"{said} ({RECORDED_ON})." if it.recorded else f"{said}."


def own_front_on_valkey(make: Callable[..., Any]) -> Html:
    """Let 24 clients ask a learner's front for a row that has just expired, kept in Valkey.

    It is ``make(life_s, grace_s, lock_s)``, with `ask`, `loaded` and `deleted`, as in the lab.
    """
    settings = (60.0, 60.0, 5.0)
    try:
        front = call(make, *settings)
        if front is ... or call(call(getattr, front, "ask"), "probe", 0.0) is ...:
            return note("Still to do: your Front is the stub. Then 24 clients meet it.")
        with start_server() as server:
            loads, told = ask_front(server, call(make, *settings), CLIENTS, load_s=LOAD_S)
            name = server.name
    except RealComponentError as missing:
        return note(f"{missing}; the checker's cases have to do.")
    except (TheirError, AttributeError) as theirs:
        error = type(getattr(theirs, "error", theirs)).__name__
        return note(f"{error} came out of your Front. The check says where.")
    said = ", ".join(f"{told.count(answer)} {answer!r}" for answer in dict.fromkeys(told))
    return note(
        f"{name}: {CLIENTS} clients asked at once for an expired row. Loads: {loads}. Told: {said}."
    )
