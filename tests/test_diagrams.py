from itertools import pairwise

import pytest
from matplotlib.text import Annotation

from scalelab.diagrams import Arrow, Box, diagram
from scalelab.plotting import GREEN, PHONE_WIDTH, drawn_for_a_phone
from scalelab.svg import pair

BOXES = {"a": Box(x=0, y=0, text="A"), "b": Box(x=4, y=0, text="B", colour=GREEN)}


@pytest.mark.parametrize(("start", "end"), [("a", "c"), ("c", "b")])
def test_an_arrow_to_nowhere_is_named(start, end):
    with pytest.raises(
        ValueError, match=r"diagram: arrow must name a box of \['a', 'b'\], got 'c'"
    ):
        diagram(BOXES, [Arrow(start=start, end=end)])


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_boxes_arrows_and_notes_carry_their_words():
    figure = diagram(BOXES, [Arrow(start="a", end="b", text="sends")], notes=[(2, 1, "far away")])
    assert [text for text in texts(figure) if text] == ["A", "B", "sends", "far away"]


def arrow_patch(**arrow):
    figure = diagram(BOXES, [Arrow(start="a", end="b", **arrow)])
    (line,) = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    return line


def test_a_line_runs_from_edge_to_edge():
    line = arrow_patch()
    assert line.xy == (4 - 0.8, 0)  # half of the width of a box
    assert line.get_position() == (0.8, 0)


def test_dashed_and_both_ways():
    assert arrow_patch().arrow_patch.get_linestyle() == "-"
    assert arrow_patch(dashed=True).arrow_patch.get_linestyle() == "--"
    assert type(arrow_patch(both=True).arrow_patch.get_arrowstyle()).__name__ == "CurveFilledAB"


def test_a_box_has_the_tint_of_its_colour():
    for lines in pair(diagram(BOXES), "k", "Two boxes."):
        assert "--fig-green-tint" in "".join(lines)
        assert "--fig-green)" in "".join(lines)


def centres(figure):
    return {
        text.get_text(): text.get_position()
        for text in figure.axes[0].texts
        if not isinstance(text, Annotation)
    }


def test_on_a_phone_it_runs_downwards():
    row = {name: Box(x=3 * i, y=0, text=name) for i, name in enumerate("abc")}
    figure = drawn_for_a_phone(diagram(row, notes=[(6, -1, "below")]))
    places = centres(figure)
    assert figure.get_size_inches()[0] == PHONE_WIDTH
    assert places["a"][1] > places["b"][1] > places["c"][1] > places["below"][1]
    assert places["a"][0] == places["b"][0] == places["c"][0]


def test_boxes_of_a_row_stand_side_by_side_on_a_phone():
    column = {name: Box(x=0, y=-0.9 * i, text=name) for i, name in enumerate("abcd")}
    places = centres(drawn_for_a_phone(diagram(column)))
    across = [places[name][0] for name in "abcd"]
    assert all(later - earlier > 1.6 for earlier, later in pairwise(across))


def test_words_wrap_in_a_narrow_box():
    many = {str(i): Box(x=0, y=i, text="words that are many") for i in range(4)}
    figure = drawn_for_a_phone(diagram(many))
    assert all("\n" in text.get_text() for text in figure.axes[0].texts)


def heights(figure):
    """Of the figure, and of what is drawn in it."""
    figure.draw_without_rendering()
    tight = figure.get_tightbbox()
    return figure.get_size_inches()[1], tight.height


def test_no_room_is_left_above_and_below():
    row = {f"{i}": Box(x=2.2 * i, y=0, text="a\nb") for i in range(5)}
    whole, drawn = heights(diagram(row, [], height=3.0))
    assert drawn < whole < drawn + 0.4


def test_a_box_is_as_tall_as_its_lines():
    row = {f"{i}": Box(x=2.2 * i, y=0, text="one\ntwo\nthree") for i in range(5)}
    figure = diagram(row, [])
    figure.draw_without_rendering()
    (ax,) = figure.axes
    for text, box in zip(ax.texts, ax.patches, strict=True):
        words, edge = text.get_window_extent(), box.get_window_extent()
        assert edge.y0 < words.y0
        assert words.y1 < edge.y1


def test_two_boxes_on_one_spot_do_not_divide_by_zero():
    same = {"a": Box(x=0, y=0, text="A"), "b": Box(x=0, y=0, text="B")}
    assert diagram(same, [Arrow(start="a", end="b")]).axes


def test_an_unknown_colour_is_an_error():
    with pytest.raises(KeyError):
        diagram({"a": Box(x=0, y=0, text="A", colour="#123456")})
