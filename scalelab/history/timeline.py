"""A history as a picture, and as words: one lane for each client, time to the right."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes

from scalelab._validate import refuse
from scalelab.history._checked import checked
from scalelab.history.operations import Counterexample, Operation
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, TINTS, label

COLOURS = {"get": BLUE, "put": ORANGE, "delete": GREEN}


def draw_timeline(ax: Axes, history: Iterable[Operation], *, in_seconds: bool = False) -> Axes:
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
        stand at equal distances, so that short operations can be read.

    Returns
    -------
    matplotlib.axes.Axes
    """
    operations = _drawable("draw_timeline", history, in_seconds)
    spans = _spans_s(operations) if in_seconds else _spans(operations)
    clients = list(dict.fromkeys(o.client for o in operations))
    for operation, (begin, end) in zip(operations, spans, strict=True):
        _draw_bar(ax, operation, begin, end, -clients.index(operation.client))
    ax.set_yticks([-i for i in range(len(clients))], clients)
    ax.set_ylim(-len(clients) + 0.4, 0.6)
    ax.grid(visible=False, axis="y")
    if not in_seconds:
        ax.set_xticks([])
    title = f"not allowed: {history.rule}" if isinstance(history, Counterexample) else ""
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
    """Begin and end of each operation, by the rank of its events."""
    moments = {t for o in operations for t in (o.invoked, o.responded) if t is not None}
    rank = {moment: float(i) for i, moment in enumerate(sorted(moments))}
    last = len(rank) - 0.2
    return [
        (rank[o.invoked], last if o.responded is None else rank[o.responded]) for o in operations
    ]


def _spans_s(operations: list[Operation]) -> list[tuple[float, float]]:
    moments = [t for o in operations for t in (o.invoked_s, o.responded_s) if t is not None]
    last = max(moments) + 0.05 * (max(moments) - min(moments))
    return [
        (float(o.invoked_s or 0.0), last if o.responded_s is None else o.responded_s)
        for o in operations
    ]


def _draw_bar(ax: Axes, operation: Operation, begin: float, end: float, lane: float) -> None:
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
    text = str(operation).removeprefix(f"{operation.client}: ").removesuffix(", outcome unknown")
    ax.text((begin + end) / 2, lane, text, ha="center", va="center", color=INK, fontsize=8.5)
