"""A real primary and its standby, and a cut between them: who waits, and what is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from scalelab.course.page import Html, note
from scalelab.quantities import number
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.postgres_store import WallClock
from scalelab.real.supervised import RealComponentError

CLOCK = WallClock()
RTT_S = 0.005
WATCHED_S = 1.0
BEFORE, ALONE = 10, 20  # rows before the cut, and those that the primary confirms alone after it
_INSERT = "insert into stock values (%s, %s)"
_COUNT = "select count(*) from stock where id between %s and %s"


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What two servers did when the link between them was cut."""

    hung: bool  # whether a commit that needs both copies still waited after a second
    readers: int  # rows that a reader of the primary saw meanwhile
    alone: int  # rows that the primary confirmed once it needed nobody
    kept: int  # of them on the standby that was promoted
    both: bool  # whether both then took a row of the same number
    taken_back: int  # rows that the old primary gave up in order to follow the new one
    recorded: bool = False


@cache
def cut() -> Cut:
    """Cut two servers apart; what was recorded where there is no server. Cached."""
    try:
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED
    with cluster:
        east = cluster.primary("east")
        with DelayProxy(east.port, RTT_S) as link:
            west = cluster.replica(east, "west", port=link.port)
            east.rows("create table stock(id int primary key, by text)")
            _needs(east, "west")
            _write(east, 1, BEFORE)
            link.close()
            hung, readers = _hangs(east)
        _write(east, BEFORE + 2, BEFORE + 1 + ALONE)
        west.promote()
        west.configure(synchronous_standby_names="")
        wait_for(lambda: west.value("show synchronous_standby_names") == "")
        kept = west.value(_COUNT, BEFORE + 2, BEFORE + 1 + ALONE)
        number_of_both = BEFORE + 2 + ALONE
        for server in (east, west):
            _write(server, number_of_both, number_of_both)
        both = all(s.value(_COUNT, number_of_both, number_of_both) == 1 for s in (east, west))
        before = east.value("select count(*) from stock where by = 'east'")
        east.stop()
        east.follow(west)
        east.catch_up(west)
        after = east.value("select count(*) from stock where by = 'east'")
    return Cut(
        hung=hung, readers=readers, alone=ALONE, kept=kept, both=both, taken_back=before - after
    )


def _needs(server: PostgresServer, standby: str) -> None:
    """Let commits wait until a standby has them on its disk."""
    server.configure(synchronous_standby_names=standby)
    in_sync = "select count(*) from pg_stat_replication where sync_state = 'sync'"
    wait_for(lambda: server.value(in_sync) == 1)


def _write(server: PostgresServer, first: int, last: int) -> None:
    """Commit rows one by one, each with the name of the server that took it."""
    with server.connect() as connection:
        for row in range(first, last + 1):
            connection.execute(_INSERT, (row, server.name))


def _hangs(server: PostgresServer) -> tuple[bool, int]:
    """Commit behind the cut, watch it for a second, then let the server need nobody.

    Returns whether it was waiting still, and what a reader saw meanwhile.
    """
    with ThreadPoolExecutor(1) as pool, server.connect() as client:
        waiting = pool.submit(client.execute, _INSERT, (BEFORE + 1, server.name))
        CLOCK.advance(WATCHED_S)
        hung = not waiting.done()
        readers = server.value("select count(*) from stock")
        server.configure(synchronous_standby_names="")
        waiting.result(timeout=10)
    return hung, readers


def cut_note() -> Html:
    """Say what the servers did."""
    it = cut()
    waits = "was still waiting" if it.hung else "was done"
    took = "both took" if it.both else "only one took"
    where = "Recorded on two cores, Linux, 29 November 2026: " if it.recorded else ""
    return note(
        f"{where}Behind the cut, a commit that needs both copies {waits} after "
        f"{number(WATCHED_S)} s; a reader of the primary got all {it.readers} rows meanwhile. Then "
        f"the primary was told to need nobody: it confirmed {it.alone} rows alone, and "
        f"the standby, promoted, had {it.kept} of them. Asked for a row of the same number, {took} "
        f"it. To become a follower, the old primary had to give up {it.taken_back} rows: these, "
        "the one that had waited, and that of the same number."
    )


RECORDED = Cut(
    hung=True, readers=10, alone=20, kept=0, both=True, taken_back=22, recorded=True
)  # two cores, Linux, 29 November 2026
