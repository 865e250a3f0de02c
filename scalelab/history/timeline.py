"""A history as a picture, and as words: one lane for each client, time to the right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab._validate import refuse
from scalelab.history._checked import checked
from scalelab.history.operations import Counterexample, Operation
from scalelab.plotting import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PHONE_WIDTH,
    TINTS,
    canvas,
    draw_otherwise_on_a_phone,
    label,
)

COLOURS = {"get": BLUE, "put": ORANGE, "delete": GREEN}


def timeline_picture(history: Iterable[Operation]) -> Figure:
    """Draw a history as `draw_timeline` does; on a phone each operation has a lane of its own.

    Parameters
    ----------
    history : iterable of Operation
        A history or a counterexample, not empty.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawable = _drawable("timeline_picture", history, in_seconds=False)
    operations = history if isinstance(history, Counterexample) else drawable

    def on_a_phone() -> Figure:
        narrow, ax = canvas(height=2.6)
        narrow.set_size_inches(PHONE_WIDTH, 2.6)
        draw_timeline(ax, operations, lane_each=True)
        return narrow

    figure, ax = canvas(height=2.3)
    draw_timeline(ax, operations)
    draw_otherwise_on_a_phone(figure, on_a_phone)
    return figure


def draw_timeline(
    ax: Axes,
    history: Iterable[Operation],
    *,
    in_seconds: bool = False,
    lane_each: bool = False,
) -> Axes:
    """Draw each operation as a bar from its beginning to its response.

    Reads are blue, puts orange, deletions green; a write whose outcome is unknown has a
    dashed edge and ends with the picture.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history : iterable of Operation
        A history or a counterexample, not empty.
    in_seconds : bool
        Draw to the scale of time, which every operation must have; by default events
        stand at equal distances, so that short operations can be read, and nearer where
        nobody does anything.
    lane_each : bool
        Give each operation a lane of its own, with its words beside it, where lanes are short;
        by default each client has one.

    Returns
    -------
    matplotlib.axes.Axes
    """
    operations = _drawable("draw_timeline", history, in_seconds)
    spans = _spans_s(operations) if in_seconds else _spans(operations)
    names = [_known_of(o) if lane_each else o.client for o in operations]
    lanes = names if lane_each else list(dict.fromkeys(names))
    for i, (operation, (begin, end)) in enumerate(zip(operations, spans, strict=True)):
        lane = i if lane_each else lanes.index(operation.client)
        _draw_bar(ax, operation, begin, end, -lane, words=not lane_each)
    ax.set_yticks([-i for i in range(len(lanes))], lanes)
    ax.set_ylim(-len(lanes) + 0.4, 0.6)
    ax.grid(visible=False, axis="y")
    if not in_seconds:
        ax.set_xticks([])
    title = f"broken rule: {history.rule}" if isinstance(history, Counterexample) else ""
    return label(ax, x="seconds" if in_seconds else "order of events", title=title)


def describe(history: Iterable[Operation]) -> str:
    """Say in words what `draw_timeline` draws: one line for each operation.

    Parameters
    ----------
    history : iterable of Operation
        A history or a counterexample.

    Returns
    -------
    str
        Lines in the order of beginning, each with its span on the scale of the history, in
        seconds where they are known.

    Examples
    --------
    >>> write = Operation(client="ann", kind="put", key="x", value=1, invoked=1, responded=2)
    >>> print(describe([write]))
    ann: put x = 1 (1 to 2)
    """
    lines = [f"{o} ({_span_in_words(o)})" for o in checked("describe", history)]
    if isinstance(history, Counterexample):
        lines = [f"Not allowed by {history.rule}. {history.explanation}", *lines]
    return "\n".join(lines)


def _span_in_words(operation: Operation) -> str:
    begin, end, unit = operation.invoked, operation.responded, ""
    if operation.invoked_s is not None:
        begin, end, unit = operation.invoked_s, operation.responded_s, " s"
    return f"from {begin:.4g}{unit} on" if end is None else f"{begin:.4g} to {end:.4g}{unit}"


def _drawable(function: str, history: Iterable[Operation], in_seconds: bool) -> list[Operation]:
    operations = checked(function, history)
    if not operations:
        refuse(function, "history", "hold an operation", "none")
    if in_seconds and any(o.invoked_s is None for o in operations):
        refuse(function, "history", "have times in seconds", "none", "record with a clock")
    return operations


def _spans(operations: list[Operation]) -> list[tuple[float, float]]:
    """Begin and end of each operation, by the rank of its events; a pause counts half."""
    moments = sorted({t for o in operations for t in (o.invoked, o.responded) if t is not None})
    place = {moments[0]: 0.0}
    for moment, later in itertools.pairwise(moments):
        busy = any(
            o.invoked <= moment and (o.responded is None or later <= o.responded)
            for o in operations
        )
        place[later] = place[moment] + (1.0 if busy else 0.5)
    last = max(place.values()) + 0.8
    return [
        (place[o.invoked], last if o.responded is None else place[o.responded]) for o in operations
    ]


def _spans_s(operations: list[Operation]) -> list[tuple[float, float]]:
    moments = [t for o in operations for t in (o.invoked_s, o.responded_s) if t is not None]
    last = max(moments) + 0.05 * (max(moments) - min(moments))
    return [
        (float(o.invoked_s or 0.0), last if o.responded_s is None else o.responded_s)
        for o in operations
    ]


def _known_of(operation: Operation) -> str:
    return str(operation).removesuffix(", outcome unknown")


def _draw_bar(
    ax: Axes, operation: Operation, begin: float, end: float, lane: float, *, words: bool
) -> None:
    colour = COLOURS[operation.kind]
    ax.barh(
        lane,
        end - begin,
        left=begin,
        height=0.55,
        color=TINTS[colour],
        edgecolor=colour,
        linestyle="-" if operation.responded is not None else "--",
    )
    text = _known_of(operation).removeprefix(f"{operation.client}: ") if words else ""
    ax.text((begin + end) / 2, lane, text, ha="center", va="center", color=INK, fontsize=8.5)
