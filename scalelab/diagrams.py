"""Architectures as pictures: boxes and arrows on a grid, in the palette of the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from scalelab.plotting import BLUE, INK, MUTED, TINTS, canvas


@dataclass(frozen=True, kw_only=True)
class Box:
    """One part of an architecture.

    Parameters
    ----------
    x, y : float
        Centre, in grid units; y grows upwards.
    text : str
        What stands in the box; lines separated by newlines.
    colour : str
        Edge, one of the series colours of :mod:`scalelab.plotting`.
    width, height : float
        Size in grid units.
    """

    x: float
    y: float
    text: str
    colour: str = BLUE
    width: float = 1.6
    height: float = 0.7


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A labelled line from one box to another; dashed for what happens now and then."""

    start: str
    end: str
    text: str = ""
    dashed: bool = False
    both: bool = False


def diagram(
    boxes: Mapping[str, Box],
    arrows: Iterable[Arrow] = (),
    *,
    width: float = 6.4,
    height: float = 3.0,
    notes: Iterable[tuple[float, float, str]] = (),
) -> Figure:
    """Draw named boxes, the arrows between them, and notes at places of the grid.

    Raises
    ------
    ValueError
        An arrow names a box that is not there.
    """
    figure, ax = canvas(width=width, height=height)
    ax.set_axis_off()
    for box in boxes.values():
        _draw_box(ax, box)
    for arrow in arrows:
        for name in (arrow.start, arrow.end):
            if name not in boxes:
                raise ValueError(f"diagram: arrow must name a box of {list(boxes)}, got {name!r}")
        _draw_arrow(ax, boxes[arrow.start], boxes[arrow.end], arrow)
    for x, y, text in notes:
        ax.text(x, y, text, ha="center", va="center", color=MUTED, fontsize=9.5)
    ax.set_aspect("equal")
    ax.autoscale_view()
    return figure


def _draw_box(ax: Axes, box: Box) -> None:
    corner = (box.x - box.width / 2, box.y - box.height / 2)
    shape = FancyBboxPatch(
        corner,
        box.width,
        box.height,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=TINTS[box.colour],
        edgecolor=box.colour,
        linewidth=1.4,
    )
    ax.add_patch(shape)
    ax.text(box.x, box.y, box.text, ha="center", va="center", color=INK, fontsize=9.5)


def _edge(box: Box, towards: Box) -> tuple[float, float]:
    """Where the line from the centre of `box` to that of `towards` leaves `box`."""
    dx, dy = towards.x - box.x, towards.y - box.y
    reach = [half / abs(d) for half, d in ((box.width / 2, dx), (box.height / 2, dy)) if d]
    scale = min(reach, default=0.0)
    return box.x + scale * dx, box.y + scale * dy


def _draw_arrow(ax: Axes, start: Box, end: Box, arrow: Arrow) -> None:
    tail, head = _edge(start, end), _edge(end, start)
    ax.annotate(
        "",
        head,
        tail,
        arrowprops={
            "arrowstyle": "<|-|>" if arrow.both else "-|>",
            "color": INK,
            "linewidth": 1.2,
            "linestyle": "--" if arrow.dashed else "-",
            "shrinkA": 2,
            "shrinkB": 2,
        },
    )
    if arrow.text:
        flat = abs(head[1] - tail[1]) < abs(head[0] - tail[0])
        ax.annotate(
            arrow.text,
            ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2),
            (0, 4) if flat else (6, 0),
            textcoords="offset points",
            ha="center" if flat else "left",
            va="bottom" if flat else "center",
            color=MUTED,
            fontsize=9,
        )
