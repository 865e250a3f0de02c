"""A real primary and its standby: what a commit waits for, lag probes, a standby that dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from matplotlib.axes import Axes

from scalelab.course.page import Html, table
from scalelab.plotting import GREEN, ORANGE, TINTS, label, write
from scalelab.quantities import quantity
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.postgres_store import WallClock
from scalelab.real.supervised import RealComponentError

CLOCK = WallClock()
LEVELS = ("off", "local", "remote_write", "on", "remote_apply")  # of synchronous_commit
RTT_S = 0.005
_COMMITS = 40  # of each level
QUIET_S = 2.0
MISSING = 50  # rows that are written behind a cut link
_NAIVE = "extract(epoch from now() - pg_last_xact_replay_timestamp())::float8"
_SAME = "pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
PROBES = {  # what is asked, and the unit of the answer
    "the guide's query": "s",
    "the same, 0 if all that came is applied": "s",
    "age of the last heartbeat row": "s",
    "behind in the log, asked of the primary": "MB",
}
TRAPS = ("nobody writes", "an import runs", "the link is cut")


@dataclass(frozen=True, kw_only=True)
class Dead:
    """What a commit and its readers met after the only standby on the list had died."""

    hung_s: float  # how long the commit was watched, with a time limit of LIMIT_S
    readers_saw: int  # of its row, meanwhile
    warned: bool  # whether a cancel came back as success with a warning
    there: bool  # whether the row was there after the cancel
    freed: bool  # whether emptying the list ended another wait


@dataclass(frozen=True, kw_only=True)
class Waited:
    """What a primary and a standby behind a link of 5 ms showed."""

    round_trips: dict[str, float]  # median commit by level, in round trips of the link
    probes: dict[str, dict[str, float | None]]  # by trap and probe; None: the row is missing
    missing: int  # rows that the standby did not have behind the cut link
    dead: Dead
    recorded: bool = False


LIMIT_S = 0.3  # statement_timeout of the commit that hangs
WATCHED_S = 1.0


@cache
def commits() -> Waited:
    """Run all on a primary and one standby; what was recorded where there is no server.

    Cached: one page says one number.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED
    with cluster:
        primary = cluster.primary()
        with DelayProxy(primary.port, RTT_S) as link:
            standby = cluster.replica(primary, "standby", port=link.port)
            primary.rows("create table paid(id int primary key)")
            primary.rows("create table imported(n int, line text)")
            primary.rows("create table heartbeat(at timestamptz default clock_timestamp())")
            primary.configure(synchronous_standby_names="standby")
            in_sync = "select count(*) from pg_stat_replication where sync_state = 'sync'"
            wait_for(lambda: primary.value(in_sync) == 1)
            times = {level: _commit_s(primary, level, i) for i, level in enumerate(LEVELS)}
            probes = {TRAPS[0]: _quiet(primary, standby), TRAPS[1]: _loaded(primary, standby)}
            link.close()
            probes[TRAPS[2]], missing = _cut(primary, standby)
        standby.kill()
        dead = _standby_dead(primary)
    return Waited(
        round_trips={level: round(s / RTT_S, 2) for level, s in times.items()},
        probes=probes,
        missing=missing,
        dead=dead,
    )


def _commit_s(primary: PostgresServer, level: str, place: int) -> float:
    """Median seconds of a commit at a level."""
    times = []
    with primary.connect() as connection:
        connection.execute(f"set synchronous_commit = {level}")
        for i in range(_COMMITS):
            begin_s = CLOCK.now_s
            connection.execute("insert into paid values (%s)", (1_000 * place + i,))
            times.append(CLOCK.now_s - begin_s)
    return median(times)


@contextmanager
def _repeated(primary: PostgresServer, statement: str, pause_s: float) -> Iterator[None]:
    """Run a statement again and again beside what goes on, without waiting for the standby."""
    stop = threading.Event()

    def again() -> None:
        with primary.connect() as connection:
            connection.execute("set synchronous_commit = local")
            while not stop.wait(pause_s):
                connection.execute(statement)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(again)
        try:
            yield
        finally:
            stop.set()
            done.result()


def _heartbeat(primary: PostgresServer) -> Any:
    return _repeated(primary, "insert into heartbeat default values", 0.05)


def _import(primary: PostgresServer) -> Any:
    lines = "insert into imported select n, md5(n::text) from generate_series(1, 5000) n"
    return _repeated(primary, lines, 0.0)


def _asked(primary: PostgresServer, standby: PostgresServer) -> dict[str, float | None]:
    """Ask all four probes once."""
    ((naive, same),) = standby.rows(f"select {_NAIVE}, {_SAME}")
    beat = standby.value(
        "select extract(epoch from clock_timestamp() - max(at))::float8 from heartbeat"
    )
    behind = primary.rows(
        "select (pg_current_wal_insert_lsn() - replay_lsn)::float8 from pg_stat_replication"
    )
    answers = (naive, 0.0 if same else naive, beat, behind[0][0] if behind else None)
    return dict(zip(PROBES, answers, strict=True))


def _quiet(primary: PostgresServer, standby: PostgresServer) -> dict[str, float | None]:
    """Ask after two seconds in which nobody wrote, and the heartbeat in its own way."""
    standby.catch_up(primary)
    CLOCK.advance(QUIET_S)
    silent = _asked(primary, standby)
    with _heartbeat(primary):  # a heartbeat is a write: it would have disturbed the silence
        CLOCK.advance(0.3)
        beating = _asked(primary, standby)
    beat = list(PROBES)[2]
    return silent | {beat: beating[beat]}


def _loaded(primary: PostgresServer, standby: PostgresServer) -> dict[str, float | None]:
    """Ask again and again during an import, and keep the most that each probe said."""
    with _heartbeat(primary), _import(primary):
        CLOCK.advance(0.2)
        answers = [_asked(primary, standby) for _ in range(20)]
    standby.catch_up(primary)
    return {probe: max(answer[probe] or 0.0 for answer in answers) for probe in PROBES}


def _cut(primary: PostgresServer, standby: PostgresServer) -> tuple[dict[str, float | None], int]:
    """Write behind a link that is cut, ask after a second, and count what the standby lacks."""
    wait_for(lambda: primary.value("select count(*) from pg_stat_replication") == 0)
    with _heartbeat(primary), primary.connect() as writer:
        writer.execute("set synchronous_commit = local")
        for i in range(MISSING):
            writer.execute("insert into paid values (%s)", (100_000 + i,))
        CLOCK.advance(1.0)
        answers = _asked(primary, standby)
    rows = "select count(*) from paid where id >= 100000"
    return answers, primary.value(rows) - standby.value(rows)


def _standby_dead(primary: PostgresServer) -> Dead:
    """Commit without a standby; cancel it; commit again, and empty the list of standbys."""
    seen = "select count(*) from paid where id = %s"
    with ThreadPoolExecutor(1) as pool, primary.connect() as client:
        warnings: list[str] = []
        client.add_notice_handler(lambda notice: warnings.append(notice.sqlstate))
        client.execute(f"set statement_timeout = '{1e3 * LIMIT_S:.0f}ms'")
        begin_s = CLOCK.now_s
        waiting = _sent(pool, client, 200_000)
        CLOCK.advance(WATCHED_S)
        hung_s = CLOCK.now_s - begin_s if not waiting.done() else 0.0
        readers_saw = primary.value(seen, 200_000)
        primary.value("select pg_cancel_backend(%s)", client.info.backend_pid)
        waiting.result(timeout=5)
        there = primary.value(seen, 200_000) == 1
        waiting = _sent(pool, client, 200_001)
        CLOCK.advance(0.3)
        hung = not waiting.done()
        primary.configure(synchronous_standby_names="")
        waiting.result(timeout=5)
    return Dead(
        hung_s=round(hung_s, 2),
        readers_saw=readers_saw,
        warned="01000" in warnings,
        there=there,
        freed=hung,
    )


def _sent(pool: ThreadPoolExecutor, client: Any, row: int) -> Future[Any]:
    return pool.submit(client.execute, "insert into paid values (%s)", (row,))


RECORDED = Waited(  # two shared cores, Linux, 29 November 2026
    round_trips={
        "off": 0.02,
        "local": 0.02,
        "remote_write": 1.14,
        "on": 1.18,
        "remote_apply": 1.36,
    },
    probes={
        "nobody writes": dict(zip(PROBES, (2.05, 0.0, 0.05, 0.0), strict=True)),
        "an import runs": dict(zip(PROBES, (0.03, 0.03, 0.08, 974_360.0), strict=True)),
        "the link is cut": dict(zip(PROBES, (1.10, 0.0, 1.13, None), strict=True)),
    },
    missing=50,
    dead=Dead(hung_s=1.0, readers_saw=0, warned=True, there=True, freed=True),
    recorded=True,
)


def where(caption: str, recorded: bool) -> str:
    """Add to a caption where the numbers are from, if they were not measured just now."""
    return f"{caption} Recorded on two shared cores, 29 November 2026." if recorded else caption


def plot_levels(ax: Axes) -> Axes:
    """Draw how long a commit takes at each level, in round trips of the link."""
    times = commits().round_trips
    for place, (level, trips) in enumerate(times.items()):
        colour = ORANGE if level in ("off", "local") else GREEN
        ax.barh(place, trips, height=0.55, color=TINTS[colour], ec=colour)
        write(ax, trips, place, f"{trips:.2f}", dx=4, va="center")
    ax.set_yticks(range(len(times)), list(times))
    ax.invert_yaxis()
    ax.set_xlim(0, 1.2 * max(times.values()))
    return label(ax, x="median commit, round trips")


def levels_in_words() -> str:
    """Say the bars of `plot_levels`."""
    return "; ".join(f"{level} {trips:.2f}" for level, trips in commits().round_trips.items())


def probes_table() -> Html:
    """Show what each probe answers in each trap."""
    it = commits()
    rows: list[dict[str, Any]] = []
    for probe, unit in PROBES.items():
        row: dict[str, Any] = {"probe": probe}
        for trap in TRAPS:
            answer = it.probes[trap][probe]
            row[trap] = _answer(answer, unit)
        rows.append(row)
    caption = f"Behind the cut link {it.missing} rows are missing; when nobody writes, none."
    return table(rows, where(caption, it.recorded))


def _answer(answer: float | None, unit: str) -> str:
    if answer is None:
        return "row is missing"
    return quantity(round(answer / (1 if unit == "s" else 1e6), 2), unit)


def dead_table() -> Html:
    """Show what was tried on a commit whose standby had died."""
    it = commits().dead
    rows = [
        ("wait, with a statement_timeout", f"after {quantity(it.hung_s, 's')} it still hangs"),
        ("read the row elsewhere", "it is not there" if not it.readers_saw else "it is there"),
        (
            "cancel the commit",
            ("“success”, with a warning" if it.warned else "an error")
            + ("; the row is there" if it.there else "; the row is not there"),
        ),
        ("empty the list of standbys", "the next commit is freed" if it.freed else "nothing"),
    ]
    return table(
        [{"what the operator does": what, "what happens": so} for what, so in rows],
        where(
            "A commit at `on`, after the only standby on the list was killed.", commits().recorded
        ),
    )
