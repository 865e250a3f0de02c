"""Experiments of the chapter on the limits of a larger database server."""

from __future__ import annotations

import math
import threading
import time
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.chapters.vertical.experiments import USD_PER_CORE, laws
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.availability import serial_availability, some_down_probability
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, RED, label, label_lines, mark
from scalelab.quantities import number, quantity
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.supervised import RealComponentError

# The guide's price list: cores that may be kept busy, virtual cores, GB of memory, $ a month.
ROWS = (
    (0.4, 2, 2, 30),
    (2.0, 2, 8, 140),
    (8.0, 8, 32, 560),
    (32.0, 32, 128, 2_240),
    (96.0, 96, 384, 6_720),
)
_LAW = next(iter(laws().values()))  # Amdahl's, through the guide's two measurements
SMALL = 4  # cores of a machine of a fleet


def cores_for(rate_per_s: float) -> float:
    """Cores of one machine that does so many requests a second; infinite beyond its ceiling."""
    if rate_per_s >= _LAW.ceiling_per_s:
        return math.inf
    unit, sigma = _LAW.unit_throughput_per_s, _LAW.sigma
    return rate_per_s * (1 - sigma) / (unit - sigma * rate_per_s)


def price_of_twice(cores: float) -> float:
    """How many times as much twice the performance costs, from so many cores of one machine."""
    return cores_for(2 * float(_LAW.throughput_per_s(cores))) / cores


def switch_point_per_s(extra_usd: float) -> float:
    """Rate from which many small machines and an extra cost are cheaper than one, by bisection."""
    per_request = USD_PER_CORE * SMALL / float(_LAW.throughput_per_s(SMALL))
    low, high = 0.0, _LAW.ceiling_per_s
    for _ in range(80):
        rate = (low + high) / 2
        one, many = USD_PER_CORE * cores_for(rate), per_request * rate + extra_usd
        low, high = (rate, high) if one < many else (low, rate)
    return low


# Which part is full first ------------------------------------------------------------------------

FLUSH_S = 0.0037  # of a log to an ordinary disk, as recorded on a rented machine
ORDER_CPU_S = 0.002  # of processor time for an order
SIZES = (2, 8, 32, 96)  # cores, as in the price list


def machine_picture() -> Figure:
    """Draw the parts of a database machine that an order needs, one after another."""
    boxes = {
        "clients": Box(x=0, y=0, text="clients", width=1.5),
        "connections": Box(x=2.6, y=0, text="connections", width=2.0, colour=PURPLE),
        "cores": Box(x=5.4, y=0, text="cores", width=1.5, colour=ORANGE),
        "memory": Box(x=5.4, y=-1.2, text="memory", width=1.5, colour=GREEN),
        "log": Box(x=8.2, y=0, text="log disk", width=1.7, colour=RED),
    }
    arrows = [
        Arrow(start="clients", end="connections"),
        Arrow(start="connections", end="cores"),
        Arrow(start="cores", end="memory", both=True),
        Arrow(start="cores", end="log"),
    ]
    return diagram(boxes, arrows, height=2.0)


def orders_per_s(cores: int, clients: int, commits_per_flush: float) -> dict[str, float]:
    """Return what each part of a machine lets through, in orders a second."""
    return {
        "cores": cores / ORDER_CPU_S,
        "log disk": commits_per_flush / FLUSH_S,
        "clients, one after another": clients / (ORDER_CPU_S + FLUSH_S),
    }


def plot_ceilings(ax: Axes, clients: int, commits_per_flush: float) -> Axes:
    """Draw what cores and log disk let through, against the size of the machine."""
    sizes = np.array(SIZES)
    parts = [orders_per_s(int(n), clients, commits_per_flush) for n in sizes]
    for name, colour in zip(parts[0], (ORANGE, RED, BLUE), strict=True):
        ax.plot(sizes, [part[name] for part in parts], color=colour, label=name)
    ax.set(xscale="log", yscale="log", xticks=SIZES, xticklabels=[str(n) for n in SIZES])
    label(ax, x="cores", y="orders per second")
    return label_lines(ax)


Flushes = dict[int, tuple[float, float]]  # clients: commits a second, commits a flush
RECORDED: Flushes = {1: (270.0, 1.0), 4: (700.0, 2.2), 16: (1_900.0, 7.0)}


@cache
def commits_and_flushes(seconds: float = 1.0) -> Flushes | str:
    """Let 1, 4 and 16 clients commit for a while on a server that flushes its log; or say why not.

    Commits a second travel badly from machine to machine; commits a flush less so.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError as error:
        return str(error)
    with cluster:
        server = cluster.primary(fsync="on", autovacuum="off")
        server.rows("create table orders(id bigint generated always as identity, what text)")
        return {clients: _commit(server, clients, seconds) for clients in RECORDED}


def _commit(server: Any, clients: int, seconds: float) -> tuple[float, float]:
    flushed = "select sum(fsyncs) from pg_stat_io where object = 'wal'"
    counts = [0] * clients
    until_s = time.monotonic() + seconds

    def work(i: int) -> None:
        with server.connect() as connection:
            while time.monotonic() < until_s:
                connection.execute("insert into orders(what) values ('lamp')")
                counts[i] += 1

    server.rows("select pg_stat_force_next_flush()")
    before = float(server.value(flushed) or 0)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.rows("select pg_stat_force_next_flush()")
    flushes = float(server.value(flushed) or 0) - before
    return sum(counts) / seconds, sum(counts) / max(flushes, 1.0)


def flush_table() -> Html:
    """Show commits and flushes of a real server by the number of clients."""
    measured = commits_and_flushes()
    found = RECORDED if isinstance(measured, str) else measured
    rows = [
        {"clients": n, "commits/s": rate, "commits for each flush": each}
        for n, (rate, each) in found.items()
    ]
    caption = "Orders on a PostgreSQL server, each a transaction, the log flushed to the disk"
    if isinstance(measured, str):
        caption += "; recorded on two shared cores, November 2026"
    return table(rows, caption)


# Gains and prices --------------------------------------------------------------------------------


def gains(first: int = 4, doublings: int = 6) -> list[dict[str, Any]]:
    """Return what each doubling from so many cores brings, by Amdahl's law."""
    rows = []
    for i in range(doublings):
        cores = first * 2**i
        before, after = (float(_LAW.throughput_per_s(n)) for n in (cores, 2 * cores))
        rows.append(
            {
                "from, cores": cores,
                "to": 2 * cores,
                "gain, ×": after / before,
                "70 % busy becomes, %": 70 * before / after,
            }
        )
    return rows


def plot_units(axes: np.ndarray) -> None:
    """Draw the price list's five rows by three units."""
    sustained, cores, memory, usd = (np.array(column, float) for column in zip(*ROWS, strict=True))
    units = (("virtual core", cores), ("GB of memory", memory), ("core for long", sustained))
    for ax, (name, sizes), colour in zip(axes, units, (BLUE, GREEN, ORANGE), strict=True):
        ax.plot(range(1, 6), usd / sizes, "o-", color=colour)
        ax.set(ylim=(0, 90), xticks=range(1, 6))
        label(ax, x="row of the list", y="dollars a month", title=f"for a {name}")


def plot_price_of_twice(ax: Axes) -> Axes:
    """Draw what twice the performance costs, against the size of the machine that one has."""
    cores = np.linspace(2, 42.4, 200)
    ax.plot(cores, [price_of_twice(float(n)) for n in cores], color=ORANGE)
    ax.axhline(2, color=MUTED, ls=":")
    ax.axvline(cores_for(_LAW.ceiling_per_s / 2), color=RED, ls="--", lw=1)
    ax.set(xlim=(0, 48), ylim=(0, 20))
    for n in (4, 16, 32):
        mark(ax, n, price_of_twice(n), f"{number(price_of_twice(n))} ×", dx=-30, dy=8)
    return label(ax, x="cores that one has", y="price of twice the performance, ×")


def draw_switch(ax: Axes, extra: int) -> str:
    """Draw the price of one machine and of many small ones, with an extra cost for many."""
    rates = np.linspace(100, 11_500, 300)
    per_request = USD_PER_CORE * SMALL / float(_LAW.throughput_per_s(SMALL))
    ax.plot(rates, [USD_PER_CORE * cores_for(float(r)) for r in rates], color=ORANGE, label="one")
    ax.plot(rates, per_request * rates + extra, color=BLUE, label="many small ones")
    switch = switch_point_per_s(extra)
    ax.plot([switch], [per_request * switch + extra], "o", color=INK)
    ax.axvline(_LAW.ceiling_per_s, color=RED, ls="--", lw=1)
    ax.set(xlim=(0, 12_000), ylim=(0, 12_000))
    label(ax, x="requests per second", y="dollars a month")
    ax.legend(loc="upper left")
    return (
        f"With an extra {quantity(extra, '$')} a month for many machines, one is the cheaper way "
        f"up to {number(round(switch))} requests a second."
    )


def one_of_everything() -> list[dict[str, Any]]:
    """How long parts in a row are away in a year, and how often one of several is."""
    hours = 365.25 * 24
    parts = {"one part": [0.999], "machine, disk and network": [0.999] * 3}
    rows = [
        {
            "what": name,
            "all up, %": 100 * float(serial_availability(up)),
            "hours down a year": hours * (1 - float(serial_availability(up))),
        }
        for name, up in parts.items()
    ]
    some = float(some_down_probability(0.999, 1, 10))
    rows.append(
        {
            "what": "ten machines, all of them",
            "all up, %": 100 * (1 - some),
            "hours down a year": hours * some,
        }
    )
    return rows
