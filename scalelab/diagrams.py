"""Architectures as pictures: boxes and arrows on a grid, in the palette of the course."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

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
    turns: bool = True,
) -> Figure:
    """Draw named boxes, the arrows between them, and notes at places of the grid.

    On a phone a picture runs downwards instead of to the right.

    Parameters
    ----------
    boxes : dict of str to Box
    arrows : iterable of Arrow
    height : float
        In inches, at most: what the width leaves empty above and below is cut off.
    notes : iterable of tuple
        Place and text of each.
    turns : bool
        False where it runs downwards already and fits a phone as it is.

    Raises
    ------
    ValueError
        An arrow names a box that is not there.
    """
    arrows, notes = list(arrows), list(notes)
    boxes, height = _fitted(boxes, notes, height)
    figure = _drawn(boxes, arrows, notes, WIDTH, height)
    if turns:
        draw_otherwise_on_a_phone(figure, lambda: _on_a_phone(boxes, arrows, notes))
    else:
        low = PHONE_WIDTH / WIDTH * height
        draw_otherwise_on_a_phone(figure, lambda: _drawn(boxes, arrows, notes, PHONE_WIDTH, low))
    return figure


def _fitted(
    boxes: Mapping[str, Box], notes: Iterable[tuple[float, float, str]], height: float
) -> tuple[Mapping[str, Box], float]:
    """Return boxes as tall as their lines, and the height that the picture has on a wide screen."""
    across = [box.x + side * box.width / 2 for box in boxes.values() for side in (-1, 1)]
    inches = (WIDTH - 2 * _PAD) / (_MARGINS * (max(across) - min(across)))  # of a grid unit
    up = [box.y + side * box.height / 2 for box in boxes.values() for side in (-1, 1)]
    if inches * _MARGINS * (max(up) - min(up)) > height:  # the height is what limits it
        return boxes, height
    boxes = {
        name: replace(box, height=max(box.height, _lines_inches(box.text) / inches))
        for name, box in boxes.items()
    }
    up = [box.y + side * box.height / 2 for box in boxes.values() for side in (-1, 1)]
    up += [y + side * 0.12 / inches for _, y, _ in notes for side in (-1, 1)]
    return boxes, min(height, inches * _MARGINS * (max(up) - min(up)) + 2 * _PAD + 0.1)


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


_PAD, _MARGINS = 0.042, 1.1  # what the layout leaves: inches on each side, and of the axes
_LETTER, _MARGIN = 6.1, 8.0  # points: a letter of a box at its widest, and around its words
_LABEL = 10  # characters of a line beside an arrow that runs across


@dataclass(frozen=True)
class _Turned:
    """The grid of a picture that runs downwards: what lay in one column there is one row here."""

    given: Mapping[str, Box]
    arrows: Iterable[Arrow]

    @cached_property
    def rows(self) -> list[float]:
        return _ranks(box.x for box in self.given.values())

    @cached_property
    def boxes(self) -> Mapping[str, Box]:
        """As wide as their longest words need, at the scale that this leaves."""
        boxes = self.given
        for _ in range(20):
            inches = self._inches(boxes)
            boxes = {
                name: replace(box, width=max(box.width, _word_inches(box.text) / inches))
                for name, box in self.given.items()
            }
        return boxes

    @cached_property
    def stretch(self) -> float:
        return self._stretch(self.boxes, self.inches)

    @cached_property
    def inches(self) -> float:
        """Inches of a grid unit."""
        return self._inches(self.boxes)

    def _stretch(self, boxes: Mapping[str, Box], inches: float) -> float:
        """By how much heights must grow to be places of boxes side by side."""
        said = {frozenset((a.start, a.end)): a.text for a in self.arrows if a.text}
        needed = [0.0]
        for (name, one), (other_name, other) in combinations(boxes.items(), 2):
            if abs(one.x - other.x) < 0.3 and one.y != other.y:
                widths = one.width + other.width
                label = textwrap.fill(said.get(frozenset((name, other_name)), ""), _LABEL)
                gap = max(0.06 * widths, _line_inches(label) / inches if label else 0.0)
                needed.append((widths / 2 + gap) / abs(one.y - other.y))
        return max(needed)

    def _inches(self, boxes: Mapping[str, Box]) -> float:
        inches = 0.9
        for _ in range(8):  # the gaps for words are in inches, the boxes in units
            stretch = self._stretch(boxes, inches)
            left = min(-stretch * box.y - box.width / 2 for box in boxes.values())
            right = max(-stretch * box.y + box.width / 2 for box in boxes.values())
            inches = min(0.9, PHONE_WIDTH / (1.12 * (right - left)))  # with its margins
        return inches

    @cached_property
    def pitch(self) -> float:
        """From one row to the next, with room for the words of an arrow."""
        return max(self.height(box) for box in self.boxes.values()) + 0.6 / self.inches

    def text(self, box: Box) -> str:
        """Return what stands in a box, in lines that fit it."""
        most = int((box.width * self.inches * 72 - _MARGIN) / _LETTER + 1e-6)
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
    turned = _Turned(boxes, arrows)
    moved = {name: turned.box(box) for name, box in turned.boxes.items()}
    arrows = [
        replace(arrow, text=textwrap.fill(arrow.text, _LABEL))
        if moved[arrow.start].y == moved[arrow.end].y
        else arrow
        for arrow in arrows
    ]
    said = [(*turned.note(x, y), text) for x, y, text in notes]
    height = (turned.pitch * len(turned.rows) - 0.3) * turned.inches
    return _drawn(moved, arrows, said, PHONE_WIDTH, height)


def _line_inches(text: str) -> float:
    """Return the width of the longest line, with a margin."""
    return (_LETTER * max(map(len, text.split("\n"))) + _MARGIN) / 72


def _lines_inches(text: str) -> float:
    """Return the height of all lines, with a margin."""
    return (12.5 * (text.count("\n") + 1) + 9) / 72


def _word_inches(text: str) -> float:
    """Return the width of the longest word, with a margin."""
    return _line_inches("\n".join(text.split()))


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
        (dx, dy), style = _beside(head[0] - tail[0], head[1] - tail[1])
        middle = ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2)
        ax.annotate(
            arrow.text,
            middle,
            (dx, dy),
            textcoords="offset points",
            color=MUTED,
            fontsize=9,
            **style,
        )


def _beside(across: float, up: float) -> tuple[tuple[float, float], dict[str, Any]]:
    """Return where the words of an arrow stand: beside it, or above it where it runs across.

    Examples
    --------
    >>> _beside(2.0, 0.0), _beside(0.0, -2.0)
    (((0, 4), {'ha': 'center', 'va': 'bottom'}), ((6, 0), {'ha': 'left', 'va': 'center'}))
    """
    if abs(up) < 0.2 * abs(across):
        return (0, 4), {"ha": "center", "va": "bottom"}
    if abs(across) < 0.2 * abs(up):
        return (6, 0), {"ha": "left", "va": "center"}
    side = "right" if across * up > 0 else "left"  # the upper side of the slope
    return (-4 if side == "right" else 4, 2), {"ha": side, "va": "bottom"}
