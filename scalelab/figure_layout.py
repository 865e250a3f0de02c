"""What a figure gets before it is rendered, and how it is laid out anew for a phone."""

from __future__ import annotations

import itertools
import math
import re
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryLocator
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import (
    FixedLocator,
    Formatter,
    LogFormatter,
    LogLocator,
    NullLocator,
    ScalarFormatter,
)
from matplotlib.transforms import ScaledTranslation

from scalelab.plotting import DASHES, END_LABEL, INK, PAPER, PHONE_WIDTH, drawn_for_a_phone
from scalelab.quantities import SUPERSCRIPTS, number

_SMALLEST = 9.2  # points, of a word on a phone
_ROW = 22  # characters of a row's name on a phone
_LINE = 13.5  # points from one line of words to the next
_LETTER = 5.6  # points, of a word on a phone
_KEY = 36.0  # points, of the sign beside a name in a legend
_FLATTEST = 65.0  # points, of the axes themselves
_CHARACTERS = {"x": 36, "y": 26, "title": 38}  # of a line on a phone


class Grouped(Formatter):
    """Ticks with their thousands grouped and a true minus, where `inner` writes any."""

    def __init__(self, inner: Formatter) -> None:
        self.inner = inner

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write the tick at `x`."""
        if not self.inner(x, pos):
            return ""
        value = float(f"{x:.6g}")
        power = round(math.log10(value)) if value > 0 else 0
        if power >= 3 and value == 10.0**power and self._spans_millions():
            return f"10{str(power).translate(SUPERSCRIPTS)}"  # no room for as many zeros
        return number(value)

    def _spans_millions(self) -> bool:
        """Whether it is a logarithmic axis with room for a million: then no thousand has zeros."""
        axis = self.inner.axis
        return (
            isinstance(self.inner, LogFormatter)
            and axis is not None
            and max(axis.get_view_interval()) >= 1e6
        )

    def set_locs(self, locs: Any) -> None:
        """Tell the places of all ticks: a logarithmic axis names only some."""
        self.inner.set_locs(locs)


def finish(figure: Figure) -> Figure:
    """Group the digits of ticks, give lines of several colours dashes, and named rows no grid.

    A title stands on the left, also one that `Axes.set` has put into the middle. Panels side by
    side that have one name for their heights show it once. No legend has a frame.
    """
    _name_heights_once(figure)
    for ax in figure.axes:
        if (title := ax.get_title()) and not ax.get_title(loc="left"):
            ax.set_title("")
            ax.set_title(title, loc="left")
        for axis in (ax.xaxis, ax.yaxis):
            _no_unseen_ticks(axis)
        if _named_rows(ax):
            ax.yaxis.grid(False)  # it would strike through the values at the bars
        for axis in (ax.xaxis, ax.yaxis):
            _group(axis)
        _dash(ax)
        if legend := ax.get_legend():
            legend.set_frame_on(False)
    return figure


def _name_heights_once(figure: Figure) -> None:
    named = [ax for ax in figure.axes if ax.get_subplotspec() and ax.axison]
    for left, right in itertools.pairwise(named):
        rows = [ax.get_subplotspec().rowspan.start for ax in (left, right)]  # type: ignore[union-attr]
        if rows[0] == rows[1] and left.get_ylabel() == right.get_ylabel():
            right.yaxis.label.set_visible(False)


def _no_unseen_ticks(axis: Axis) -> None:
    """Leave out what a logarithmic axis has between its powers of ten, if it names none of it.

    Small ticks have no length here; to lay them out took a third of the time of a figure.
    """
    if isinstance(axis.get_minor_locator(), LogLocator):
        low, high = np.log10(axis.get_view_interval())
        if high - low > 1:
            axis.set_minor_locator(NullLocator())


def _group(axis: Axis) -> None:
    for get, put in (
        (axis.get_major_formatter, axis.set_major_formatter),
        (axis.get_minor_formatter, axis.set_minor_formatter),
    ):
        inner = get()
        if isinstance(inner, (ScalarFormatter, LogFormatter)):
            grouped = Grouped(inner)
            put(grouped)
            inner.set_axis(axis)


def _dash(ax: Axes) -> None:
    """Give a colour its dash wherever solid lines of several colours stand together."""
    solid = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    shown = [line for line in solid if np.size(line.get_xdata()) > 1]
    if len({_colour(line) for line in shown} & set(DASHES)) > 1:
        legend = ax.get_legend()
        for line in [*shown, *(legend.get_lines() if legend else [])]:
            if line.get_linestyle() == "-" and _colour(line) in DASHES:
                line.set_linestyle(DASHES[_colour(line)])


def _colour(line: Line2D) -> str:
    return to_hex(line.get_color())


def for_a_phone(figure: Figure) -> Figure:
    """Lay a figure out for a phone: panels below each other, legends below their panel.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Changed, unless it knows another drawing of itself.
    """
    other = drawn_for_a_phone(figure)
    if other is not None:
        return finish(other)
    rows = _stack(figure)
    height = figure.get_size_inches()[1]
    figure.set_size_inches(PHONE_WIDTH, max(0.85 * height, 1.4) * (1 if rows == 1 else 0.85 * rows))
    for ax in figure.axes:
        _wrap(ax.xaxis.label, _CHARACTERS["x"])
        _legend_below(ax)
        _wrap(ax.title, _CHARACTERS["title"])
        _wrap(ax._left_title, _CHARACTERS["title"])  # type: ignore[attr-defined]
        named = isinstance(ax.yaxis.get_major_locator(), (FixedLocator, StrCategoryLocator))
        if named and _named_rows(ax):
            names = [textwrap.fill(text.get_text(), _ROW) for text in ax.get_yticklabels()]
            ax.set_yticks(ax.get_yticks(), names)
    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), _SMALLEST))
    panels = {id(spec): 0.0 for ax in figure.axes if (spec := ax.get_subplotspec())}
    for ax in figure.axes:
        spec = ax.get_subplotspec()
        if spec and ax.axison:  # two axes may lie over each other in one panel
            panels[id(spec)] = max(panels[id(spec)], _points_high(ax))
    width, height = figure.get_size_inches()
    height = max(height, sum(panels.values()) / 72)
    figure.set_size_inches(width, height)
    for ax in figure.axes:  # a name must not be longer than its axis
        room = 72 * height / max(len(panels), 1) - _points_around(ax)
        _wrap(ax.yaxis.label, min(_CHARACTERS["y"], max(int(room / _LETTER), 12)))
    return figure


def _named_rows(ax: Axes) -> list[str]:
    if not ax.axison:
        return []
    names = [text.get_text() for text in ax.get_yticklabels()]
    return [name for name in names if re.search("[A-Za-z]{3}", name)]


def _points_high(ax: Axes) -> float:
    """How high a panel must be for its names of rows, and for what stands around it."""
    high = [1 + name.count("\n") for name in _named_rows(ax)]
    # Rows are equally far apart: the two longest neighbours say how far.
    closest = max([(one + other) / 2 for one, other in itertools.pairwise(high)], default=1.0)
    lines = len(high) * closest
    return _points_around(ax) + max(_FLATTEST, _LINE * lines)


def _points_around(ax: Axes) -> float:
    """How much of the height of a panel its title, its ticks and its legend take."""
    around = 36.0 + _LINE * (bool(ax.get_title()) or bool(ax.get_title(loc="left")))
    if ax.get_xlabel():
        around += _LINE * (1 + ax.get_xlabel().count("\n"))
    if legend := ax.get_legend():
        around += _LINE * math.ceil(len(legend.get_texts()) / legend._ncols)  # type: ignore[attr-defined]
    return around


def _stack(figure: Figure) -> int:
    """Put the panels of one row into one column; return how many there are."""
    specs = {id(spec): spec for ax in figure.axes if (spec := ax.get_subplotspec())}
    places = sorted({(spec.rowspan.start, spec.colspan.start) for spec in specs.values()})
    if len(places) < 2:
        return 1
    column = figure.add_gridspec(len(places), 1)
    first = figure.axes[0]
    for ax in figure.axes:
        if spec := ax.get_subplotspec():
            row = places.index((spec.rowspan.start, spec.colspan.start))
            ax.set_subplotspec(column[row])
            ax.tick_params(labelleft=ax.yaxis.get_ticks_position() != "right")
            ax.yaxis.label.set_visible(True)
            if not ax.get_ylabel() and ax.get_shared_y_axes().joined(ax, first):
                ax.set_ylabel(first.get_ylabel())
    return len(places)


def _legend_below(ax: Axes) -> None:
    """Move a legend, and names at the ends of lines, to where they cover nothing."""
    ends = [text for text in ax.texts if text.get_gid() == END_LABEL]
    for text in ends:
        text.remove()
    old: Legend | None = ax.get_legend()
    if old is None and not ends:
        return
    beside = max((len(text.get_text()) for text in ax.get_yticklabels()), default=0)
    room = 72 * PHONE_WIDTH - _LETTER * beside - 30  # points: of the axes, with its ticks' names
    below = -18 - 13 * (ax.get_xlabel().count("\n") + 1 if ax.get_xlabel() else 0)  # points
    handles, labels = ax.get_legend_handles_labels()
    if old is not None:
        handles, labels = (
            list(filter(None, old.legend_handles)),
            [text.get_text() for text in old.get_texts()],
        )
    ax.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, below / 72, ax.figure.dpi_scale_trans),
        frameon=False,
        labelcolor=INK,
        facecolor=PAPER,
        fontsize=_SMALLEST,
        ncols=2 if 2 * (_LETTER * max(map(len, labels)) + _KEY) < room else 1,
    )


def _wrap(text: Text, width: int) -> None:
    lines = text.get_text().split("\n")
    text.set_text("\n".join(textwrap.fill(line, width) if line else "" for line in lines))
