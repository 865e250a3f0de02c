"""Orders on a PostgreSQL server whose log is flushed: what is full, and how many share a flush."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

from scalelab.course.page import Html, table
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer
from scalelab.real.postgres_store import WallClock
from scalelab.real.supervised import RealComponentError

WAIT_US = 4_000  # before each flush: about as long as a disk across a network takes
OWN, SLOW = "its own disk", "a disk of 4 ms"
DISKS = {OWN: 0, SLOW: WAIT_US}
CLIENTS = (1, 4, 16)
SECONDS = 0.8  # of each run
FLUSHES = "select sum(fsyncs)::float8 from pg_stat_io where object = 'wal'"


@dataclass(frozen=True)
class Run:
    """What clients that commit one order after another got from a server."""

    commits_per_s: float
    for_each_flush: float
    cores_busy: float
    """Processor time of the server in a second, in cores."""


Runs = dict[tuple[str, int], Run]  # by disk and clients
RECORDED: Runs = {  # two shared cores, Linux, PostgreSQL 18.6, 29 November 2026
    (OWN, 1): Run(3_174, 1.0, 0.41),
    (OWN, 4): Run(6_975, 1.67, 0.74),
    (OWN, 16): Run(8_516, 2.37, 0.69),
    (SLOW, 1): Run(210, 1.0, 0.05),
    (SLOW, 4): Run(805, 4.0, 0.10),
    (SLOW, 16): Run(2_607, 15.79, 0.15),
}


@cache
def commits_and_flushes() -> Runs | str:
    """Let clients commit on a server with two disks, or say why that is not possible.

    For the slow disk the server itself waits before each flush: its setting commit_delay.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError as error:
        return str(error)
    found: Runs = {}
    with cluster:
        for i, (disk, wait_us) in enumerate(DISKS.items()):
            server = order_server(cluster, f"server{i}", wait_us)
            found |= {(disk, clients): commit(server, clients) for clients in CLIENTS}
            server.kill()
    return found


def order_server(cluster: PostgresCluster, name: str, wait_us: int) -> PostgresServer:
    """Start a server that flushes its log, with a table of orders."""
    server = cluster.primary(
        name, fsync="on", autovacuum="off", commit_delay=wait_us, commit_siblings=0
    )
    server.rows("create table orders(id bigint generated always as identity, what text)")
    return server


def commit(server: PostgresServer, clients: int, seconds: float = SECONDS) -> Run:
    """Let clients insert one order after another for a while, each a transaction of its own."""
    counts, clock = [0] * clients, WallClock()
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(clients)]
        flushed, cpu_s, began_s = server.value(FLUSHES), server.cpu_s(), clock.now_s

        def work(i: int) -> None:
            while clock.now_s < began_s + seconds:
                connections[i].execute("insert into orders(what) values ('lamp')")
                counts[i] += 1

        threads = [threading.Thread(target=work, args=(i,)) for i in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_s = clock.now_s - began_s
        busy = (server.cpu_s() - cpu_s) / took_s
        for connection in connections:  # a backend tells what it counted when it is asked
            connection.execute("select pg_stat_force_next_flush()")
    flushes = max(server.value(FLUSHES) - flushed, 1.0)
    return Run(sum(counts) / took_s, sum(counts) / flushes, busy)


def runs() -> Runs:
    """Return what was measured now, or what was recorded."""
    measured = commits_and_flushes()
    return RECORDED if isinstance(measured, str) else measured


def times_one_client(disk: str, clients: int) -> float:
    """How many times as many commits so many clients got as one."""
    found = runs()
    return found[disk, clients].commits_per_s / found[disk, 1].commits_per_s


def flush_table() -> Html:
    """Show commits, flushes and busy cores of a real server by disk and number of clients."""
    rows: list[dict[str, Any]] = [
        {
            "disk": disk,
            "clients": clients,
            "commits per second": round(run.commits_per_s),
            "commits for each flush": round(run.for_each_flush, 1),
            "cores busy": round(run.cores_busy, 2),
        }
        for (disk, clients), run in runs().items()
    ]
    caption = "Orders on a PostgreSQL server with two cores, each order a transaction"
    if isinstance(commits_and_flushes(), str):
        caption += "; recorded on two shared cores, 29 November 2026"
    return table(rows, caption)
