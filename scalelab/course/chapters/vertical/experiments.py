"""Experiments of the chapter on vertical scaling: laws through two points, a lock, a price list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.closed_queue import machine_repairman
from scalelab.models.scaling_law import ScalingLaw, amdahl_through, coherency_through, usl_through
from scalelab.plotting import BLUE, GREEN, GRID, INK, MUTED, ORANGE, label, label_lines, mark
from scalelab.quantities import with_error
from scalelab.real.cores import cores, thread_runs
from scalelab.real.supervised import RealComponentError
from scalelab.sim.closed import closed_run
from scalelab.sim.statistics import estimate

MEASURED_CORES, MEASURED_PER_S = (4, 32), (1_000.0, 5_000.0)  # the guide's, of one server


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine that can be rented, as its provider calls it, and the year of the source."""

    name: str
    vcpus: int
    memory_gib: int
    seen: str


# Amazon EC2: the documentation of general-purpose and of memory-optimised instances.
CATALOGUE = (
    Machine(name="m5.large", vcpus=2, memory_gib=8, seen="2024"),
    Machine(name="m5.24xlarge", vcpus=96, memory_gib=384, seen="2024"),
    Machine(name="r8i.96xlarge", vcpus=384, memory_gib=3_072, seen="2025"),
    Machine(name="u-24tb1.112xlarge", vcpus=448, memory_gib=24_576, seen="2024"),
    Machine(name="u7inh-32tb.480xlarge", vcpus=1_920, memory_gib=32_768, seen="2025"),
)
ORDINARY = CATALOGUE[2]  # the largest of a family that also comes in small sizes
# The guide's own price list of databases: virtual cores, and dollars a month.
PRICES = ((2, 140), (8, 560), (32, 2_240), (96, 6_720))  # its m5 family
USD_PER_CORE = 70.0  # of each of them
SMALL_KIND = (2, 30)  # its first row, a t3.small: another family, with 2 GB of memory


def machine_picture() -> Figure:
    """Draw the machine before and after, and what grew."""
    boxes = {
        "small": Box(x=0, y=0, text="4 cores\n16 GB\n500 GB SSD", width=1.5, height=1.3),
        "large": Box(
            x=4.4,
            y=0,
            text="32 cores\n128 GB\n2 TB NVMe",
            colour=ORANGE,
            width=2.4,
            height=2.3,
        ),
    }
    upgrade = Arrow(start="small", end="large", text="stop, upgrade, start")
    notes = [(0, -1.5, "1,000 requests/s"), (4.4, -1.5, "5,000 requests/s")]
    return diagram(boxes, [upgrade], height=2.5, notes=notes)


def standby_picture() -> Figure:
    """Draw an active machine with a standby."""
    boxes = {
        "users": Box(x=0, y=0.9, text="users", width=1.3),
        "active": Box(x=4.2, y=1.8, text="active machine", colour=ORANGE, width=2.2),
        "standby": Box(x=4.2, y=0, text="standby", colour=GREEN, width=2.2),
    }
    arrows = [
        Arrow(start="users", end="active", text="as a rule"),
        Arrow(start="users", end="standby", text="after a failure", dashed=True),
        Arrow(start="active", end="standby", text="every change"),
    ]
    return diagram(boxes, arrows, height=2.3)


def laws() -> dict[str, ScalingLaw]:
    """Return the two laws that both pass through the guide's two measurements."""
    return {
        "contention (Amdahl)": amdahl_through(MEASURED_CORES, MEASURED_PER_S),
        "coherency": coherency_through(MEASURED_CORES, MEASURED_PER_S),
    }


def plot_two_laws(ax: Axes) -> Axes:
    """Draw the two laws that meet the guide's two measurements."""
    sizes = np.linspace(1, 128, 256)
    for (name, law), colour in zip(laws().items(), (BLUE, ORANGE), strict=True):
        ax.plot(sizes, np.asarray(law.throughput_per_s(sizes)), color=colour, label=name)
    ax.plot(MEASURED_CORES, MEASURED_PER_S, "o", color=INK)
    ax.set(xlim=(0, 128), ylim=(0, 9_500))
    label(ax, x="cores", y="requests per second")
    return label_lines(ax)


def draw_third(ax: Axes, cores_of_third: int, between: float) -> str:
    """Draw both laws, and the one through a third measurement that lies between them.

    `between` says where it falls: 0 on the curve of coherency, 1 on Amdahl's.
    """
    upper, lower = laws()["contention (Amdahl)"], laws()["coherency"]
    low, high = (float(law.throughput_per_s(cores_of_third)) for law in (lower, upper))
    third = low + between * (high - low)
    points = ([*MEASURED_CORES, cores_of_third], [*MEASURED_PER_S, third])
    found = usl_through(*points)
    n = np.linspace(1, 160, 320)
    for law, colour, name in (
        (upper, BLUE, "contention alone"),
        (lower, ORANGE, "coherency alone"),
    ):
        ax.plot(n, law.throughput_per_s(n), color=colour, label=name)
    ax.plot(n, found.throughput_per_s(n), color=GREEN, label="through all three")
    ax.plot(MEASURED_CORES, MEASURED_PER_S, "o", color=MUTED)
    mark(ax, cores_of_third, third, f"{third:,.0f}")
    ax.set(xlim=(0, 160), ylim=(0, 10_000))
    label(ax, x="cores", y="requests/s")
    label_lines(ax)
    peak = f"a peak at {found.peak_n:.0f} cores" if found.peak_n < 10_000 else "no peak"
    return (
        f"A third measurement of {third:,.0f} requests/s at {cores_of_third} cores: σ = "
        f"{found.sigma:.4f}, κ = {found.kappa:.6f}, {peak}, at most {found.ceiling_per_s:,.0f} "
        "requests/s."
    )


def locked_speedup(
    rng: np.random.Generator, cores: int, locked_share: float, requests: int = 60_000
) -> float:
    """Simulate cores that all need one lock for a share of each request, in (0, 1).

    Returned are requests per time that one core needs for one.
    """
    outside, inside = rng.spawn(2)
    run = closed_run(
        outside.exponential(1 - locked_share, requests),
        inside.exponential(locked_share, requests),
        customers=cores,
    )
    arrivals = run.arrival_s[requests // 5 : -cores]  # without the beginning and the end
    return float((arrivals.size - 1) / (arrivals[-1] - arrivals[0]))


def lock_rows(seed: int, locked_share: float) -> list[dict[str, Any]]:
    """Set a lock, by theory and simulated ten times, beside Amdahl's law, as rows of a table."""
    rows = []
    for size in (4, 16, 32, 44, 64):
        rngs = np.random.default_rng(seed).spawn(10)
        found = estimate([locked_speedup(rng, size, locked_share) for rng in rngs])
        loop = machine_repairman(size, 1 - locked_share, locked_share, servers=1)
        rows.append(
            {
                "cores": size,
                "a lock, ×": loop.throughput_per_s,
                "simulated, ×": with_error(found.mean, found.standard_error),
                "Amdahl, ×": float(amdahl_speedup(size, locked_share)),
            }
        )
    return rows


def price_table(law: ScalingLaw) -> Html:
    """Put what a machine costs beside what it does, for all rows of the guide's price list.

    The law gives the throughput by the number of cores. It is not known of the small kind.
    """
    rows = []
    for i, (size, dollars) in enumerate([SMALL_KIND, *PRICES]):
        rate = float(law.throughput_per_s(size))
        rows.append(
            {
                "kind": "m5" if i else "t3",
                "cores": size,
                "$ a month": dollars,
                "$ a core": dollars / size,
                "$ for 1 request/s": dollars / rate if i else "",
            }
        )
    return table(rows, "What a core costs, and what a request costs, by size")


def usd_for_load(law: ScalingLaw, rate_per_s: ArrayLike) -> v.FloatArray:
    """Dollars a month of one machine that does so many requests a second, were there any size.

    The law is one without coherency; at its ceiling no size is enough.
    """
    rate = np.asarray(rate_per_s, dtype=float)
    size = rate * (1 - law.sigma) / (law.unit_throughput_per_s - law.sigma * rate)
    return USD_PER_CORE * size


def plot_price_of_load(ax: Axes, law: ScalingLaw) -> Axes:
    """Draw what one machine costs by what it must do, beside machines of two cores."""
    rate = np.linspace(200, 0.999 * law.ceiling_per_s, 400)
    ax.plot(rate, usd_for_load(law, rate), color=BLUE, label="one machine")
    each = float(law.throughput_per_s(2))
    ax.plot(rate, PRICES[0][1] * rate / each, color=ORANGE, label="many small")
    ax.axvline(law.ceiling_per_s, color=MUTED, lw=1, ls=":")
    ax.set(xlim=(0, 1.02 * law.ceiling_per_s), yscale="log", ylim=(30, 1e6))
    label(ax, x="requests per second", y="dollars a month")
    return label_lines(ax)


def plot_truth(ax: Axes, truth: ScalingLaw, believed: ScalingLaw) -> Axes:
    """Draw what a machine does beside what the law through two measurements says."""
    sizes = np.linspace(1, 128, 256)
    ax.axvspan(0, MEASURED_CORES[1], color=GRID, lw=0, alpha=0.5)
    ax.plot(sizes, np.asarray(believed.throughput_per_s(sizes)), color=BLUE, label="believed")
    ax.plot(sizes, np.asarray(truth.throughput_per_s(sizes)), color=ORANGE, label="true")
    ax.plot(MEASURED_CORES, MEASURED_PER_S, "o", color=INK)
    ax.set(xlim=(0, 128), ylim=(0, 9_500))
    label(ax, x="cores", y="requests per second")
    return label_lines(ax)


def own_cores(locked_share: float, seconds: float = 0.25) -> Html:
    """Measure this machine: threads that hold a lock for a share of each job, beside Amdahl's law.

    Each number of threads works for so many seconds.
    """
    numbers = sorted({1, 2, cores()} & set(range(1, cores() + 1)))
    try:
        runs = thread_runs(numbers, locked_share, seconds=seconds)
    except RealComponentError as missing:
        return note(f"{missing}; the law has to do.")
    if len(numbers) < 2:
        return note("This machine has one core, so there is nothing to scale here.")
    return table(
        [
            {
                "threads": run.threads,
                "times as much as one": run.jobs_per_s / runs[0].jobs_per_s,
                "Amdahl": float(amdahl_speedup(run.threads, locked_share)),
            }
            for run in runs
        ],
        "Threads on this machine",
    )


def draw_price(axes: np.ndarray, gain: float) -> str:
    """Draw what a multiple of performance costs when a doubling of hardware brings `gain` times."""
    doublings = np.arange(0, 6)
    hardware, performance = 2.0**doublings, gain**doublings
    axes[0].plot(doublings, performance, "o-", color=BLUE)
    label(axes[0], x="doublings of hardware and price", title="performance, times the first")
    axes[1].plot(doublings, hardware / performance, "o-", color=ORANGE)
    label(axes[1], x="doublings of hardware and price", title="price of a request, times the first")
    twice = 2.0 ** (np.log(2) / np.log(gain))
    return (
        f"Each doubling brings {gain:g} times: after five, {performance[-1]:.1f} times the "
        f"performance for 32 times the price. Twice the performance costs {twice:.2f} times."
    )
