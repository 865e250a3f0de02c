"""The picture of a history, and its words."""

import pytest

from scalelab.history.linearizability import check_linearizability
from scalelab.history.operations import Operation
from scalelab.history.timeline import describe, draw_timeline, timeline_picture
from scalelab.plotting import canvas, drawn_for_a_phone


def operation(client, kind, value, begin, end, seconds=True):
    return Operation(
        client=client,
        kind=kind,
        key="x",
        value=value,
        invoked=begin,
        responded=end,
        invoked_s=begin / 1000 if seconds else None,
        responded_s=end / 1000 if seconds and end else None,
    )


HISTORY = [
    operation("ann", "put", 1, 1, 4),
    operation("bob", "get", None, 2, 3),
    operation("bob", "delete", None, 5, None),
]


def bars(ax):
    return [(round(p.get_x(), 6), round(p.get_width(), 6)) for p in ax.patches]


def test_one_lane_a_client_one_bar_an_operation():
    _, ax = canvas()
    assert draw_timeline(ax, HISTORY) is ax
    assert [t.get_text() for t in ax.get_yticklabels()] == ["ann", "bob"]
    assert [t.get_text() for t in ax.texts] == ["put x = 1", "get x → nothing", "delete x"]
    assert bars(ax) == [(0.0, 3.0), (1.0, 1.0), (3.5, 0.8)]  # nobody does anything before the last
    assert ax.get_xlabel() == "order of events"
    assert [p.get_linestyle() for p in ax.patches] == ["-", "-", "--"]


def test_in_seconds():
    _, ax = canvas()
    draw_timeline(ax, HISTORY, in_seconds=True)
    assert bars(ax)[:2] == [(0.001, 0.003), (0.002, 0.001)]
    assert ax.get_xlabel() == "seconds"


def test_words_stand_within_their_bars():
    writes = [operation(f"client {i}", "put", 102, 2 * i + 1, 2 * i + 2) for i in range(4)]
    figure = timeline_picture(writes)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    for text, bar in zip(ax.texts, ax.patches, strict=True):
        words, box = text.get_window_extent(), bar.get_window_extent()
        assert box.x0 + 2 < words.x0
        assert words.x1 < box.x1 - 2


def test_a_counterexample_names_its_rule():
    found = check_linearizability(
        [operation("ann", "put", 1, 1, 2), operation("bob", "get", None, 3, 4)]
    )
    _, ax = canvas()
    draw_timeline(ax, found)
    assert ax.get_title(loc="left") == "broken rule: linearizability"
    first, *rest = describe(found).splitlines()
    assert first.startswith("Not allowed by linearizability. No order")
    assert rest == ["ann: put x = 1 (0.001 to 0.002 s)", "bob: get x → nothing (0.003 to 0.004 s)"]


def test_words_for_an_unknown_outcome():
    assert describe(HISTORY).splitlines()[2] == ("bob: delete x, outcome unknown (from 0.005 s on)")
    bare = operation("ann", "put", 1, 1, 4, seconds=False)
    assert describe([bare]) == "ann: put x = 1 (1 to 4)"


def test_what_cannot_be_drawn_is_named():
    _, ax = canvas()
    with pytest.raises(ValueError, match="draw_timeline: history must hold an operation"):
        draw_timeline(ax, [])
    with pytest.raises(ValueError, match="must have times in seconds, got 'none'; record"):
        draw_timeline(ax, [operation("a", "put", 1, 1, 2, seconds=False)], in_seconds=True)


def test_on_a_phone_each_operation_has_a_lane():
    figure = timeline_picture(HISTORY)
    wide, narrow = figure.axes[0], drawn_for_a_phone(figure).axes[0]
    assert len(narrow.patches) == len(wide.patches) == len(narrow.get_yticks()) == len(HISTORY)
    assert next(text.get_text() for text in narrow.get_yticklabels()).startswith("ann: put")
    assert not any(text.get_text() for text in narrow.texts)
    assert all(text.get_text() for text in wide.texts)
