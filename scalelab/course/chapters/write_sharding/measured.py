"""What two shards on PostgreSQL showed: questions, transfers, and a coordinator that dies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Event
from typing import Any

from matplotlib.axes import Axes

from scalelab.course.chapters.write_sharding.servers import (
    POINTS,
    Killed,
    Shards,
    killed,
    total,
    two_shards,
)
from scalelab.course.page import Html, table
from scalelab.plotting import BLUE, TINTS, label, write
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresServer
from scalelab.real.postgres_store import WallClock
from scalelab.real.postgres_tools import guarded_connect
from scalelab.real.supervised import RealComponentError

USERS, ORDERS_EACH = 10_000, 2  # on both shards together
RTT_S, TRIALS, SUMS = 0.005, 5, 300


@dataclass(frozen=True, kw_only=True)
class TwoShards:
    """What two servers showed."""

    queries: dict[str, tuple[int, int, int]]  # requests, rounds, rows sent between machines
    trips: dict[str, float]  # time of a transfer, of a round trip
    sums: tuple[int, int, int]  # read after the prepares, between the commits, after them
    wrong: tuple[int, int]  # of SUMS: on one server, on two shards
    killed: dict[str, Killed]
    survived: int  # prepared transactions on a shard that was killed and started again
    recorded: bool = False


RECORDED = TwoShards(  # two shared cores, Linux, 29 November 2026
    queries={
        "one user's orders": (1, 1, 2),
        "Boston, orders with their users": (2, 1, 400),
        "Boston, orders anywhere, joined by the application": (4, 2, 600),
        "Boston, orders anywhere, joined by the first shard": (3, 2, 10_500),
    },
    trips={
        "one shard, one statement": 1.1,
        "one shard, BEGIN to COMMIT": 4.4,
        "two shards, two commits": 6.7,
        "two shards, two-phase commit": 9.1,
    },
    sums=(200, 190, 200),
    wrong=(0, 35),
    killed={
        "between the prepares": Killed((1, 0), 1, 200, "roll back", 200),
        "after both prepares": Killed((1, 1), 2, 200, "roll back", 200),
        "after the decision": Killed((1, 1), 2, 200, "commit", 200),
        "after the first commit": Killed((0, 1), 1, 190, "commit", 200),
    },
    survived=1,
    recorded=True,
)


@cache
def measured() -> TwoShards:
    """Run all on two servers; what was recorded where there is none. One page says one number."""
    try:
        with two_shards() as shards:
            return TwoShards(
                queries=_queries(shards),
                trips=_trips(shards),
                sums=_sums(shards),
                wrong=(
                    _wrong_sums(shards, shards.first, shards.first),
                    _wrong_sums(shards, *shards.both),
                ),
                killed={name: killed(shards, name) for name in POINTS},
                survived=_survived(shards),
            )
    except RealComponentError:
        return RECORDED


# Questions -----------------------------------------------------------------------------------


def _queries(shards: Shards) -> dict[str, tuple[int, int, int]]:
    """Ask for orders in four ways, and count requests, rounds, and rows that were sent."""
    both = first, second = shards.both
    for i, server in enumerate(both):
        _fill(server, i)
    _see_foreign(first, second)
    of_user = "select * from orders where user_id = %s"
    in_city = "select o.* from users u join orders o on o.user_id = u.id where u.city = 'Boston'"
    one = first.rows(of_user, 40)
    together = [row for server in both for row in server.rows(in_city)]
    users = [
        u for server in both for (u,) in server.rows("select id from users where city = 'Boston'")
    ]
    apart = [
        row
        for server in both
        for row in server.rows("select * from strewn where user_id = any(%s)", users)
    ]
    assert {row[:2] for row in apart} == {row[:2] for row in together}
    plan = first.value(
        "explain (analyze, format json) select o.* from "
        "(select * from users union all select * from users_there) u join "
        "(select * from strewn union all select * from strewn_there) o on o.user_id = u.id "
        "where u.city = 'Boston'"
    )
    foreign = _foreign_rows(plan[0]["Plan"])
    return {
        "one user's orders": (1, 1, len(one)),
        "Boston, orders with their users": (2, 1, len(together)),
        "Boston, orders anywhere, joined by the application": (4, 2, len(users) + len(apart)),
        "Boston, orders anywhere, joined by the first shard": (
            1 + len(foreign),
            2,
            sum(foreign) + len(apart),
        ),
    }


def _fill(server: PostgresServer, remainder: int) -> None:
    """Fill a shard: users by their id, orders with their users, and orders by their own id."""
    even = "% 2 = " + str(remainder)
    people = (
        "select n, case n / 2 % 50 when 0 then 'Boston' else 'Rome' end "
        f"from generate_series(0, {USERS - 1}) n"
    )
    orders = f"select n, n / {ORDERS_EACH}, 9 from generate_series(0, {USERS * ORDERS_EACH - 1}) n"
    server.rows(f"create table users as select * from ({people}) as p(id, city) where id {even}")
    for name, key in (("orders", "user_id"), ("strewn", "id")):
        server.rows(
            f"create table {name} as select * from ({orders}) as o(id, user_id, total) "
            f"where {key} {even}"
        )
        server.rows(f"create index on {name}(user_id)")
    server.rows("alter table users add primary key (id)")
    server.rows("analyze")


def _see_foreign(first: PostgresServer, second: PostgresServer) -> None:
    """Let the first server see the tables of the second."""
    from psycopg.conninfo import conninfo_to_dict  # where there is a server, there is a client

    place = conninfo_to_dict(second.dsn)
    first.rows("create extension postgres_fdw")
    first.rows(
        "create server there foreign data wrapper postgres_fdw "
        f"options (host '{place['host']}', port '{place['port']}', dbname '{place['dbname']}')"
    )
    first.rows(
        "create user mapping for current_user server there "
        f"options (user '{place['user']}', password '{place['password']}')"
    )
    for name, columns in (
        ("users", "id int, city text"),
        ("strewn", "id int, user_id int, total int"),
    ):
        first.rows(
            f"create foreign table {name}_there({columns}) server there "
            f"options (table_name '{name}')"
        )


def _foreign_rows(plan: dict[str, Any]) -> list[int]:
    """Return the rows of each scan of the other server in a plan."""
    own = (
        [round(plan["Actual Rows"] * plan["Actual Loops"])]
        if plan["Node Type"] == "Foreign Scan"
        else []
    )
    return own + [n for part in plan.get("Plans", ()) for n in _foreign_rows(part)]


# Transfers -----------------------------------------------------------------------------------

_TAKE = "update accounts set balance = balance - 10 where name = 'ann'"
_GIVE = "update accounts set balance = balance + 10 where name = 'bob'"


def _trips(shards: Shards) -> dict[str, float]:
    """Time a transfer, the quickest of five, in round trips to servers that are 5 ms away."""
    clock = WallClock()
    both = "update accounts set balance = balance + case name when 'ann' then -10 else 10 end"
    with _away(shards, shards.first) as a, _away(shards, shards.second) as b:
        a.execute("insert into accounts values ('bob', 100)")

        def run(*steps: tuple[Any, str]) -> float:
            times = []
            for _ in range(TRIALS):
                begun_s = clock.now_s
                for connection, statement in steps:
                    connection.execute(statement)
                times.append(clock.now_s - begun_s)
            return round(min(times) / RTT_S, 1)

        found = {
            "one shard, one statement": run((a, both)),
            "one shard, BEGIN to COMMIT": run((a, "begin"), (a, _TAKE), (a, _GIVE), (a, "commit")),
            "two shards, two commits": run(
                (a, "begin"), (b, "begin"), (a, _TAKE), (b, _GIVE), (a, "commit"), (b, "commit")
            ),
            "two shards, two-phase commit": run(
                (a, "begin"),
                (b, "begin"),
                (a, _TAKE),
                (b, _GIVE),
                (a, "prepare transaction 't'"),
                (b, "prepare transaction 't'"),
                (a, "commit prepared 't'"),
                (b, "commit prepared 't'"),
            ),
        }
        a.execute("delete from accounts where name = 'bob'")
        for connection in (a, b):
            connection.execute("update accounts set balance = 100")
    return found


@contextmanager
def _away(shards: Shards, server: PostgresServer) -> Iterator[Any]:
    """Connect to a server that is a round trip away."""
    with (
        DelayProxy(server.port, RTT_S) as proxy,
        guarded_connect(shards.cluster.address(proxy.port), autocommit=True) as connection,
    ):
        yield connection


def _prepare(connection: Any, statement: str) -> None:
    for step in ("begin", statement, "prepare transaction 't'"):
        connection.execute(step)


def _sums(shards: Shards) -> tuple[int, int, int]:
    """Read the sum of both accounts while a transfer of 10 commits in two phases."""
    with shards.first.connect() as a, shards.second.connect() as b:
        _prepare(a, _TAKE)
        _prepare(b, _GIVE)
        before = total(*shards.both)
        a.execute("commit prepared 't'")
        between = total(*shards.both)
        b.execute("commit prepared 't'")
    return before, between, total(*shards.both)


def _wrong_sums(shards: Shards, home: PostgresServer, other: PostgresServer) -> int:
    """Read two accounts 300 times while money moves between them; count the sums that are wrong.

    Each reader has one snapshot for each server; both accounts may be on one server.
    """
    home.rows("insert into accounts values ('cleo', 100)")
    other.rows("insert into accounts values ('dan', 100)")
    wrong = 0
    with home.connect() as a, other.connect() as b, _money_moves(shards, home, other):
        snapshots = [a] if home is other else [a, b]
        for _ in range(SUMS):
            for reader in snapshots:
                reader.execute("begin isolation level repeatable read")
            cleo, dan = (
                reader.execute(f"select balance from accounts where name = '{who}'").fetchone()
                for reader, who in ((snapshots[0], "cleo"), (snapshots[-1], "dan"))
            )
            for reader in snapshots:
                reader.execute("commit")
            wrong += cleo[0] + dan[0] != 200
    for server in {home.name: home, other.name: other}.values():
        server.rows("delete from accounts where name in ('cleo', 'dan')")
    return wrong


@contextmanager
def _money_moves(shards: Shards, home: PostgresServer, other: PostgresServer) -> Iterator[None]:
    """Move 1 from Cleo to Dan, and back, again and again, from 5 ms away."""
    begun, stop = Event(), Event()

    def move() -> None:
        amount = 1
        with _away(shards, home) as a, _away(shards, other) as b:
            while not stop.is_set():
                take = f"update accounts set balance = balance - {amount} where name = 'cleo'"
                give = f"update accounts set balance = balance + {amount} where name = 'dan'"
                if home is other:
                    for step in ("begin", take, give, "commit"):
                        a.execute(step)
                else:
                    _prepare(a, take)
                    _prepare(b, give)
                    a.execute("commit prepared 't'")
                    b.execute("commit prepared 't'")
                amount = -amount
                begun.set()

    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(move)
        begun.wait(timeout=10)
        try:
            yield
        finally:
            stop.set()
        moving.result()


# The coordinator dies ------------------------------------------------------------------------


def _survived(shards: Shards) -> int:
    """Prepare on a shard, kill it, start it again, and count what is prepared then."""
    with shards.second.connect() as connection:
        _prepare(connection, _GIVE)
    shards.second.kill()
    shards.second.start()
    left = int(shards.second.value("select count(*) from pg_prepared_xacts"))
    shards.second.rows("rollback prepared 't'")
    return left


# What the page shows -------------------------------------------------------------------------


def where(caption: str) -> str:
    """Add to a caption where the numbers are from, if they were not measured just now."""
    if measured().recorded:
        return f"{caption}; recorded on two shared cores, 29 November 2026"
    return caption


def queries_table() -> Html:
    """Show what four questions send."""
    names = ("question", "requests", "rounds", "rows sent")
    rows = [dict(zip(names, (q, *sent), strict=True)) for q, sent in measured().queries.items()]
    return table(rows, where("Orders of two PostgreSQL servers"))


def plot_trips(ax: Axes) -> Axes:
    """Draw how long a transfer takes, in round trips to the servers."""
    trips = measured().trips
    ax.barh(list(trips), list(trips.values()), color=TINTS[BLUE], ec=BLUE, height=0.55)
    ax.invert_yaxis()
    for place, value in enumerate(trips.values()):
        write(ax, value, place, f"{value:.1f}", dx=4, va="center")
    ax.set(xlim=(0, 1.15 * max(trips.values())))
    return label(ax, x="time of a transfer, in round trips of 5 ms")


def killed_table() -> Html:
    """Show what is left wherever the coordinator dies, and what ends it."""
    rows: list[dict[str, Any]] = [
        {
            "killed": name,
            "shards in doubt": sum(it.in_doubt),
            "rows locked": it.locked,
            "sum read, of 200": it.seen,
            "ended by, and sum": f"{it.ended}: {it.after}",
        }
        for name, it in measured().killed.items()
    ]
    return table(rows, where("A transfer of 10 between two PostgreSQL servers, coordinator killed"))
