"""Failovers of real servers: a planned one, dead primaries, two primaries, and the way back."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import (
    PostgresCluster,
    PostgresServer,
    wait_for,
)
from scalelab.real.postgres_store import WallClock
from scalelab.real.postgres_tools import import_psycopg
from scalelab.real.supervised import RealComponentError

CLOCK = WallClock()
RTT_S = 0.020
FROZEN = 50  # writes after the process that sends the log was stopped
_STREAMING = "select count(*) from pg_stat_replication where state = 'streaming'"
_NAIVE = "select extract(epoch from now() - pg_last_xact_replay_timestamp())::float8"
_SAME = "select pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"


@dataclass(frozen=True, kw_only=True)
class Failover:
    """Acknowledged writes of one failover, and what became of them."""

    acknowledged: int
    late: int  # of them acknowledged when the link could not carry them any more
    lost: int
    is_tail: bool  # whether those lost are the last ones
    surprises: int  # kept without having been acknowledged


@dataclass(frozen=True, kw_only=True)
class Drills:
    """The guide's steps in a planned switch and on a dead primary, and three ways to lose."""

    planned: Failover
    waiting_s: tuple[float, float]  # the guide's query, writes stopped and all applied, 1 s apart
    frozen: Failover
    dead_s: tuple[float, float]  # the guide's query after the primary's death, 1 s apart
    all_applied: bool  # whether all that was received was applied by then
    asynchronous: Failover
    synchronous: Failover
    recorded: bool = False


class Pair:
    """A primary and its standby behind a link of 20 ms, which change their roles."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self.primary = cluster.primary("one")
        self._link = DelayProxy(self.primary.port, RTT_S)
        self.standby = cluster.replica(self.primary, "two", port=self._link.port)
        self.primary.rows("create table paid(id int primary key)")
        self._next = 0
        self._in_step()

    def _in_step(self) -> None:
        wait_for(lambda: self.primary.value(_STREAMING) == 1)
        self.standby.catch_up(self.primary)

    def synchronous(self, on: bool) -> None:
        """Let commits wait for the standby, or not."""
        self.primary.configure(synchronous_standby_names=self.standby.name if on else "")
        state = "select sync_state from pg_stat_replication"
        wait_for(lambda: self.primary.value(state) == ("sync" if on else "async"))

    @contextmanager
    def writing(self, level: str, most: float = math.inf) -> Iterator[list[tuple[int, float]]]:
        """Write row after row until the end or the death of the primary; ids and moments."""
        done: list[tuple[int, float]] = []
        stop, psycopg = threading.Event(), import_psycopg()

        def write() -> None:
            with suppress(psycopg.OperationalError), self.primary.connect() as connection:
                connection.execute(f"set synchronous_commit = {level}")
                while len(done) < most and not stop.is_set():
                    self._next += 1
                    connection.execute("insert into paid values (%s)", (self._next,))
                    done.append((self._next, CLOCK.now_s))

        with ThreadPoolExecutor(1) as pool:
            writer = pool.submit(write)
            try:
                yield done
            finally:
                stop.set()
                writer.result()

    def kill(self) -> float:
        """Cut the link, which would deliver what it holds, and kill the primary; when that was."""
        cut_s = CLOCK.now_s
        self._link.close()
        self.primary.kill()
        return cut_s

    def freeze(self) -> None:
        """Stop the process that sends the log."""
        pid = self.primary.value("select pid from pg_stat_replication")
        os.kill(pid, signal.SIGSTOP)

    def promote(self, written: list[tuple[int, float]], late_from_s: float) -> Failover:
        """Promote the standby, count what it has, and change the names."""
        self.standby.promote()
        self.standby.configure(synchronous_standby_names="")
        self.primary, self.standby = self.standby, self.primary
        kept = {row for (row,) in self.primary.rows("select id from paid")}
        rows = [row for row, _ in written]
        lost = [row for row in rows if row not in kept]
        first = min(rows, default=0)
        return Failover(
            acknowledged=len(rows),
            late=sum(at_s > late_from_s for _, at_s in written),
            lost=len(lost),
            is_tail=lost == rows[len(rows) - len(lost) :],
            surprises=sum(row >= first for row in kept - set(rows)) if rows else 0,
        )

    def rejoin(self) -> None:
        """Take back what only the old primary has, and let it follow the new one."""
        self._link.close()
        self._link = DelayProxy(self.primary.port, RTT_S)
        self.standby.follow(self.primary, port=self._link.port)
        self._in_step()

    def close(self) -> None:
        """End the link."""
        self._link.close()


def planned(pair: Pair) -> tuple[Failover, tuple[float, float]]:
    """Stop the writes, wait for the standby, promote; and what the guide's query says meanwhile."""
    with pair.writing("local", 300) as written:
        wait_for(lambda: len(written) == 300)
    pair.standby.catch_up(pair.primary)
    asked = [pair.standby.value(_NAIVE)]
    CLOCK.advance(1.0)
    asked.append(pair.standby.value(_NAIVE))
    pair.primary.stop()
    return pair.promote(written, CLOCK.now_s), (asked[0], asked[1])


def crash(pair: Pair, level: str, writes: int) -> Failover:
    """Kill the primary in the middle of its writes, and promote the standby."""
    pair.synchronous(level != "local")
    with pair.writing(level) as written:
        wait_for(lambda: len(written) >= writes)
        cut_s = pair.kill()
    return pair.promote(written, cut_s - RTT_S / 2)


def frozen(pair: Pair) -> tuple[Failover, tuple[float, float], bool]:
    """Stop the sender, write fifty rows, kill; ask the standby as the guide does, then promote."""
    with pair.writing("local", 1) as first:
        wait_for(lambda: first)
    pair.standby.catch_up(pair.primary)
    pair.freeze()
    with pair.writing("local", FROZEN) as written:
        wait_for(lambda: len(written) == FROZEN)
    pair.kill()
    wait_for(lambda: pair.standby.value(_SAME))
    asked = [pair.standby.value(_NAIVE)]
    CLOCK.advance(1.0)
    asked.append(pair.standby.value(_NAIVE))
    same = pair.standby.value(_SAME)
    return pair.promote(written, 0.0), (asked[0], asked[1]), same


@cache
def drills() -> Drills:
    """Run four failovers of a pair; what was recorded where there is no server. Cached."""
    try:
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED
    with cluster:
        pair = Pair(cluster)
        with closing(pair):
            switch, waiting_s = planned(pair)
            pair.rejoin()
            stopped, dead_s, same = frozen(pair)
            pair.rejoin()
            (lossy,) = crashes(pair, "local", 1)
            safe = crash(pair, "on", 20)
    return Drills(
        planned=switch,
        waiting_s=waiting_s,
        frozen=stopped,
        dead_s=dead_s,
        all_applied=same,
        asynchronous=lossy,
        synchronous=safe,
    )


def crashes(pair: Pair, level: str, runs: int) -> list[Failover]:
    """Kill the primary of a pair again and again, and bring it back each time; see `crash`."""
    found = []
    for _ in range(runs):
        found.append(crash(pair, level, 300 if level == "local" else 20))
        pair.rejoin()
    return found


@dataclass(frozen=True, kw_only=True)
class Split:
    """What two primaries did, and how one of them was brought back."""

    both_took_11: bool
    client_went_to: str  # of a client with both in its list, that wants one who takes writes
    setting_kept_out: bool  # whether default_transaction_read_only kept a writer out
    left_took: int  # writes that the old one acknowledged once it had to wait for a standby
    timelines: tuple[int, int]
    taken_back: int  # rows of the old primary that are gone after its return
    rows_alike: bool
    recorded: bool = False


@cache
def split() -> Split:
    """Promote beside a living primary, fence it, and bring it back. Cached."""
    try:
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED_SPLIT
    with cluster:
        old = cluster.primary("old")
        new = cluster.replica(old, "new")
        old.rows("create table paid(id int primary key, by text)")
        old.rows("insert into paid select n, 'before' from generate_series(1, 10) n")
        new.catch_up(old)
        new.promote()
        for server in (old, new):
            server.rows(f"insert into paid values (11, '{server.name}')")
        both = all(server.value("select count(*) from paid where id = 11") for server in (old, new))
        went = _who_takes_writes(old, new)
        kept_out = _read_only_keeps_out(old)
        left_took = _behind_a_standby_that_left(old)
        timelines = tuple(_timeline(server) for server in (old, new))
        before = {row for (row,) in old.rows("select id from paid where by <> 'before'")}
        old.stop()
        old.follow(new)
        old.catch_up(new)
        rows = "select id, by from paid order by id"
        alike = old.rows(rows) == new.rows(rows)
        there = {row for (row,) in old.rows("select id from paid where by = 'old'")}
    return Split(
        both_took_11=both,
        client_went_to=went,
        setting_kept_out=kept_out,
        left_took=left_took,
        timelines=(timelines[0], timelines[1]),
        taken_back=len(before - there),
        rows_alike=alike,
    )


def _timeline(server: PostgresServer) -> int:
    return int(server.value("select left(pg_walfile_name(pg_current_wal_lsn()), 8)"), 16)


def _who_takes_writes(first: PostgresServer, second: PostgresServer) -> str:
    """Name of the server that a client gets who has both in its list and wants to write."""
    dsn = first.dsn.replace(f"port={first.port}", f"port={first.port},{second.port}")
    host = dsn.split("host=")[1].split()[0]
    dsn = dsn.replace(f"host={host}", f"host={host},{host}")
    psycopg: Any = import_psycopg()
    with psycopg.connect(dsn, target_session_attrs="read-write") as connection:
        port = connection.info.port
    return first.name if port == first.port else second.name


def _read_only_keeps_out(server: PostgresServer) -> bool:
    """Whether a client that sets one variable is kept from writing."""
    server.configure(default_transaction_read_only="on")
    wait_for(lambda: server.value("show default_transaction_read_only") == "on")
    psycopg: Any = import_psycopg()
    with server.connect() as connection:
        connection.execute("set default_transaction_read_only = off")
        try:
            connection.execute("insert into paid values (12, 'old')")
        except psycopg.errors.ReadOnlySqlTransaction:
            return True
    with server.connect() as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute("alter system set default_transaction_read_only = off")
        connection.execute("select pg_reload_conf()")
    wait_for(lambda: server.value("show default_transaction_read_only") == "off")
    return False


def _behind_a_standby_that_left(server: PostgresServer) -> int:
    """Let a server wait for who follows another now; commits that it confirms in half a second."""
    server.configure(synchronous_standby_names="new")
    wait_for(lambda: server.value("show synchronous_standby_names") == "new")
    with ThreadPoolExecutor(1) as pool, server.connect() as client:
        waiting = pool.submit(client.execute, "insert into paid values (13, 'old')")
        CLOCK.advance(0.5)
        took = int(waiting.done())
        server.configure(synchronous_standby_names="")
        waiting.result(timeout=5)
    return took


# Acknowledged, acknowledged too late for the link, lost: twenty runs at each level by
# benchmarks/failovers.py; two shared cores, Linux, 29 November 2026.
# fmt: off
TWENTY = {
    "local": [
        (319, 43, 43), (322, 34, 33), (341, 56, 57), (306, 60, 73), (373, 102, 102),
        (330, 79, 78), (400, 139, 139), (309, 54, 53), (437, 184, 191), (314, 79, 79),
        (318, 37, 39), (345, 105, 157), (309, 31, 31), (315, 49, 49), (313, 32, 32),
        (307, 59, 86), (322, 35, 34), (362, 90, 89), (312, 78, 77), (389, 139, 141),
    ],
    "on": [(20, 1, 0)] * 20,
}
# fmt: on

RECORDED = Drills(  # as above
    planned=Failover(acknowledged=300, late=0, lost=0, is_tail=True, surprises=0),
    waiting_s=(0.04, 1.05),
    frozen=Failover(acknowledged=50, late=50, lost=50, is_tail=True, surprises=0),
    dead_s=(0.20, 1.21),
    all_applied=True,
    asynchronous=Failover(acknowledged=327, late=73, lost=73, is_tail=True, surprises=0),
    synchronous=Failover(acknowledged=20, late=1, lost=0, is_tail=True, surprises=0),
    recorded=True,
)
RECORDED_SPLIT = Split(  # as above
    both_took_11=True,
    client_went_to="old",
    setting_kept_out=False,
    left_took=0,
    timelines=(1, 2),
    taken_back=3,
    rows_alike=True,
    recorded=True,
)
