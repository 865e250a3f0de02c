"""Figures of the page on speed, from the files that the benchmarks write."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, canvas, label, plot_bars
from scalelab.quantities import number

CACHES = "of 1,000,000 keys"  # in the titles of jobs that are caches
OURS_TOO = ("zipf_trace, tables included", "lru_curve, exact", "numba, with branches")
_LONGEST = 23  # characters of a row's name: a phone has no room for more
_ROW = 0.26  # inches
_ROW_OF_TWO_LINES = 0.4

Rates = Mapping[str, float]  # million a second, by whose: "ours", "plain", "other"
_SERIES = {
    "ours": ("ours", BLUE, "o"),
    "plain": ("ours, plain", GREEN, "|"),
    "other": ("best other", ORANGE, "D"),
}


def read_rates(file: str | Path) -> dict[str, Rates]:
    """Read the rates of each job: ours, ours without numba, and the fastest that is not ours."""
    found: dict[str, Rates] = {}
    for job, lines in pd.read_csv(file, dtype=str).groupby("job", sort=False):
        own = str(lines["who"].iloc[0]).partition(",")[0]
        rates: dict[str, float] = {}
        for who, million in zip(lines["who"], lines["million"], strict=True):
            whose = (
                "plain" if who == f"{own}, plain" else "ours" if who.startswith(own) else "other"
            )
            if who not in OURS_TOO:
                rates[whose] = max(rates.get(whose, 0.0), float(million.replace(",", "")))
        found[str(job)] = rates
    return found


def gains(rates: Iterable[Rates]) -> list[float]:
    """Return how many times as fast as the fastest other each job is, where there is another."""
    return [each["ours"] / each["other"] for each in rates if "other" in each]


def _short(job: str) -> str:
    job = job.removesuffix(", 10 % of the keys")
    short = job if len(job) <= _LONGEST else job.partition(", ")[0]
    return textwrap.fill(short, _LONGEST)


def _names(jobs: Iterable[str]) -> dict[str, str]:
    """Return a short name for each job, with its last two words where others have the same."""
    short = {job: _short(job) for job in jobs}
    shared = Counter(short.values())
    return {job: name if shared[name] == 1 else _longer(name, job) for job, name in short.items()}


def _longer(name: str, job: str) -> str:
    return textwrap.fill(f"{name}, {' '.join(job.split()[-2:])}", _LONGEST)


def _rows(ax: Axes, names: list[str]) -> None:
    """Name the rows of a plot of dots, the first on top, below a line for the legend."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -1.7)
    ax.set_xscale("log")


def _draw_rates(ax: Axes, rates: Mapping[str, Rates]) -> None:
    for whose, (name, colour, marker) in _SERIES.items():
        places = [(each[whose], i) for i, each in enumerate(rates.values()) if whose in each]
        x, y = zip(*places, strict=True)
        ax.plot(x, y, marker, color=colour, label=name, markersize=7, markeredgewidth=2)
    _rows(ax, list(rates))


def rates_figure(rates: Mapping[str, Rates]) -> Figure:
    """Draw what a second does of each job that is no cache: a dot for each way to do it."""
    names = _names(job for job in rates if CACHES not in job)
    found = {name: rates[job] for job, name in names.items()}
    row = _ROW_OF_TWO_LINES if any("\n" in name for name in found) else _ROW
    figure, ax = canvas(height=row * len(found) + 1.2)
    _draw_rates(ax, found)
    label(ax, x="million a second")
    _legend(ax)
    return figure


def caches_figure(rates: Mapping[str, Rates]) -> Figure:
    """Draw the same of the caches, a panel for each size."""
    found: dict[str, dict[str, Rates]] = {}
    for job, each in rates.items():
        policy, _, rest = job.partition(", ")
        if CACHES in job and not job.startswith("Draws"):
            found.setdefault(rest.partition(" of ")[0], {})[policy] = each
    policies = max(map(len, found.values()))
    figure, axes = canvas(len(found), height=_ROW * policies + 1.4, sharex=True)
    axes = np.atleast_1d(axes)
    for ax, (size, inside) in zip(axes, found.items(), strict=True):
        _draw_rates(ax, inside)
        label(ax, x="million a second", title=f"{size} places")
    _legend(axes[0])
    return figure


def _legend(ax: Axes) -> None:
    """Name the dots in a line above the first row, which asks for no room beside the plot."""
    ax.legend(
        loc="upper left",
        ncols=3,
        frameon=False,
        fontsize=9.5,
        borderpad=0,
        handletextpad=0.2,
        columnspacing=0.9,
    ).set_in_layout(False)


def cost_figure(file: str | Path) -> Figure:
    """Draw what an item costs in the smallest run and in the largest, and all between as a line."""
    lines = pd.read_csv(file)
    names, ends = [], []
    figure, ax = canvas(height=_ROW * lines["simulator"].nunique() + 1.2)
    for i, (name, runs) in enumerate(lines.groupby("simulator", sort=False)):
        names.append(_short(str(name)))
        ends.append((runs["ns"].iloc[0], runs["ns"].iloc[-1]))
        ax.hlines(i, runs["ns"].min(), runs["ns"].max(), color=MUTED, linewidth=1.5)
    few, many = (f"{number(float(lines['n'].agg(which)))} items" for which in ("min", "max"))
    first, last = zip(*ends, strict=True)
    ax.plot(first, range(len(names)), "D", color=ORANGE, label=few, markersize=6)
    ax.plot(last, range(len(names)), "o", color=BLUE, label=many, markersize=7)
    _rows(ax, names)
    label(ax, x="nanoseconds an item")
    _legend(ax)
    return figure


def compiling_figure(file: str | Path) -> Figure:
    """Draw how long the first call of every kernel takes, and what of it takes how long."""
    lines = pd.read_csv(file)
    figure, ax = canvas(height=2.6)
    names = (textwrap.fill(str(how), _LONGEST) for how in lines["how"])
    plot_bars(ax, dict(zip(names, lines["seconds"], strict=True)), form="{:.2f} s")
    label(ax, x="seconds")
    return figure
