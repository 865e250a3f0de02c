"""A range of rows that moves from one PostgreSQL server to another while it is written."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for

ROWS, FIRST_MOVED = 20_000, 10_001
HOT = range(FIRST_MOVED, FIRST_MOVED + 20)  # the rows that are written all the while
DELAY_S = 0.050  # a round trip between the two servers
LIMIT_S = 10.0
WRITES = 200  # at the least, before the switch and after it
MARKER = 0  # the row that is written last before the switch
RANGE = f"id >= {FIRST_MOVED} or id = {MARKER}"  # what is copied: the range, and the marker

SKIPS = {  # what is left out
    "nothing": "",
    "following the changes": "follow",
    "stopping the writes": "stop",
    "waiting for the last change": "marker",
}


class Moved(NamedTuple):
    """What a move did to the writes that were acknowledged."""

    lost: int
    rows: int  # in which they are missing
    worst: int  # the row that lacks most; 0 where none lacks any
    shown: int  # its counter on the new server
    owed: int  # its writes that were acknowledged
    waited: float  # for how long writes were stopped, of a round trip


@dataclass
class _Traffic:
    """A writer that counts rows up, on the server that has them at the moment."""

    home: PostgresServer
    gate: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: Counter[int] = field(default_factory=Counter)

    def run(self, servers: tuple[PostgresServer, PostgresServer]) -> None:
        rng = np.random.default_rng(1)
        with servers[0].connect() as old, servers[1].connect() as new:
            while not self.stop.is_set():
                row = int(rng.choice(HOT))
                with self.gate:  # a write is under way, or writes are stopped
                    shard = old if self.home is servers[0] else new
                    shard.execute("update items set v = v + 1 where id = %s", (row,))
                self.acknowledged[row] += 1

    def more(self) -> None:
        """Wait until some more writes are done, so that each part of the move meets some."""
        goal = self.acknowledged.total() + WRITES
        wait_for(lambda: self.acknowledged.total() >= goal)


@contextmanager
def two_servers() -> Iterator[tuple[PostgresCluster, PostgresServer, PostgresServer]]:
    """Start the old server and the new one, both ready to send their changes."""
    with PostgresCluster() as cluster:
        old, new = (cluster.primary(name, wal_level="logical") for name in ("old", "new"))
        for server in (old, new):
            server.rows("create table items(id int primary key, v int not null default 0)")
        yield cluster, old, new


def move_range(
    cluster: PostgresCluster, old: PostgresServer, new: PostgresServer, skip: str = ""
) -> Moved:
    """Copy the range and follow its changes, stop writes, wait for the last, switch.

    `skip` is one of the values of `SKIPS`. The new server reads the old one's log through a
    connection with a delay, as another machine's would be.
    """
    for server in (old, new):
        server.rows("truncate items")
    old.rows(f"insert into items select * from generate_series(1, {ROWS})")
    old.rows("insert into items values (%s)", MARKER)
    traffic = _Traffic(old)
    with DelayProxy(old.port, DELAY_S) as link, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(traffic.run, (old, new))
        try:
            _copy(cluster, old, new, link.port)
            if skip == "follow":
                new.rows("alter subscription move disable")
                wait_for(lambda: not old.value("select count(*) from pg_stat_replication"))
            traffic.more()
            waited_s = _switch(traffic, old, new, skip)
            traffic.more()
        finally:
            traffic.stop.set()
            writing.result(LIMIT_S)
            _end(old, new)
    return _found(traffic.acknowledged, new, waited_s / DELAY_S)


def _copy(cluster: PostgresCluster, old: PostgresServer, new: PostgresServer, port: int) -> None:
    source = cluster.upstream(port).replace("'", "''")
    old.rows(f"create publication move for table items where ({RANGE})")
    new.rows(f"create subscription move connection '{source}' publication move")
    ready = "select count(*) from pg_subscription_rel where srsubstate = 'r'"
    wait_for(lambda: new.value(ready))


def _switch(traffic: _Traffic, old: PostgresServer, new: PostgresServer, skip: str) -> float:
    """Send writes to the new server from now on; returns for how many seconds they were stopped."""
    from scalelab.real.postgres_store import WallClock  # it needs a server's client

    clock = WallClock()

    def marker(one: Any, other: Any) -> None:
        if skip not in ("marker", "follow"):  # who does not follow cannot wait for it either
            one.execute("update items set v = v + 1 where id = %s", (MARKER,))
            arrived = "select v from items where id = %s"
            wait_for(lambda: other.execute(arrived, (MARKER,)).fetchone() == (1,))

    with old.connect() as one, new.connect() as other:
        if skip == "stop":
            marker(one, other)
        with traffic.gate:
            begun_s = clock.now_s
            if skip != "stop":
                marker(one, other)
            traffic.home = new
            return clock.now_s - begun_s


def _end(old: PostgresServer, new: PostgresServer) -> None:
    """Stop following, without the last changes, and forget the move on both servers."""
    new.rows("alter subscription move disable")
    new.rows("alter subscription move set (slot_name = none)")
    new.rows("drop subscription move")
    old.rows("drop publication move")
    wait_for(lambda: not old.value("select count(*) from pg_stat_replication"))
    old.rows("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


def _found(acknowledged: Counter[int], new: PostgresServer, waited: float) -> Moved:
    there = dict(new.rows(f"select id, v from items where id >= {FIRST_MOVED}"))
    missing = {row: n - there.get(row, 0) for row, n in acknowledged.items()}
    lost = {row: n for row, n in missing.items() if n > 0}
    worst = min(lost, key=lambda row: (-lost[row], row), default=0)
    return Moved(
        lost=sum(lost.values()),
        rows=len(lost),
        worst=worst,
        shown=there.get(worst, 0),
        owed=acknowledged[worst],
        waited=round(waited, 1),
    )
