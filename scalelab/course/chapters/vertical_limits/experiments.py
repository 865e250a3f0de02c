"""Experiments of the chapter on the limits of a larger database server."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.chapters.vertical.experiments import (
    MEASURED_CORES,
    MEASURED_PER_S,
    USD_PER_CORE,
    laws,
)
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.availability import serial_availability, some_down_probability
from scalelab.models.cost import price_elasticity
from scalelab.plotting import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RED,
    label,
    label_lines,
    mark,
    write,
)
from scalelab.quantities import number, quantity

# The guide's price list: cores that may be kept busy, virtual cores, GB of memory, $ a month.
ROWS = (
    (0.4, 2, 2, 30),
    (2.0, 2, 8, 140),
    (8.0, 8, 32, 560),
    (32.0, 32, 128, 2_240),
    (96.0, 96, 384, 6_720),
)
KINDS = ("db.t3.small", "db.m5.large", "db.m5.2xlarge", "db.m5.8xlarge", "db.m5.24xlarge")
_LAW, _OTHER = laws().values()  # Amdahl's and coherency, through the guide's two measurements
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


def price_list() -> list[dict[str, Any]]:
    """Return the guide's list with the column that it calls cost for performance."""
    return [
        {
            "machine": name,
            "virtual cores": cores,
            "memory, GB": memory,
            "$ a month": usd,
            "cost/perf, $": round(usd / cores),
        }
        for name, (_, cores, memory, usd) in zip(KINDS, ROWS, strict=True)
    ]


# Which part is full first ------------------------------------------------------------------------

ORDER_CPU_S = 0.002  # of processor time for an order
ORDER_PAGES = 4  # that an order touches, from memory or else from the data disk
DATA_READS_PER_S = 16_000  # of a disk of its own, whatever machine it is attached to
FLUSH_S = 0.001  # of the log to such a disk
MOST_CONNECTIONS, CONNECTIONS_A_GB = 5_000, 112  # a provider's rule: by memory, up to a limit
PARTS = {"cores": ORANGE, "data disk": GREEN, "log disk": RED, "connections": PURPLE}
NAMES = ("t3: 2", *(str(cores) for _, cores, _, _ in ROWS[1:]))


def machine_picture() -> Figure:
    """Draw the parts of a database machine that an order needs, one after another."""
    boxes = {
        "clients": Box(x=0, y=0, text="clients", width=1.5),
        "connections": Box(x=2.6, y=0, text="connections", width=2.0, colour=PURPLE),
        "cores": Box(x=5.4, y=0, text="cores", width=1.5, colour=ORANGE),
        "memory": Box(x=5.4, y=-1.2, text="memory", width=1.5, colour=GREEN),
        "data": Box(x=8.2, y=-1.2, text="data disk", width=1.7, colour=GREEN),
        "log": Box(x=8.2, y=0, text="log disk", width=1.7, colour=RED),
    }
    arrows = [
        Arrow(start="clients", end="connections"),
        Arrow(start="connections", end="cores"),
        Arrow(start="cores", end="memory", both=True),
        Arrow(start="memory", end="data", both=True),
        Arrow(start="cores", end="log"),
    ]
    return diagram(boxes, arrows, height=2.0)


def assumed() -> str:
    """Say what the comparison of parts takes for granted."""
    return (
        f"Assume {1e3 * ORDER_CPU_S:.0f} ms of a core and {ORDER_PAGES} pages for an order, every "
        f"page of the data equally likely; a data disk of {DATA_READS_PER_S:,} reads a second, a "
        f"flush of {1e3 * FLUSH_S:.0f} ms, and {CONNECTIONS_A_GB} connections for each GB of "
        f"memory, at most {MOST_CONNECTIONS:,}. The t3.small counts as {ROWS[0][0]} cores; "
        "section 3 says why. The lowest line is the limit."
    )


def orders_per_s(
    row: int, *, for_each_flush: float, data_gb: float, held_ms: float
) -> dict[str, float]:
    """Return how many orders a second each part of a row of the list lets through.

    Every page of the data is as likely to be touched as any other, so that memory holds a page with
    probability memory / data. By Little's law connections give one order each `held_ms`.
    """
    sustained, _, memory_gb, _ = ROWS[row]
    missed = ORDER_PAGES * max(0.0, 1 - memory_gb / data_gb)
    connections = min(MOST_CONNECTIONS, CONNECTIONS_A_GB * memory_gb)
    return {
        "cores": sustained / ORDER_CPU_S,
        "data disk": DATA_READS_PER_S / missed if missed else math.inf,
        "log disk": for_each_flush / FLUSH_S,
        "connections": connections / (held_ms / 1e3),
    }


def first_full(row: int, **load: float) -> str:
    """Return the part of a row of the list that is full first."""
    parts = orders_per_s(row, **load)
    return min(parts, key=parts.__getitem__)


def draw_ceilings(ax: Axes, for_each_flush: int, data_gb: int, held_ms: int) -> str:
    """Draw what each part lets through, for the machines of the list."""
    load = {"for_each_flush": for_each_flush, "data_gb": data_gb, "held_ms": held_ms}
    found = [orders_per_s(row, **load) for row in range(len(ROWS))]
    at = range(len(ROWS))
    for part, colour in PARTS.items():
        values = [parts[part] if parts[part] < 1e6 else np.nan for parts in found]
        ax.plot(at, values, "o-", color=colour, label=part, markersize=4)
    lowest = [min(parts.values()) for parts in found]
    ax.plot(at, lowest, color=INK, lw=6, alpha=0.15, solid_capstyle="round")
    ax.set(yscale="log", ylim=(80, 300_000), xlim=(-0.2, 4.2), xticks=at, xticklabels=NAMES)
    label(ax, x="cores of the machine", y="orders per second")
    ax.legend(loc="upper left", ncols=2)
    first = [first_full(row, **load) for row in at]
    return "Full first, from the smallest machine to the largest: " + ", ".join(first) + "."


# Gains and prices --------------------------------------------------------------------------------


def gain(cores: float) -> float:
    """Throughput of twice the cores over that of these, by Amdahl's law."""
    return float(_LAW.throughput_per_s(2 * cores)) / float(_LAW.throughput_per_s(cores))


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
                "then requests/s": round(after),
                "gain, ×": after / before,
                "busy after it, %": 70 * before / after,
            }
        )
    return rows


def upgrade_years(first: int = 4) -> list[float]:
    """Return when a machine is 70 % busy and doubled, in years from the first time.

    The load doubles every year. The last is when it passes 70 % of the law's ceiling.
    """
    start = float(_LAW.throughput_per_s(first))
    ceiling = math.log2(_LAW.ceiling_per_s / start)
    times = [math.log2(float(_LAW.throughput_per_s(first * 2**i)) / start) for i in range(12)]
    return [*times, ceiling]


def plot_years(ax: Axes, first: int = 4) -> Axes:
    """Draw how busy a machine is that is doubled at 70 %, while the load doubles every year."""
    start = float(_LAW.throughput_per_s(first))
    marks = upgrade_years(first)
    for i, (begin, end) in enumerate(itertools.pairwise(marks)):
        capacity = float(_LAW.throughput_per_s(first * 2 ** (i + 1)))
        years = np.linspace(begin, end, 40)
        ax.plot(years, 70 * start * 2**years / capacity, color=ORANGE)
        ax.plot([begin, begin], [70, 70 * start * 2**begin / capacity], color=ORANGE, lw=0.8)
    ax.axhline(70, color=MUTED, ls=":")
    ax.set(xlim=(0, 3.8), ylim=(0, 80))
    return label(ax, x="years since the first upgrade", y="busy, %")


def price_slopes() -> tuple[float, float]:
    """Return by which power of the cores the price grows: in all five rows, in one family."""
    _, cores, _, usd = (np.array(column, float) for column in zip(*ROWS, strict=True))
    return price_elasticity(cores, usd), price_elasticity(cores[1:], usd[1:])


def plot_families(ax: Axes) -> Axes:
    """Draw price against cores: one family, the other, and a line through all five."""
    _, cores, _, usd = (np.array(column, float) for column in zip(*ROWS, strict=True))
    slope, _ = price_slopes()
    middle = float(np.exp(np.mean(np.log(usd) - slope * np.log(cores))))
    sizes = np.array([1.6, 120.0])
    ax.plot(sizes, middle * sizes**slope, color=MUTED, ls=":", label="all five")
    ax.plot(cores[1:], usd[1:], "o-", color=BLUE, label="m5")
    ax.plot(cores[:1], usd[:1], "s", color=ORANGE)
    write(ax, cores[0], usd[0], "t3", dx=10, dy=-4)
    ax.set(xscale="log", yscale="log", xlim=(1.6, 120), ylim=(15, 12_000), xticks=(2, 8, 32, 96))
    ax.set_xticklabels(["2", "8", "32", "96"])
    ax.minorticks_off()
    label(ax, x="virtual cores", y="dollars a month")
    return label_lines(ax)


def plot_units(axes: np.ndarray) -> None:
    """Draw the price list's five rows by three units."""
    sustained, cores, memory, usd = (np.array(column, float) for column in zip(*ROWS, strict=True))
    units = (("virtual core", cores), ("GB of memory", memory), ("core busy all day", sustained))
    for ax, (name, sizes), colour in zip(axes, units, (BLUE, GREEN, ORANGE), strict=True):
        ax.plot(range(1, 6), usd / sizes, "o-", color=colour)
        ax.set(ylim=(0, 90), xticks=range(1, 6))
        label(ax, x="machine of the list", y="dollars a month", title=f"for a {name}")


def plot_price_of_twice(ax: Axes) -> Axes:
    """Draw what twice the performance costs, against the size of the machine that one has."""
    cores = np.linspace(2, 42.4, 200)
    ax.plot(cores, [price_of_twice(float(n)) for n in cores], color=ORANGE)
    ax.axhline(2, color=MUTED, ls=":")
    ax.axvline(cores_for(_LAW.ceiling_per_s / 2), color=RED, ls="--", lw=1)
    ax.set(xlim=(0, 48), ylim=(0, 20))
    for n in (4, 25, 32):
        mark(ax, n, price_of_twice(n), f"{price_of_twice(n):.1f} ×", dx=4 if n == 4 else -6)
    return label(ax, x="cores that one has", y="price of twice, ×")


def draw_switch(ax: Axes, extra: int) -> str:
    """Draw the price of one machine and of many small ones, with an extra cost for many."""
    rates = np.linspace(100, 11_500, 300)
    per_request = USD_PER_CORE * SMALL / float(_LAW.throughput_per_s(SMALL))
    ax.plot(rates, [USD_PER_CORE * cores_for(float(r)) for r in rates], color=ORANGE, label="one")
    ax.plot(rates, per_request * rates + extra, color=BLUE, label="many small ones")
    switch = switch_point_per_s(extra)
    ax.plot([switch], [per_request * switch + extra], "o", color=INK)
    ax.axvline(_LAW.ceiling_per_s, color=RED, ls="--", lw=1)
    ax.set(xlim=(0, 12_000), ylim=(0, 12_000), xticks=range(0, 12_001, 4_000))
    label(ax, x="requests per second", y="dollars a month")
    ax.legend(loc="upper left")
    return (
        f"With an extra {quantity(extra, '$')} a month for many machines, one is the cheaper way "
        f"up to {number(round(switch))} requests a second."
    )


def one_of_everything(part: float = 0.999) -> list[dict[str, Any]]:
    """How long a part, a machine of three parts, and some of ten such machines are down a year."""
    machine = float(serial_availability([part] * 3))
    down = {
        "one part": 1 - part,
        "a machine: power, disk, network": 1 - machine,
        "one or more of ten machines": float(some_down_probability(machine, 1, 10)),
        "two or more of ten machines": float(some_down_probability(machine, 2, 10)),
    }
    hours = 365.25 * 24
    return [
        {"what is down": name, "of the time, %": 100 * share, "hours a year": hours * share}
        for name, share in down.items()
    ]


# Break it ----------------------------------------------------------------------------------------


def peak() -> tuple[float, float]:
    """Return cores and requests a second at the peak of the other law through the same points."""
    return _OTHER.peak_n, float(_OTHER.throughput_per_s(_OTHER.peak_n))


def apart() -> float:
    """Return how far the laws are apart at most between the measurements, as a share."""
    cores = np.linspace(*MEASURED_CORES, 200)
    lower, upper = (np.asarray(law.throughput_per_s(cores)) for law in (_LAW, _OTHER))
    return float(np.max(np.abs(upper / lower - 1)))


def plot_two_prices(ax: Axes) -> Axes:
    """Draw the price of one machine by both laws that pass through the two measurements."""
    cores = np.linspace(1, 128, 512)
    usd = USD_PER_CORE * cores
    ax.plot(np.asarray(_LAW.throughput_per_s(cores)), usd, color=ORANGE, label="a share in turn")
    ax.plot(np.asarray(_OTHER.throughput_per_s(cores)), usd, color=PURPLE, label="cores in pairs")
    ax.plot(MEASURED_PER_S, [USD_PER_CORE * n for n in MEASURED_CORES], "o", color=INK)
    ax.set(xlim=(0, 9_000), ylim=(0, 9_500), xticks=range(0, 9_001, 3_000))
    label(ax, x="requests per second", y="dollars a month")
    return label_lines(ax)
