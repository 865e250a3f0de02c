"""Architectures as pictures: boxes and arrows on a grid, in the palette of the course."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from scalelab.plotting import (
    BLUE,
    INK,
    MUTED,
    PHONE_WIDTH,
    TINTS,
    WIDTH,
    canvas,
    draw_otherwise_on_a_phone,
)


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
    height: float = 3.0,
    notes: Iterable[tuple[float, float, str]] = (),
) -> Figure:
    """Draw named boxes, the arrows between them, and notes at places of the grid.

    On a phone a picture that is wider than tall runs downwards instead of to the right.

    Parameters
    ----------
    boxes : dict of str to Box
    arrows : iterable of Arrow
    height : float
        In inches, where there is room for the whole width.
    notes : iterable of tuple
        Place and text of each.

    Raises
    ------
    ValueError
        An arrow names a box that is not there.
    """
    arrows, notes = list(arrows), list(notes)
    figure = _drawn(boxes, arrows, notes, WIDTH, height)
    draw_otherwise_on_a_phone(figure, lambda: _on_a_phone(boxes, arrows, notes))
    return figure


def _drawn(
    boxes: Mapping[str, Box],
    arrows: Iterable[Arrow],
    notes: Iterable[tuple[float, float, str]],
    width: float,
    height: float,
) -> Figure:
    figure, ax = canvas(height=height)
    figure.set_size_inches(width, height)
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


@dataclass(frozen=True)
class _Turned:
    """The grid of a picture that runs downwards: what lay in one column there is one row here."""

    boxes: Mapping[str, Box]

    @cached_property
    def rows(self) -> list[float]:
        return _ranks(box.x for box in self.boxes.values())

    @cached_property
    def stretch(self) -> float:
        """By how much heights must grow to be places of boxes side by side."""
        needed = [0.0]
        for i, one in enumerate(boxes := list(self.boxes.values())):
            for other in boxes[:i]:
                if abs(one.x - other.x) < 0.3 and one.y != other.y:
                    needed.append(0.56 * (one.width + other.width) / abs(one.y - other.y))
        return max(needed)

    @cached_property
    def inches(self) -> float:
        """Inches of a grid unit."""
        left = min(-self.stretch * box.y - box.width / 2 for box in self.boxes.values())
        right = max(-self.stretch * box.y + box.width / 2 for box in self.boxes.values())
        return min(0.9, PHONE_WIDTH / (1.02 * (right - left)))

    @cached_property
    def pitch(self) -> float:
        """From one row to the next, with room for the words of an arrow."""
        return max(self.height(box) for box in self.boxes.values()) + 0.6 / self.inches

    def text(self, box: Box) -> str:
        """Return what stands in a box, in lines that fit it."""
        most = int(box.width * self.inches * 72 / 5.6)
        lines = (textwrap.fill(t, most, break_long_words=False) for t in box.text.split("\n"))
        return "\n".join(lines)

    def height(self, box: Box) -> float:
        """As tall as its lines."""
        return (13 * (self.text(box).count("\n") + 1) + 10) / 72 / self.inches

    def place(self, x: float, y: float) -> tuple[float, float]:
        row = float(np.interp(x, self.rows, np.arange(len(self.rows))))
        return -self.stretch * y, -self.pitch * row

    def box(self, box: Box) -> Box:
        x, y = self.place(box.x, box.y)
        return replace(box, x=x, y=y, text=self.text(box), height=self.height(box))

    def note(self, x: float, y: float) -> tuple[float, float]:
        """Place a note where it lay between the boxes, or else beside the nearest."""
        heights = [box.y for box in self.boxes.values()]
        between = min(heights) < y < max(heights) and self.rows[0] < x < self.rows[-1]
        if between:
            return self.place(x, y)
        near = min(self.boxes.values(), key=lambda box: (box.x - x) ** 2 + (box.y - y) ** 2)
        here = self.box(near)
        below = here.y - here.height / 2 - 0.15 / self.inches
        aside = 0.8 if abs(x - near.x) < near.width / 2 else 0.0  # an arrow may leave there
        return here.x - aside, below


def _on_a_phone(
    boxes: Mapping[str, Box],
    arrows: Iterable[Arrow],
    notes: Iterable[tuple[float, float, str]],
) -> Figure:
    """Draw downwards what ran to the right."""
    turned = _Turned(boxes)
    moved = {name: turned.box(box) for name, box in boxes.items()}
    said = [(*turned.note(x, y), text) for x, y, text in notes]
    height = (turned.pitch * len(turned.rows) - 0.3) * turned.inches
    return _drawn(moved, arrows, said, PHONE_WIDTH, height)


def _ranks(places: Iterable[float]) -> list[float]:
    """Return the places that differ by more than a little, in order."""
    ranks: list[float] = []
    for place in sorted(places):
        if not ranks or place - ranks[-1] > 0.3:
            ranks.append(place)
    return ranks


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
