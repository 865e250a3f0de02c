"""What the learner's functions of the lab on the limits of a larger server bring, put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scalelab.course.chapters.vertical_limits.experiments import KINDS, ROWS
from scalelab.course.chapters.vertical_limits.servers import WAIT_US, commit, order_server
from scalelab.course.page import Html, note, show, table
from scalelab.plotting import BLUE, INK, ORANGE, canvas, label
from scalelab.quantities import number
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.supervised import RealComponentError

CORES = 2  # of the machine that the server is told to have
CLIENTS = 16
MACHINES = [
    (name, cores, round(100 * busy / cores), memory, usd)
    for name, (busy, cores, memory, usd) in zip(KINDS, ROWS, strict=True)
]


def _to_do(name: str) -> Html:
    return note(f"Still to do: your {name} is the stub.")


def _came_out(name: str, error: TheirError) -> Html:
    kind = type(error.error).__name__
    return note(f"{kind} came out of your {name}. The check says where.")


def own_disks(on_disk_ms: Callable[..., Any]) -> Html:
    """Let records that become ready at random meet disks of three speeds, by a learner's function.

    600 records within 300 ms, each moment as likely as any other.
    """
    rng = np.random.default_rng(4)
    ready_ms = np.sort(rng.integers(0, 300, 600)).tolist()
    rows = []
    try:
        for flush_ms in (1, 4, 16):
            done_ms = call(on_disk_ms, list(ready_ms), flush_ms)
            if done_ms is ...:
                return _to_do("on_disk_ms")
            waits = np.subtract(done_ms, ready_ms)
            rows.append(
                {
                    "flush, ms": flush_ms,
                    "flushes": len(set(done_ms)),
                    "records for each": len(ready_ms) / len(set(done_ms)),
                    "mean wait, ms": float(waits.mean()),
                }
            )
    except TheirError as error:
        return _came_out("on_disk_ms", error)
    except (TypeError, ValueError):
        return note("That is no time for each record. The check says more.")
    return table(rows, "600 records within 300 ms, and disks of three speeds, by your function")


def own_first_full_on_postgres(first_full: Callable[..., Any]) -> Html:
    """Measure a real server under a light load, ask a learner's function, then load the server.

    One client on a disk of 4 ms says how many flushes a second there are and how much of a core an
    order takes. Whoever comes during the wait is taken along, so that all clients share a flush.
    """
    try:
        return _predicted_and_measured(first_full)
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except TheirError as error:
        return _came_out("first_full", error)


def _predicted_and_measured(first_full: Callable[..., Any]) -> Html:
    if call(first_full, *_sheets(100.0, 1.0)) is ...:
        return _to_do("first_full")
    with PostgresCluster() as cluster:
        server = order_server(cluster, "orders", WAIT_US)
        light = commit(server, 1, 1.0)
        sheets = _sheets(light.commits_per_s, 1e3 * light.cores_busy / light.commits_per_s)
        answer = call(first_full, *sheets)
        loaded = commit(server, CLIENTS, 1.0)
        version = server.version
    try:
        part, rate = answer
        said = f"{part} full at {number(round(float(rate)))} orders a second"
    except (TypeError, ValueError):
        return note("That is no part with a rate. The check says more.")
    return note(
        f"{version}: one client gets {light.commits_per_s:.0f} orders a second and keeps "
        f"{light.cores_busy:.2f} cores busy. Your function says: {said}. {CLIENTS} clients get "
        f"{loaded.commits_per_s:,.0f}, {loaded.for_each_flush:.1f} for each flush, and keep "
        f"{loaded.cores_busy:.2f} of {CORES} cores busy."
    )


def _sheets(flushes_per_s: float, cpu_ms: float) -> tuple[dict[str, float], dict[str, float]]:
    """Return machine and load as the lab's task has them, for what was measured."""
    machine = {
        "cores": CORES,
        "memory_gb": 1,
        "reads_per_s": 1_000,
        "flushes_per_s": flushes_per_s,
        "connections": 90,
    }
    load = {
        "cpu_ms": max(cpu_ms, 1e-3),
        "pages": 4,
        "data_gb": 0.1,
        "commits_per_flush": CLIENTS,
        "held_ms": 5.0,
    }
    return machine, load


def own_plan(
    cheapest: Callable[..., Any],
    month_to_leave: Callable[..., Any],
    *,
    growth: float = 1.08,
    extra_usd: int = 1_000,
    move_usd: int = 20_000,
) -> Html:
    """Plan five years with a learner's two functions: prices month by month, and when to leave.

    The need begins at 2 cores and 8 GB and grows by a factor each month. Many are of the
    kind db.m5.large.
    """
    one_usd, many_usd = [], []
    prices = {machine[0]: machine[4] for machine in MACHINES}
    try:
        for month in range(60):
            cores, memory = (int(np.ceil(need * growth**month)) for need in (2, 8))
            name = call(cheapest, list(MACHINES), cores, memory)
            if name is ...:
                return _to_do("cheapest_machine")
            one_usd.append(prices.get(name) if isinstance(name, str) else None)
            many_usd.append(140 * max(-(-cores // 2), -(-memory // 8)) + extra_usd)
        leaves = call(month_to_leave, list(one_usd), list(many_usd), move_usd)
    except TheirError as error:
        return _came_out("functions", error)
    if leaves is ...:
        return _to_do("month_to_leave")
    return _drawn_plan(one_usd, many_usd, leaves)


def _drawn_plan(one_usd: list[int | None], many_usd: list[int], leaves: Any) -> Html:
    """Draw both bills over the months, and the month of the move."""
    figure, ax = canvas(height=2.4)
    months = range(len(one_usd))
    ax.step(months, [np.nan if usd is None else usd for usd in one_usd], color=ORANGE, label="one")
    ax.step(months, many_usd, color=BLUE, label="many")
    when = "never"
    if isinstance(leaves, int) and 0 <= leaves < len(one_usd):
        ax.axvline(leaves, color=INK, ls="--", lw=1)
        when = f"in month {leaves}"
    ax.set(xlim=(0, len(one_usd)), ylim=(0, 8_000))
    label(ax, x="month", y="dollars a month")
    ax.legend(loc="upper left")
    return show(
        figure,
        alt=f"Dollars a month over {len(one_usd)} months for one machine, in steps, and for many "
        f"small ones. The plan moves {when}.",
        caption=f"By your two functions the move comes {when}.",
    )
