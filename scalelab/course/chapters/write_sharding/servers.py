"""Two shards on PostgreSQL, a coordinator that can be killed, and what it leaves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.supervised import SupervisedProcess, scratch_directory

POINTS = {  # where the coordinator is killed: how many of its steps it has done
    "between the prepares": 1,
    "after both prepares": 2,
    "after the decision": 3,
    "after the first commit": 4,
}
# One step a line; what it has done is what it says.
COORDINATOR = """
import json, sys, time
import psycopg
job = json.load(open(sys.argv[1]))
a, b = (psycopg.connect(dsn, autocommit=True) for dsn in job["shards"])
def prepare(shard, who, amount):
    shard.execute("begin")
    shard.execute("update accounts set balance = balance + %s where name = %s", (amount, who))
    shard.execute("insert into transfers values (%s)", (job["gid"],))
    shard.execute(f"prepare transaction '{job['gid']}'")
steps = [
    lambda: prepare(a, "ann", -10),
    lambda: prepare(b, "bob", 10),
    lambda: a.execute("insert into decisions values (%s)", (job["gid"],)),
    lambda: a.execute(f"commit prepared '{job['gid']}'"),
]
for step in steps[: job["steps"]]:
    step()
print("done", flush=True)
time.sleep(600)
"""


@dataclass(frozen=True)
class Shards:
    """Two servers of one cluster."""

    cluster: PostgresCluster
    first: PostgresServer
    second: PostgresServer

    @property
    def both(self) -> tuple[PostgresServer, PostgresServer]:
        """The servers in their order."""
        return self.first, self.second


@contextmanager
def two_shards() -> Iterator[Shards]:
    """Start two servers that may prepare transactions, each with an account of 100."""
    with PostgresCluster() as cluster:
        first, second = (
            cluster.primary(name, max_prepared_transactions=8) for name in ("first", "second")
        )
        for server, who in ((first, "ann"), (second, "bob")):
            with server.connect() as connection:
                connection.execute("create table accounts(name text primary key, balance int)")
                connection.execute("insert into accounts values (%s, 100)", (who,))
                connection.execute("create table transfers(gid text)")
                connection.execute("create table decisions(gid text)")
        yield Shards(cluster, first, second)


class Killed(NamedTuple):
    """What a dead coordinator leaves, and what is there after somebody has ended it."""

    in_doubt: tuple[int, int]
    locked: int
    seen: int
    ended: str
    after: int


def total(*servers: PostgresServer) -> int:
    """Add up all balances, one server after the other."""
    return sum(server.value("select sum(balance) from accounts") for server in servers)


@contextmanager
def killed_coordinator(shards: Shards, point: str) -> Iterator[str]:
    """Let a process move 10 from Ann to Bob, and kill it on its way; gives the transfer's name."""
    gid = f"transfer {POINTS[point]}"
    for server, who in zip(shards.both, ("ann", "bob"), strict=True):
        server.rows("update accounts set balance = 100 where name = %s", who)
    job = {"shards": [s.dsn for s in shards.both], "gid": gid, "steps": POINTS[point]}
    directory = scratch_directory()
    process = SupervisedProcess(
        [sys.executable, "-c", COORDINATOR, str(directory / "job")],
        directory=directory,
        files={"job": json.dumps(job)},
    )
    try:
        wait_for(lambda: "done" in (directory / "log").read_text())
    finally:
        process.end()
    yield gid


def states_of(shards: Shards, gid: str) -> list[str]:
    """Return what a transfer is on each shard: prepared, committed, or nothing."""
    states = []
    for server in shards.both:
        if server.value("select count(*) from pg_prepared_xacts where gid = %s", gid):
            states.append("prepared")
        else:
            done = server.value("select count(*) from transfers where gid = %s", gid)
            states.append("committed" if done else "nothing")
    return states


def record_of(shards: Shards, gid: str) -> str:
    """Return what the coordinator has written down: commit, or nothing."""
    decided = shards.first.value("select count(*) from decisions where gid = %s", gid)
    return "commit" if decided else "nothing"


def end(shards: Shards, gid: str, outcome: str) -> None:
    """Commit a transfer, or roll it back, wherever it is prepared."""
    verb = {"commit": "commit prepared", "roll back": "rollback prepared"}[outcome]
    for server, state in zip(shards.both, states_of(shards, gid), strict=True):
        if state == "prepared":
            server.rows(f"{verb} '{gid}'")


def locked(server: PostgresServer) -> bool:
    """Whether the row of the account cannot be written within a fifth of a second."""
    from psycopg.errors import LockNotAvailable  # where there is a server, there is a client

    with server.connect() as connection:
        connection.execute("set lock_timeout = '200ms'")
        try:
            connection.execute("update accounts set balance = balance")
        except LockNotAvailable:
            return True
    return False


def killed(shards: Shards, point: str) -> Killed:
    """Kill a coordinator, look around, and end what it left as its record says."""
    with killed_coordinator(shards, point) as gid:
        states = states_of(shards, gid)
        seen, rows = total(*shards.both), sum(map(locked, shards.both))
        ended = "commit" if record_of(shards, gid) == "commit" else "roll back"
        end(shards, gid, ended)
        doubts = [int(state == "prepared") for state in states]
        return Killed(
            in_doubt=(doubts[0], doubts[1]),
            locked=rows,
            seen=seen,
            ended=ended,
            after=total(*shards.both),
        )
