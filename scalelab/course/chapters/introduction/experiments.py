"""What scalability is, as a test that a system passes or fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.erlang import UnstableQueueError
from scalelab.models.staffing import smallest_servers, smallest_servers_for_response
from scalelab.models.usl import usl_capacity, usl_peak
from scalelab.models.waiting_times import mmc_response_percentile_s
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, label, label_lines, mark

SERVICE_PER_S = 100.0  # requests per second of one server
BASE_LOAD_PER_S = 400.0
USD_PER_SERVER_MONTH = 70.0
SIGMA, KAPPA = 0.02, 0.0005  # of the cluster whose nodes must agree
GROWTH = (1, 2, 4, 7, 10)
# Assumed habits of users: a fifth come on a day, 50 requests each, peak five times the mean.
HABITS = {"daily_active_share": 0.2, "requests_per_active_user": 50, "peak_to_mean": 5}


@dataclass(frozen=True, kw_only=True)
class Report:
    """How a system does at one load.

    The 99th percentile of its response time is infinite where the load is not carried; a million
    requests cost what those that are served cost, since what is turned away earns nothing; it
    survives if the rest carries the load when one server fails.
    """

    load_per_s: float
    servers: int
    p99_s: float
    usd_per_million: float
    survives: bool
    utilisation: float


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """The four thresholds of an acceptance: performance, cost, availability, efficiency.

    The cost is that of a request over its cost at the first load.
    """

    max_p99_s: float = 0.1
    max_cost_growth: float = 1.15
    must_survive: bool = True
    min_utilisation: float = 0.4


System = Callable[[float], Report]


def report(load_per_s: float, servers: int, rate_per_s: float = SERVICE_PER_S) -> Report:
    """Judge so many servers of a given rate under a load, one line before them all."""

    def p99_s(number: int) -> float:
        try:
            return float(mmc_response_percentile_s(0.99, load_per_s, rate_per_s, number))
        except UnstableQueueError:
            return float("inf")

    month_s = 365 * 86_400 / 12
    served_per_s = min(load_per_s, servers * rate_per_s)
    cost = servers * USD_PER_SERVER_MONTH / (served_per_s * month_s) * 1e6
    return Report(
        load_per_s=load_per_s,
        servers=servers,
        p99_s=p99_s(servers),
        usd_per_million=cost,
        survives=servers > 1 and p99_s(servers - 1) < float("inf"),
        utilisation=min(1.0, load_per_s / (servers * rate_per_s)),
    )


def shared_fleet(load_per_s: float) -> Report:
    """Stateless servers behind one line: as many as p99 needs, and one to spare."""
    enough = smallest_servers_for_response(
        load_per_s, SERVICE_PER_S, percentile=0.99, max_response_s=0.08
    )
    return report(load_per_s, enough + 1)


def _smallest(load_per_s: float, most: int, gain: Callable[[int], float], spare: int) -> Report:
    """Judge as many nodes as carry a load at 80 %, and some to spare; at most all that help."""
    sizes = range(1, most + 1)
    enough = next((n for n in sizes if SERVICE_PER_S * gain(n) * 0.8 >= load_per_s), None)
    size = most if enough is None else enough + spare
    return report(load_per_s, size, SERVICE_PER_S * gain(size) / size)


def agreeing_cluster(load_per_s: float) -> Report:
    """Nodes that must agree on every write: each further one slows all others."""
    most = round(usl_peak(SIGMA, KAPPA))
    return _smallest(load_per_s, most, lambda n: float(usl_capacity(n, SIGMA, KAPPA)), spare=1)


def one_machine(load_per_s: float) -> Report:
    """One machine with as many cores as it takes, up to 96; 2.3 % of the work is serial."""
    found = _smallest(load_per_s, 96, lambda n: float(amdahl_speedup(n, 0.0229)), spare=0)
    return replace(found, survives=False)  # its cores fail together


SYSTEMS: dict[str, System] = {
    "a shared fleet": shared_fleet,
    "a cluster that must agree": agreeing_cluster,
    "one machine": one_machine,
}


def sweep_load(system: System, growth: Iterable[float] = GROWTH) -> list[Report]:
    """Judge a system at multiples of the base load."""
    return [system(BASE_LOAD_PER_S * factor) for factor in growth]


def failures(reports: list[Report], criteria: Criteria) -> list[list[str]]:
    """Name the criteria that each report fails; empty lists where it passes."""
    first = reports[0].usd_per_million
    return [
        [
            name
            for name, failed in (
                ("performance", found.p99_s > criteria.max_p99_s),
                ("cost", found.usd_per_million > criteria.max_cost_growth * first),
                ("availability", criteria.must_survive and not found.survives),
                ("efficiency", found.utilisation < criteria.min_utilisation),
            )
            if failed
        ]
        for found in reports
    ]


def acceptance(name: str) -> Html:
    """Show the sweep of one of `SYSTEMS`, and what it fails at each load."""
    reports = sweep_load(SYSTEMS[name])
    verdicts = failures(reports, Criteria())
    return table(
        [
            {
                "load, requests/s": found.load_per_s,
                "p99, ms": 1e3 * found.p99_s if found.p99_s < float("inf") else "not carried",
                "$ per million": found.usd_per_million,
                "busy, %": 100 * found.utilisation,
                "fails": ", ".join(failed) or "nothing",
            }
            for found, failed in zip(reports, verdicts, strict=True)
        ],
        f"{name[:1].upper()}{name[1:]}, judged at each load",
    )


def scalable_up_to(name: str, criteria: Criteria | None = None) -> float:
    """Return the largest multiple of the base load, from 1 on, up to which all criteria hold."""
    held = 0.0
    growth = np.arange(1, 10.5, 0.5)
    reports = sweep_load(SYSTEMS[name], growth)
    for factor, failed in zip(growth, failures(reports, criteria or Criteria()), strict=True):
        if failed:
            break
        held = float(factor)
    return held


def growth_picture() -> Figure:
    """Draw the three ways to meet a growing load."""
    boxes = {
        "one": Box(x=0, y=0, text="one server"),
        "more": Box(x=4.2, y=1.3, text="more servers", colour=ORANGE, width=2.0),
        "larger": Box(x=4.2, y=0, text="a larger server", colour=GREEN, width=2.0),
        "less": Box(x=4.2, y=-1.3, text="less work for each", width=2.2),
    }
    arrows = [
        Arrow(start="one", end="more", text="out"),
        Arrow(start="one", end="larger", text="up"),
        Arrow(start="one", end="less", text="better"),
    ]
    return diagram(boxes, arrows, height=2.8)


def servers_per_erlang(erlangs: float) -> tuple[int, float]:
    """Fewest servers with which one request in ten waits, and that number for each erlang."""
    number = smallest_servers(erlangs, 1.0, max_wait_probability=0.1)
    return number, number / erlangs


def plot_margin(ax: Axes) -> Axes:
    """Draw the servers for each unit of load, if one request in ten may wait."""
    loads = np.unique(np.geomspace(1, 1_000, 60).round())
    each = [servers_per_erlang(float(load))[1] for load in loads]
    ax.semilogx(loads, each, color=BLUE)
    ax.axhline(1, color=MUTED, lw=1, ls=":")
    for load in (10, 1_000):
        number, per_unit = servers_per_erlang(load)
        mark(ax, load, per_unit, f"{number:,} for {load:,}", dx=-6 if load > 10 else 8, dy=16)
    ax.set(ylim=(0.9, 3.1), xlim=(0.9, 1_100))
    return label(ax, x="load, busy servers", y="servers for each unit of load")


def plot_p99(ax: Axes) -> Axes:
    """Draw the 99th percentile of the response of each of `SYSTEMS` against the load."""
    factors = np.arange(1, 10.01, 0.25)
    for (name, system), colour in zip(SYSTEMS.items(), (BLUE, ORANGE, GREEN), strict=True):
        found = [1e3 * system(BASE_LOAD_PER_S * f).p99_s for f in factors]
        carried = np.array([p99 if p99 < float("inf") else np.nan for p99 in found])
        ax.plot(factors, carried, color=colour, label=name)
    ax.axhline(1e3 * Criteria().max_p99_s, color=MUTED, lw=1, ls=":")
    ax.set(xlim=(1, 10), ylim=(0, 120))
    return label(ax, x="load, multiples of the first", y="p99, ms", legend=True)


def plot_thresholds(ax: Axes) -> Axes:
    """Draw up to which load two systems pass, by what a request may cost."""
    growth = np.array([1.0, 1.15, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0])
    for name, colour in zip(list(SYSTEMS)[:2], (BLUE, ORANGE), strict=True):
        passed = [scalable_up_to(name, Criteria(max_cost_growth=float(most))) for most in growth]
        ax.plot(growth, passed, "o-", color=colour, label=name)
    ax.set(xlim=(0.95, 3.05), ylim=(0, 11))
    label(ax, x="a request may cost, times the first", y="passes up to, × the first")
    return label_lines(ax)


def draw_cost(ax: Axes, system: str, growth: float) -> str:
    """Draw the cost of a million requests against the load for one of `SYSTEMS`.

    Marked is a multiple of the base load.
    """
    factors = np.geomspace(1, 16, 60)
    reports = [SYSTEMS[system](BASE_LOAD_PER_S * f) for f in factors]
    carried = np.array([found.p99_s < float("inf") for found in reports])
    cost = np.array([found.usd_per_million for found in reports])
    ax.plot(factors[carried], cost[carried], color=BLUE, label="carried")
    ax.plot(factors[~carried], cost[~carried], ".", color=ORANGE, label="not carried")
    ax.axvline(growth, color=MUTED, linewidth=1)
    label(ax, x="load, multiples of the first", y="$ per million requests", legend=True)
    ax.set_ylim(0, 1.3 * cost.max())
    found = SYSTEMS[system](BASE_LOAD_PER_S * growth)
    state = f"p99 {1e3 * found.p99_s:.0f} ms" if found.p99_s < float("inf") else "not carried"
    return (
        f"{system.capitalize()} at {growth:g} times the load: {found.servers} servers, {state}, "
        f"{found.usd_per_million:.3f} $ per million requests."
    )
