"""Figures in the style of the course: data and axes in, axes out.

A figure is drawn once, in the light palette; :mod:`scalelab.svg` makes variables of its colours,
which the page sets for light and dark. Series differ in lightness, and lines in their dashes too,
so that they stay apart in grey and for who does not see all colours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.cbook import STEP_LOOKUP_MAP
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from scalelab._validate import FloatArray
from scalelab.quantities import number, quantity

INK, MUTED, GRID, PAPER = "#1d2935", "#586673", "#d9dfe5", "#ffffff"
BLUE, ORANGE, GREEN, PURPLE, RED = "#234b93", "#b85723", "#1b6c44", "#331c54", "#7a1010"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, RED)
TINTS = {BLUE: "#dbe6f7", ORANGE: "#fbe5d8", GREEN: "#dcf0e2", PURPLE: "#e8e2f2", RED: "#f8dddd"}
Dash = tuple[float, tuple[float, ...]]
DASHES: dict[str, Dash] = {
    BLUE: (0, ()),
    ORANGE: (0, (5, 2)),
    GREEN: (0, (6, 2, 1, 2)),
    PURPLE: (0, (1, 1.5)),
    RED: (0, (9, 2)),
}

END_LABEL = "sl-end"
OVER = "sl-over"  # words that may lie over a line: they stand on paper
WIDTH = 6.4  # of every figure, in inches: so the words of all are of one size
PHONE_WIDTH = 3.5  # on the narrowest screens a point of it is 1.2 pixels or more

# The palette as the page names it, with the colours of its dark theme.
_NAMES = ("blue", "orange", "green", "purple", "red")
VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper"}
VARIABLES |= dict(zip(SERIES, _NAMES, strict=True))
VARIABLES |= {TINTS[colour]: f"{name}-tint" for colour, name in zip(SERIES, _NAMES, strict=True)}
DARK = {
    INK: "#e4e9ee",
    MUTED: "#a5b1bd",
    GRID: "#36414c",
    PAPER: "#14181e",
    BLUE: "#58b5fc",
    ORANGE: "#fab85f",
    GREEN: "#58feb4",
    PURPLE: "#a271a6",
    RED: "#e6795f",
    TINTS[BLUE]: "#17324a",
    TINTS[ORANGE]: "#45290f",
    TINTS[GREEN]: "#143723",
    TINTS[PURPLE]: "#352244",
    TINTS[RED]: "#4a201d",
}

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
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same places on every machine
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.major.pad": 5.5,  # or the noughts of both axes touch at the origin
    "xtick.major.size": 0,  # the grid shows where they are
    "xtick.minor.pad": 5.5,
    "xtick.minor.size": 0,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.major.pad": 5.0,
    "ytick.major.size": 0,
    "ytick.minor.pad": 5.0,
    "ytick.minor.size": 0,
}


_ON_A_PHONE: WeakKeyDictionary[Figure, Callable[[], Figure]] = WeakKeyDictionary()


def draw_otherwise_on_a_phone(figure: Figure, make: Callable[[], Figure]) -> None:
    """Give a figure another drawing for a phone, where a layout of itself would not do."""
    _ON_A_PHONE[figure] = make


def drawn_for_a_phone(figure: Figure) -> Figure | None:
    """Draw what was given for a phone, if anything was."""
    make = _ON_A_PHONE.get(figure)
    return make() if make else None


def canvas(panels: int = 1, *, height: float = 3.4, **subplots: Any) -> tuple[Figure, Any]:
    """Make a figure in the style of the course, as wide as the column of a page.

    Parameters
    ----------
    panels : int
        Axes side by side; on a phone they stand below each other.
    height : float
        In inches; the width is 6.4.
    **subplots
        Passed to ``Figure.subplots``.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not registered with pyplot: it is shown when asked for, and only then.
    axes : matplotlib.axes.Axes or ndarray of Axes, shape (panels,)
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(1, panels, **subplots)
    return figure, axes


def label(ax: Axes, *, x: str = "", y: str = "", title: str = "", legend: bool = False) -> Axes:
    """Name the axes of a plot; units belong in the names."""
    ax.set(xlabel=x, ylabel=y)
    ax.set_title(title, loc="left")
    if legend:
        ax.legend(frameon=False, labelcolor=INK, fontsize=9.5)
    return ax


def label_lines(ax: Axes, *, fontsize: float = 9.5) -> Axes:
    """Write the name of each labelled line beside its end, instead of a legend.

    On a phone, where there is no room beside the axes, a legend below them says the same.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits are final, and each line that is to be named has a ``label``.
    fontsize : float
        In points.
    """
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    ends = []
    for line in lines:
        x, y = (np.asarray(values, dtype=float) for values in line.get_data())
        if not line.get_transform().contains_branch_seperately(ax.transData)[0]:
            x = np.full_like(x, max(ax.get_xlim()))  # a line across, from edge to edge
        seen = np.isfinite(y) & (x <= max(ax.get_xlim()))
        low, high = sorted(ax.get_ylim())
        inside = seen & (low <= y) & (y <= high)  # a line may leave by the top
        last = np.flatnonzero(inside if inside.any() else seen)[-1]
        ends.append((x[last], np.clip(y[last], low, high)))
    heights = ax.transLimits.transform(ax.transScale.transform(ends))[:, 1]
    figure = ax.get_figure(root=True)
    height = figure.get_size_inches()[1] if figure else 3.0
    room = 1.25 * fontsize / (72 * 0.75 * height)  # of the axes' height
    for line, end, level, place in zip(lines, ends, heights, _apart(heights, room), strict=True):
        ax.annotate(
            str(line.get_label()),
            end,
            (6, (place - level) / room * 1.25 * fontsize),
            textcoords="offset points",
            color=line.get_color(),
            fontsize=fontsize,
            va="center",
            annotation_clip=False,
            gid=END_LABEL,
        )
    return ax


def _apart(heights: np.ndarray, room: float) -> np.ndarray:
    """Places near to `heights`, at a distance of `room` from each other, none below the axis."""
    order = np.argsort(heights, kind="stable")
    places = heights[order].astype(float)
    for _ in range(20):
        for i in range(len(places) - 1):
            if (short := room - (places[i + 1] - places[i])) > 1e-9:
                places[i], places[i + 1] = places[i] - short / 2, places[i + 1] + short / 2
    lowest = 0.03 + room * np.arange(len(places))
    places = np.maximum(places, lowest)
    apart = np.empty_like(places)
    apart[order] = places
    return apart


def mark(ax: Axes, x: float, y: float, text: str, *, dx: float = 8, dy: float = 8) -> Axes:
    """Point at one value of a plot and say what it is; `dx` and `dy` in points."""
    ax.plot([x], [y], "o", color=INK, markersize=5, zorder=5)
    return write(ax, x, y, text, dx=dx, dy=dy, ha="left" if dx >= 0 else "right", gid=OVER)


def name_points(
    ax: Axes, points: Mapping[str, tuple[float, float]], *, fontsize: float = 9.5
) -> Axes:
    """Write names at points, each where it covers least, on a wide screen and on a phone.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits and scales are final, and what the names should not cover is drawn.
    points : dict of str to (float, float)
        The first chooses its place first.
    fontsize : float
        In points.
    """
    figure = ax.get_figure(root=True)
    height = figure.get_size_inches()[1] if figure else 3.0
    # of the axes, in points: the words around them take the rest of a figure
    sizes = [np.array([72 * width - 55, 72 * height - 45]) for width in (WIDTH, PHONE_WIDTH)]
    ax.get_xlim(), ax.get_ylim()  # the limits are found when somebody asks
    covered = _drawn(ax)
    taken: list[list[FloatArray]] = [[] for _ in sizes]
    for name, (x, y) in points.items():
        spot = ax.transLimits.transform(ax.transScale.transform((x, y)))
        extent = np.array([0.6 * fontsize * len(name), 1.1 * fontsize])
        costs, all_boxes = [], []
        for ha, dx, dy in _PLACES_OF_A_NAME:
            left = {"left": dx, "right": dx - extent[0], "center": -extent[0] / 2}[ha]
            low = [spot * size + (left, dy - 0.25 * fontsize) for size in sizes]
            boxes = [np.array([corner, corner + extent]) for corner in low]
            costs.append(
                sum(
                    _covers(box, size, covered, others)
                    for box, size, others in zip(boxes, sizes, taken, strict=True)
                )
            )
            all_boxes.append(boxes)
        chosen = int(np.argmin(costs))
        for others, box in zip(taken, all_boxes[chosen], strict=True):
            others.append(box)
        ha, dx, dy = _PLACES_OF_A_NAME[chosen]
        write(ax, x, y, name, dx=dx, dy=dy, ha=ha, fontsize=fontsize, gid=OVER)
    return ax


# How a name may stand at its point, in points; of several that are as good the first is taken.
_PLACES_OF_A_NAME = (
    ("left", 7, 6),
    ("left", 7, -13),
    ("right", -7, 6),
    ("right", -7, -13),
    ("center", 0, 9),
    ("center", 0, -18),
    ("left", 10, -3),
    ("right", -10, -3),
)


def _drawn(ax: Axes) -> tuple[FloatArray, FloatArray]:
    """All marks, and points close to each other along all lines, in shares of the axes."""
    marks, along = [np.empty((0, 2))], [np.empty((0, 2))]
    for line in ax.get_lines():
        steps = STEP_LOOKUP_MAP[line.get_drawstyle()]
        data = np.column_stack(steps(*np.asarray(line.get_data(), dtype=float)))
        share = ax.transAxes.inverted().transform(line.get_transform().transform(data))
        if line.get_marker() != "None":
            marks.append(share)
        if line.get_linestyle() != "None":
            between = np.linspace(0, 1, 50)[:, None]
            along += [a + between * (b - a) for a, b in itertools.pairwise(share)]
    return np.concatenate(marks), np.concatenate(along)


def _covers(
    box: FloatArray,
    size: FloatArray,
    drawn: tuple[FloatArray, FloatArray],
    names: list[FloatArray],
) -> float:
    """How bad it is to write in a box, in points from the lower left corner of the axes."""
    marks, lines = (
        int(((dots * size > box[0] - 3) & (dots * size < box[1] + 3)).all(axis=1).sum())
        for dots in drawn
    )
    laps = [np.minimum(box[1], other[1]) - np.maximum(box[0], other[0]) for other in names]
    return (
        20.0 * sum(bool((lap > 0).all()) for lap in laps)  # two names over each other
        + 10.0 * bool((box[0] < 0).any())  # over the ticks
        + 3.0 * bool((box[1] > size + np.array([12, 0])).any())
        + 8.0 * min(marks, 2)
        + 0.5 * min(lines, 6)
    )


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
    low = ys[at] < ys.min() + 0.2 * np.ptp(ys)
    value = number(round(ys[at], 1))
    return mark(ax, xs[at], ys[at], value, dx=-8 if right else 8, dy=14 if low else -14)


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
            text = f"{name}\n{quantity(duration, 'ms', 3)}"
            ax.text(
                start + duration / 2, y, text, ha="center", va="center", color=INK, fontsize=8.5
            )
    return ax
