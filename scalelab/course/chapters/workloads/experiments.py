"""Experiments of the chapter on workloads: mixes, copies, a day, a cache, real servers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from scalelab import _validate as v
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.models.replication import read_capacity
from scalelab.models.traffic import read_share
from scalelab.plotting import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    TINTS,
    label,
    label_lines,
)
from scalelab.quantities import number, percent
from scalelab.real.limits import call
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.postgres_tools import import_psycopg
from scalelab.real.supervised import RealComponentError
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.demand import DAY_S, daily_rate_per_s
from scalelab.workloads.modulated_arrivals import modulated_arrivals_s
from scalelab.workloads.operations import read_again_flags, write_flags
from scalelab.workloads.popularity import zipf_trace
from scalelab.workloads.varying_arrivals import storm_arrivals_s, varying_arrivals_s

READ_HEAVY, WRITE_HEAVY = 0.9, 0.5  # the guide's bounds: shares of reads, of writes
HOURS = 24
IMPORT_H = 3  # when the nightly import begins; it takes an hour


def copies_picture() -> Figure:
    """Draw where a read goes and where a write goes."""
    boxes = {
        "app": Box(x=0, y=1.1, text="application", width=1.9),
        "primary": Box(x=4, y=1.1, text="primary", colour=ORANGE, width=1.7),
    }
    arrows = [Arrow(start="app", end="primary", text="writes")]
    for i in range(3):
        text = f"copy {i + 1}\na third of the reads"
        boxes[f"copy {i}"] = Box(
            x=8.4, y=2.4 - 1.3 * i, text=text, colour=GREEN, width=3.2, height=1.0
        )
        arrows.append(Arrow(start="primary", end=f"copy {i}", dashed=True))
    return diagram(boxes, arrows, height=2.6)


def class_by_percent(reads_per_write: float) -> str:
    """Name the guide's class of a mix by its percentages; "balanced" is 50 : 50 itself."""
    share = float(read_share(reads_per_write))
    if share >= READ_HEAVY:
        return "read-heavy"
    if 1 - share > WRITE_HEAVY:
        return "write-heavy"
    return "balanced and write-heavy" if share == WRITE_HEAVY else "no class"


def class_by_ratio(reads_per_write: float) -> str:
    """Name the guide's class of a mix by the ratios of its examples."""
    for name, low, high in (("read-heavy", 100, 1_000), ("write-heavy", 1 / 100, 1 / 10)):
        if low <= reads_per_write <= high:
            return name
    return "balanced" if reads_per_write == 1 else "no class"


def ratio_in_words(reads_per_write: float) -> str:
    """Say a mix as people do: "9 reads to a write", "1 read to 10 writes"."""
    if reads_per_write >= 1:
        plural = "" if reads_per_write == 1 else "s"
        return f"{number(reads_per_write)} read{plural} to a write"
    return f"1 read to {number(1 / reads_per_write)} writes"


def plot_classes(ax: Axes) -> Axes:
    """Draw the guide's classes by percentage, and the ratios of its examples, over one line."""
    for low, high, colour, text in (
        (0, 50, ORANGE, "write-heavy:\n50 % writes or more"),
        (90, 100, BLUE, "read-heavy:\n90 % reads or more"),
    ):
        ax.barh(0, high - low, left=low, height=0.5, color=TINTS[colour], edgecolor=colour)
        ax.text((low + high) / 2 if low else 25, 0.42, text, ha="center", va="bottom", color=INK)
    for reads in (1 / 100, 1 / 10, 1, 4, 9, 100):
        at = 100 * float(read_share(reads))
        ax.plot([at], [0], "|", color=INK, ms=18)
        words = number(reads) + " : 1" if reads >= 1 else f"1 : {number(1 / reads)}"
        ax.text(at, -0.42, words, ha="center", va="top", color=MUTED, rotation=60)
    ax.set(xlim=(-6, 103), ylim=(-1.6, 1.5), yticks=[])
    ax.text(65, 0, "no class", ha="center", va="center", color=MUTED)
    return label(ax, x="reads, % of all operations")


def draw_gain(ax: Axes, ratio: float, copies: int) -> str:
    """Draw what copies gain at a mix, against their number, and the ceiling."""
    n = np.arange(1, 101)
    ceiling, here = ratio + 1, float(read_capacity(copies, ratio))
    ax.plot(n, n, ":", color=MUTED, label="no writes")
    ax.plot(n, np.asarray(read_capacity(n, ratio)), color=BLUE, label=ratio_in_words(ratio))
    ax.axhline(ceiling, color=ORANGE, ls="--", lw=1, label="ceiling")
    ax.plot([copies], [here], "o", color=INK)
    ax.set(xlim=(0, 100), ylim=(0, min(60.0, 1.25 * ceiling + 2)))
    label(ax, x="copies", y="throughput, of one node")
    ax.legend(loc="upper left")
    share = percent(float(read_share(ratio)))
    return (
        f"{ratio_in_words(ratio)}: {share} reads: {class_by_percent(ratio)} by the "
        f"guide's percentage, {class_by_ratio(ratio)} by its ratio. "
        f"{copies} copies do {number(here)} × the work of one; no number does more than "
        f"{number(ceiling)} ×."
    )


def gain_of_copies(
    rng: np.random.Generator, copies: int, reads_per_write: float, operations: int = 400
) -> float:
    """Run a mix through the fake, count what each node does, and compare with one node.

    All `copies` nodes, the primary among them, answer reads in turn. A node's work is the reads
    that it answers and the records that it has in its log.
    """
    clock = VirtualClock()
    writes = write_flags(operations, 1 - float(read_share(reads_per_write)), rng=rng)
    if copies == 1:
        return 1.0
    store = ReplicatedStore(clock, replicas=copies - 1)
    answered = dict.fromkeys(store.nodes, 0)
    for i, is_write in enumerate(writes):
        if is_write:
            store.put(i, "new")
        else:
            answered[store.read(0, node=store.nodes[i % copies]).node] += 1
    written = len(store.acknowledged_writes())
    return operations / (written + max(answered.values()))


def day_of_a_shop(
    rng: np.random.Generator, *, reads_per_s: float, writes_per_s: float, import_per_s: float
) -> dict[str, NDArray[np.int64]]:
    """Count reads and writes of each hour: a daily curve of visitors, and an import at night."""

    def visitors(t_s: v.FloatArray) -> v.FloatArray:
        return np.asarray(daily_rate_per_s(t_s, reads_per_s, peak_over_mean=1.8))

    reads_s = varying_arrivals_s(visitors, 1.8 * reads_per_s, DAY_S, rng=rng)
    begin_s = IMPORT_H * 3_600.0
    writes_s = storm_arrivals_s(
        writes_per_s, import_per_s, begin_s, begin_s + 3_600, DAY_S, rng=rng
    )
    edges = np.arange(HOURS + 1) * 3_600.0
    return {
        "reads": np.histogram(reads_s, edges)[0],
        "writes": np.histogram(writes_s, edges)[0],
    }


def plot_day(ax: Axes, day: dict[str, NDArray[np.int64]]) -> Axes:
    """Draw reads and writes a second, hour by hour."""
    for (name, counts), colour in zip(day.items(), (BLUE, ORANGE), strict=True):
        ax.step(np.arange(HOURS) + 0.5, counts / 3_600, where="mid", color=colour, label=name)
    ax.set(xlim=(0, HOURS), yscale="log", xticks=[0, 6, 12, 18, 24])
    label(ax, x="hour of the day", y="operations per second")
    return label_lines(ax)


def backlog_of_writes(
    rng: np.random.Generator, *, bursts: bool, rate_per_s: float, work_s: float, stays_s: float
) -> dict[str, float]:
    """Let one worker apply the writes of an hour, which come at random or in bursts.

    Bursts last `stays_s` on average, and a pause three times as long comes before the next.
    """
    hour_s = 3_600.0
    if bursts:
        rates, stays = [4 * rate_per_s, 0.0], [stays_s, 3 * stays_s]
        times_s = modulated_arrivals_s(rates, stays, hour_s, rng=rng)
    else:
        times_s = poisson_arrivals_until_s(rate_per_s, hour_s, rng=rng)
    waits_s = queue_waits_s(times_s, np.full(times_s.size, work_s), 1)
    return {
        "writes/s": times_s.size / hour_s,
        "mean wait, s": float(waits_s.mean()),
        "longest wait, s": float(waits_s.max()),
    }


def repeated_share(rng: np.random.Generator, *, rows: int, window: int) -> float:
    """Share of so many reads of so many rows (Zipf) that ask for one of the `window` before."""
    return float(read_again_flags(zipf_trace(rows, 1.0, rows, rng=rng), window).mean())


def ceiling_by_work(reads_per_write: float, read_ms: float, write_ms: float) -> float:
    """Most that copies gain where reads and writes cost unlike amounts of work."""
    return reads_per_write * read_ms / write_ms + 1


def plot_work(ax: Axes, reads_per_write: float, costs_ms: dict[str, tuple[float, float]]) -> Axes:
    """Draw the gain of copies for each case of costs (of a read, of a write)."""
    n = np.arange(1, 41)
    colours = (BLUE, ORANGE, GREEN)
    for (name, (read, write)), colour in zip(costs_ms.items(), colours, strict=False):
        gain = np.asarray(read_capacity(n, reads_per_write * read / write))
        ax.plot(n, gain, color=colour, label=name)
    ax.set(xlim=(0, 40), ylim=(0, 30))
    label(ax, x="copies", y="throughput, of one node")
    return label_lines(ax)


Work = dict[str, tuple[float, ...]]
RECORDED: Work = {  # two shared cores, Linux, 29 November 2026; seconds of processor time
    "reads, primary alone": (0.31, 0.01, 0.01),
    "reads, over all three": (0.09, 0.08, 0.11),
    "writes": (1.24, 0.55, 0.56),
}


@cache
def work_of_servers(operations: int) -> Work | str:
    """Measure processor time of a primary and two replicas; or say why not.

    Seconds of each server for so many reads by key on the primary alone, the same reads over
    all three, and as many updates by key. Cached: one page says one number.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError as error:
        return str(error)
    with cluster:
        primary = cluster.primary(autovacuum="off")
        servers = [primary, *(cluster.replica(primary, f"replica{i}") for i in (1, 2))]
        primary.rows("create table t(id int primary key, n int not null)")
        primary.rows("insert into t select i, 0 from generate_series(1, 1000) i")
        _caught_up(servers)
        read = "select n from t where id = %s"
        write = "update t set n = n + 1 where id = %s"
        _ask(servers, read, operations)  # once for warming up
        return {
            "reads, primary alone": _used(servers, lambda: _ask([primary], read, operations)),
            "reads, over all three": _used(servers, lambda: _ask(servers, read, operations)),
            "writes": _used(servers, lambda: _ask([primary], write, operations)),
        }


def _caught_up(servers: list[PostgresServer]) -> None:
    """Wait until all replicas have applied what the primary has."""
    for replica in servers[1:]:
        replica.catch_up(servers[0])


def _ask(servers: list[PostgresServer], query: str, operations: int) -> None:
    share = operations // len(servers)
    for server in servers:  # one after another: a server that is woken for each query costs more
        with server.connect() as connection:
            for i in range(share):
                connection.execute(query, (i % 1_000 + 1,))


def _used(servers: list[PostgresServer], work: Callable[[], None]) -> tuple[float, ...]:
    _alone(servers)
    before = [server.cpu_s() for server in servers]
    work()
    _caught_up(servers)
    _alone(servers)
    return tuple(server.cpu_s() - b for server, b in zip(servers, before, strict=True))


def _alone(servers: list[PostgresServer]) -> None:
    """Wait until the processes of all earlier connections have ended."""
    others = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
    wait_for(lambda: all(server.value(others) == 1 for server in servers))


def work_table(operations: int) -> Html:
    """Show what reads and writes cost each of three real servers: measured, or recorded."""
    measured = work_of_servers(operations)
    work = RECORDED if isinstance(measured, str) else measured
    rows: list[dict[str, Any]] = []
    for what, seconds in work.items():
        whole = work["reads, primary alone"][0]
        shares = {
            f"{name}, %": 100 * s / whole
            for name, s in zip(("primary", "replica 1", "replica 2"), seconds, strict=True)
        }
        rows.append({f"{operations:,} operations": what, **shares})
    caption = "Processor time of three PostgreSQL servers; 100 % is the primary's for all reads"
    if isinstance(measured, str):  # no servers here
        caption += " Recorded on two shared cores, 29 November 2026."
    return table(rows, caption)


def replay_cost(operations: int) -> float:
    """Return what a replay costs of what the write cost the primary, measured or recorded."""
    measured = work_of_servers(operations)
    primary, *replicas = (RECORDED if isinstance(measured, str) else measured)["writes"]
    return float(np.mean(replicas)) / primary


EVENING = (
    "SELECT n FROM t WHERE id = 1",
    "-- the cart\nselect count(*) from t",
    "INSERT INTO t VALUES (1001, 0)",
    "BEGIN",
    "SELECT n FROM t WHERE id = 2 FOR UPDATE",
    "update t set n = n + 1 where id = 2",
    "SELECT n FROM t WHERE id = 2",
    "COMMIT",
    "WITH few AS (SELECT n FROM t WHERE id < 9) SELECT sum(n) FROM few",
    "with gone as (delete from t where id = 1001 returning *) select count(*) from gone",
    "SHOW timezone",
    "SELECT n FROM t WHERE id = 3 FOR SHARE",
)


def own_split_on_postgres(split: Callable[[list[str]], Any]) -> Html:
    """Let a learner's router split a session between a real primary and its replica.

    It is ``split(statements)``, as the lab asks for it.
    """
    where = call(split, list(EVENING))
    if where is ...:
        return note("Still to do: your where_each_goes is the stub. Then real servers get it.")
    if not isinstance(where, list | tuple) or len(where) != len(EVENING):
        return note(f"Your router must say where each of the {len(EVENING)} statements goes.")
    try:
        cluster = PostgresCluster()
    except RealComponentError as error:
        return note(f"{error}; the checker's statements have to do.")
    psycopg: Any = import_psycopg()
    with cluster:
        primary = cluster.primary()
        replica = cluster.replica(primary, "replica")
        primary.rows("create table t(id int primary key, n int not null)")
        primary.rows("insert into t select i, 0 from generate_series(1, 1000) i")
        _caught_up([primary, replica])
        refused = []
        with primary.connect() as one, replica.connect() as other:
            for statement, target in zip(EVENING, where, strict=True):
                try:
                    (other if target == "replica" else one).execute(statement)
                except psycopg.errors.ReadOnlySqlTransaction:
                    refused.append(statement.splitlines()[-1])
                    other.execute("rollback")
        name = primary.version
    taken = sum(target == "replica" for target in where)
    said = f"{name}: the replica was sent {taken} of {len(EVENING)} statements"
    if refused:
        return note(f"{said}, and refused {len(refused)} of them, the first: {refused[0]}")
    return note(f"{said}, and refused none.")
