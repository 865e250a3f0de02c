"""Rows in Valkey that many clients ask for at once: how often they are loaded, counted there."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.in_browser import refuse_in_browser
from scalelab.real.limits import call
from scalelab.real.servers import ThrowawayServer
from scalelab.real.supervised import RealComponentError

MOST_CLIENTS = 200
_LIMIT_S = 10.0  # of any wait
_LOOK_S, _LOCK_MS = 0.006, 5_000  # between two looks for a row; how long a lock lasts
_COUNTER = "loads"


@dataclass(frozen=True, kw_only=True)
class RowLoads:
    """What a server counted while clients asked for rows.

    Parameters
    ----------
    loads : int
        Rows that were loaded, as a database would see it.
    commands : int
        Commands to the cache for rows and locks, those that count the loads among them.
    """

    loads: int
    commands: int


def load_missing_rows(
    server: ThrowawayServer,
    asked: Sequence[Sequence[Hashable]],
    *,
    load_s: float,
    together: bool = False,
) -> RowLoads:
    """Empty a server, and let clients ask it for rows at the same time.

    Parameters
    ----------
    server : ThrowawayServer
        Valkey or Redis; whatever it holds is deleted.
    asked : sequence of sequence of hashable
        One or more clients, at most 200, and the keys that each asks for, one after the other.
    load_s : float
        Seconds that the load of a row takes, > 0; it is a wait, and no database.
    together : bool
        Whether a client that finds nothing takes a lock and loads, and the others look again
        until the row is there. Otherwise each that finds nothing loads.

    Raises
    ------
    RealComponentError
        This is a browser.
    """
    refuse_in_browser(RealComponentError)
    name = "load_missing_rows"
    _server(name, server)
    load_s = v.number(name, "load_s", load_s)
    fetch = _one_loads if v.truth(name, "together", together) else _each_loads
    clients = v.count(name, "len(asked)", len(asked), 1, MOST_CLIENTS)
    barrier = threading.Barrier(clients, timeout=_LIMIT_S)

    def user(keys: Sequence[Hashable]) -> None:
        with server.client() as mine:
            mine.ping()
            barrier.wait()
            for key in keys:
                fetch(mine, f"row:{key}", load_s)

    with server.client() as client:
        client.flushall()
        client.config_resetstat()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(user, asked))
        stats = client.info("commandstats")
    calls = {verb: int(stat["calls"]) for verb, stat in stats.items()}
    loads = calls.get("cmdstat_incrby", 0)
    commands = loads + calls.get("cmdstat_get", 0) + calls.get("cmdstat_set", 0)
    return RowLoads(loads=loads, commands=commands)


def ask_front(
    server: ThrowawayServer, front: Any, clients: int, *, load_s: float
) -> tuple[int, list[str]]:
    """Let clients ask a front at once for a row whose life has just ended.

    Parameters
    ----------
    server : ThrowawayServer
        Valkey or Redis; whatever it holds is deleted.
    front : object
        With ``ask(key, now_s)`` and ``loaded(key, began_s, now_s)``, and rows that live for less
        than 69 s; a lock is around each call.
    clients : int
        How many, from 1 to 200.
    load_s : float
        Seconds that a load takes, > 0.

    Returns
    -------
    loads : int
        How many there were.
    told : list of str, length clients
        What the front told each.

    Raises
    ------
    RealComponentError
        This is a browser.
    """
    refuse_in_browser(RealComponentError)
    name = "ask_front"
    _server(name, server)
    clients = v.count(name, "clients", clients, 1, MOST_CLIENTS)
    load_s = v.number(name, "load_s", load_s)
    lock, barrier = threading.Lock(), threading.Barrier(clients, timeout=_LIMIT_S)
    call(front.ask, "row", 0.0)
    call(front.loaded, "row", 0.0, 1.0)
    base_s = time.monotonic()

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
                _load(mine, "row", load_s)
                with lock:
                    call(front.loaded, "row", began_s, now_s())
            return str(said)

    with server.client() as client:
        client.flushall()
        with ThreadPoolExecutor(clients) as pool:
            told = list(pool.map(user, range(clients)))
        return int(client.get(_COUNTER) or 0), told


def _server(function: str, server: object) -> None:
    if not isinstance(server, ThrowawayServer):
        v.refuse(function, "server", "be a ThrowawayServer", server)


def _load(client: Any, key: str, load_s: float) -> None:
    """Do what a database would: take a while, and have it counted; then fill the cache."""
    client.incr(_COUNTER)
    time.sleep(load_s)
    client.set(key, "row")


def _each_loads(client: Any, key: str, load_s: float) -> None:
    if client.get(key) is None:
        _load(client, key, load_s)


def _one_loads(client: Any, key: str, load_s: float) -> None:
    """Load under a lock that expires by itself, or look again until the row is there."""
    end_s = time.monotonic() + _LIMIT_S
    while client.get(key) is None and time.monotonic() < end_s:
        if client.set(f"lock:{key}", 1, nx=True, px=_LOCK_MS):
            _load(client, key, load_s)
            return
        time.sleep(_LOOK_S)
