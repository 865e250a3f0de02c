"""Figures in the style of the course: data and axes in, axes out, light and dark from one drawing.

A figure is drawn once, in the light palette. `themed_svg` then renders it and
exchanges the colours for those of the dark palette, so that both pages show
the same drawing.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

INK, MUTED, GRID, PAPER = "#1d2935", "#586673", "#d9dfe5", "#ffffff"
BLUE, ORANGE, GREEN, PURPLE, RED = "#0a62a9", "#b04f08", "#1c7440", "#7b3fa3", "#b3261e"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, RED)
TINTS = {BLUE: "#dcebf8", ORANGE: "#fbe6d5", GREEN: "#dcf0e2", PURPLE: "#eee2f6", RED: "#fae0de"}

_DARK = {
    INK: "#e4e9ee",
    MUTED: "#a5b1bd",
    GRID: "#36414c",
    PAPER: "#14181e",
    BLUE: "#79b8f3",
    ORANGE: "#f2a968",
    GREEN: "#74d197",
    PURPLE: "#cba2ea",
    RED: "#ff8f86",
    TINTS[BLUE]: "#17324a",
    TINTS[ORANGE]: "#45290f",
    TINTS[GREEN]: "#143723",
    TINTS[PURPLE]: "#352244",
    TINTS[RED]: "#4a201d",
}
_COLOUR = re.compile("|".join(_DARK), re.IGNORECASE)

_STYLE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=SERIES, linewidth=[2.0] * len(SERIES)),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.labelsize": 10.5,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same text on every machine
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


def canvas(
    panels: int = 1, *, width: float = 6.4, height: float = 3.4, **subplots: Any
) -> tuple[Figure, Any]:
    """Make a figure in the style of the course.

    Parameters
    ----------
    panels : int
        Axes side by side.
    width, height : float
        Size in inches; 6.4 fills the column of a page.
    **subplots
        Passed to ``Figure.subplots``.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not registered with pyplot: it is shown when asked for, and only then.
    axes : matplotlib.axes.Axes or ndarray of Axes, shape (panels,)
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(1, panels, **subplots)
    return figure, axes


def themed_svg(figure: Figure) -> tuple[str, str]:
    """Render a figure as SVG text for the light and for the dark page.

    Returns
    -------
    light, dark : str
        Equal but for the colours. The same figure gives the same text, always.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "scalelab", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    light = buffer.getvalue()
    light = light[light.index("<svg") :]  # an image needs no XML prolog
    light = re.sub(r"(\d\.\d{4})\d+", r"\1", light)  # no eye sees more digits
    return light, _COLOUR.sub(lambda match: _DARK[match[0].lower()], light)


def label(ax: Axes, *, x: str = "", y: str = "", title: str = "", legend: bool = False) -> Axes:
    """Name the axes of a plot; units belong in the names."""
    ax.set(xlabel=x, ylabel=y)
    ax.set_title(title, loc="left")
    if legend:
        ax.legend(frameon=False, labelcolor=INK, fontsize=9.5)
    return ax


def mark(ax: Axes, x: float, y: float, text: str, *, dx: float = 8, dy: float = 8) -> Axes:
    """Point at one value of a plot and say what it is; `dx` and `dy` in points."""
    ax.plot([x], [y], "o", color=INK, markersize=5, zorder=5)
    return write(ax, x, y, text, dx=dx, dy=dy, ha="left" if dx >= 0 else "right")


def write(
    ax: Axes, x: float, y: float, text: str, *, dx: float = 0, dy: float = 0, **style: Any
) -> Axes:
    """Write beside a place of a plot, `dx` and `dy` points away; `style` as for ``Axes.text``."""
    style = {"color": INK, "fontsize": 9.5, **style}
    ax.annotate(text, (x, y), (dx, dy), textcoords="offset points", **style)
    return ax


def plot_bars(
    ax: Axes, values: Mapping[str, float], *, form: str = "{:,}", colours: Any = BLUE
) -> Axes:
    """Draw named values as bars, the first on top, each with its number in the form beside it."""
    lengths = list(values.values())
    ax.barh(list(values), lengths, color=colours, height=0.55)
    ax.invert_yaxis()
    for place, length in enumerate(lengths):
        write(ax, length, place, form.format(length), dx=4, va="center")
    ax.set_xlim(0, 1.15 * max(lengths))
    return ax


def plot_marked(ax: Axes, x: ArrayLike, y: ArrayLike, at: int, **style: Any) -> Axes:
    """Draw a curve and mark its point of index `at` with its value.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : array_like, shape (n,)
    at : int
        Index of the marked point.
    **style
        Passed to ``Axes.plot``.
    """
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    ax.plot(xs, ys, **style)
    right = xs[at] > xs.min() + 0.6 * np.ptp(xs)  # keep the words inside the axes
    return mark(ax, xs[at], ys[at], f"{ys[at]:z.1f}", dx=-8 if right else 8, dy=-14)


def plot_request(ax: Axes, setup_ms: float, query_ms: float) -> Axes:
    """Draw one request without a pool above the same request with one, times in milliseconds."""
    plot_steps(ax, ["set-up", "query"], [setup_ms, query_ms], colour=ORANGE, y=1)
    plot_steps(ax, ["query"], [query_ms], colour=BLUE, y=0)
    ax.set_yticks([0, 1], ["pooled", "without"])
    return label(ax, x="milliseconds")


def plot_steps(
    ax: Axes, names: list[str], times_ms: ArrayLike, *, colour: str = BLUE, y: float = 0.0
) -> Axes:
    """Draw the steps of one request end to end, as a bar that a reader can measure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    names : list of str, length n
    times_ms : array_like, shape (n,)
        Duration of each step in milliseconds.
    colour : str
        Edge of the pieces; their faces take its tint.
    y : float
        Height of the bar's middle.
    """
    times = np.asarray(times_ms, dtype=float)
    starts = np.concatenate([[0.0], np.cumsum(times)[:-1]])
    total = float(times.sum())
    for name, start, duration in zip(names, starts, times, strict=True):
        ax.barh(y, duration, left=start, height=0.5, color=TINTS[colour], edgecolor=colour)
        if duration > 0.09 * total:  # a narrower piece has no room for its name
            text = f"{name}\n{duration:.3g} ms"
            ax.text(
                start + duration / 2, y, text, ha="center", va="center", color=INK, fontsize=8.5
            )
    return ax
