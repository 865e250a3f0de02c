"""Real servers: what a hit saves beside PostgreSQL, and a stampede counted by Valkey."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from scalelab.course.page import Html, note, table
from scalelab.quantities import number
from scalelab.real.limits import TheirError, call
from scalelab.real.measure import median_s
from scalelab.real.postgres import start_postgres
from scalelab.real.servers import ThrowawayServer, start_server
from scalelab.real.supervised import RealComponentError
from scalelab.workloads.popularity import KeySampler, zipf_popularity

CLIENTS = 24
LOAD_S = 0.03  # how long a load of a row takes
KEYS, ASKS = 100, 40  # of the flush: keys, and requests of each client
WAYS = ("every miss loads", "one loads, the others wait")
CASES = ("one key expires", "everything is flushed")
RECORDED_ON = "recorded on two shared cores, 29 November 2026"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the servers showed; of a way and a case the loads, and the commands of the cache."""

    loads: dict[str, tuple[int, int]]
    recorded: bool = False


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Times of a look-up by key and of a report in PostgreSQL, of those of a GET."""

    select: float
    report: float
    recorded: bool = False


RECORDED = Measured(
    loads={
        "one key expires, every miss loads": (24, 72),
        "one key expires, one loads, the others wait": (1, 227),
        "everything is flushed, every miss loads": (148, 1256),
        "everything is flushed, one loads, the others wait": (95, 1589),
    },
    recorded=True,
)
RECORDED_COSTS = Costs(select=1.55, report=913.0, recorded=True)


@cache
def look_up_costs() -> Costs:
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
    return Costs(select=select_s / get_s, report=report_s / get_s)


@cache
def measured() -> Measured:
    """Let clients ask for what has just gone, in both ways; what was recorded without a server.

    Cached: one page says one number.
    """
    try:
        with start_server() as server:
            loads = {}
            for case in CASES:
                for way in WAYS:
                    loads[f"{case}, {way}"] = _stampede(server, case, way)
    except RealComponentError:
        return RECORDED
    return Measured(loads=loads)


def _stampede(server: ThrowawayServer, case: str, way: str) -> tuple[int, int]:
    """Return how many loads there were, and how many commands the server got."""
    client = server.client()
    client.flushall()
    client.config_resetstat()
    one = case == CASES[0]
    rngs = np.random.default_rng(5).spawn(CLIENTS)
    sampler = KeySampler(zipf_popularity(KEYS, 1.0))
    asked = [[0] if one else sampler.draw(ASKS, rng=rng).tolist() for rng in rngs]
    fetch = _each_loads if way == WAYS[0] else _one_loads
    barrier = threading.Barrier(CLIENTS, timeout=10)

    def user(keys: list[int]) -> None:
        with server.client() as mine:
            mine.ping()
            barrier.wait()
            for key in keys:
                fetch(mine, f"row:{key}")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(user, asked))
    calls = {name: int(stat["calls"]) for name, stat in client.info("commandstats").items()}
    client.close()
    asking = ("cmdstat_get", "cmdstat_set", "cmdstat_incrby")
    return calls["cmdstat_incrby"], sum(calls.get(name, 0) for name in asking)


def _load(client: Any, key: str) -> None:
    """Do what a database would: take a while, and have it counted; then fill the cache."""
    client.incr("loads")
    time.sleep(LOAD_S)
    client.set(key, "row")


def _each_loads(client: Any, key: str) -> None:
    if client.get(key) is None:
        _load(client, key)


def _one_loads(client: Any, key: str) -> None:
    """Load under a lock that expires by itself, or look again until the row is there."""
    end_s = time.monotonic() + 5.0
    while client.get(key) is None and time.monotonic() < end_s:
        if client.set(f"lock:{key}", 1, nx=True, px=1_000):
            _load(client, key)
            return
        time.sleep(LOAD_S / 5)


def where(caption: str) -> str:
    """Return a caption, which says so where the figures are recorded."""
    return f"{caption} ({RECORDED_ON})" if measured().recorded else caption


def stampede_table() -> Html:
    """Show the loads of both cases in both ways, and what the cache was asked."""
    rows: list[dict[str, Any]] = []
    for case in CASES:
        for way in WAYS:
            loads, commands = measured().loads[f"{case}, {way}"]
            rows.append({"what happens": case, "rule": way, "loads": loads, "commands": commands})
    return table(rows, where("Loads of the database, and commands that Valkey counted"))


def costs_in_words() -> str:
    """Say what a look-up and a report cost, of a GET."""
    it = look_up_costs()
    said = (
        f"On 127.0.0.1 a look-up by key in PostgreSQL took {number(it.select, 2)} × as long as a "
        f"GET, and a report over 200,000 rows {number(it.report, 2)} ×"
    )
    return f"{said} ({RECORDED_ON})." if it.recorded else f"{said}."


def own_front_on_valkey(make: Callable[..., Any]) -> Html:
    """Let 24 clients ask a learner's front for a row that has just expired, kept in Valkey.

    It is ``make(life_s, grace_s, lock_s)``, with `ask`, `loaded` and `deleted`, as in the lab.
    """
    try:
        front = call(make, 60.0, 60.0, 5.0)
        if front is ... or call(call(getattr, front, "ask"), "probe", 0.0) is ...:
            return note("Still to do: your Front is the stub. Then 24 clients meet it.")
        with start_server() as server:
            loads, told = _clients_of(front, server)
            name = server.name
    except RealComponentError as missing:
        return note(f"{missing}; the checker's cases have to do.")
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your Front. The check says where.")
    said = ", ".join(f"{told.count(answer)} {answer!r}" for answer in dict.fromkeys(told))
    return note(
        f"{name}: {CLIENTS} clients asked at once for an expired row. Loads: {loads}. Told: {said}."
    )


def _clients_of(front: Any, server: ThrowawayServer) -> tuple[int, list[str]]:
    """Let all clients ask at once, with a lock around the front; loads, and what each was told."""
    lock, barrier = threading.Lock(), threading.Barrier(CLIENTS, timeout=10)
    base_s = time.monotonic()
    with lock:  # a row that was loaded long ago
        call(front.ask, "row", 0.0)
        call(front.loaded, "row", 0.0, 1.0)

    def now_s() -> float:
        return 70.0 + time.monotonic() - base_s

    def user(_: int) -> str:
        with server.client() as mine:
            mine.ping()
            barrier.wait()
            with lock:
                began_s = now_s()
                said = call(front.ask, "row", began_s)
            if said == "load":
                _load(mine, "row")
                with lock:
                    call(front.loaded, "row", began_s, now_s())
            return str(said)

    with ThreadPoolExecutor(CLIENTS) as pool:
        told = list(pool.map(user, range(CLIENTS)))
    with server.client() as client:
        return int(client.get("loads") or 0), told
