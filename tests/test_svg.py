import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab import plotting
from scalelab.course.page import STATIC
from scalelab.plotting import GRID, SERIES, TINTS, canvas
from scalelab.svg import MAIN, pair, simplified


@pytest.fixture
def figure():
    figure, ax = canvas()
    for n, colour in enumerate(SERIES):
        ax.plot([0, 1, 2], [n, n + 1, n], label=f"curve {n}")
        ax.fill_between([0, 1], 0, 0.1 * n, color=TINTS[colour])
    plotting.label(ax, x="seconds", y="requests", title="All colours", legend=True)
    plotting.mark(ax, 1, 3, "here")
    ax.axvspan(0.2, 0.4, color=GRID, lw=0)
    plotting.plot_steps(ax, ["a", "b"], [1, 2], colour=SERIES[1])
    return figure


def test_a_figure_is_drawn_once_for_each_screen(figure, monkeypatch):
    draws, draw = [], type(figure).draw
    monkeypatch.setattr(type(figure), "draw", lambda self, to: draws.append(self) or draw(self, to))
    pair(figure, "k", "What it shows.")
    assert len(draws) == 2


def drawn(figure, key="k", alt="What it shows, in words."):
    return ["".join(lines) for lines in pair(figure, key, alt)]


def test_both_are_whole_and_say_what_they_show(figure):
    for text, name in zip(drawn(figure), ("sl-wide", "sl-narrow"), strict=True):
        root = ElementTree.fromstring(text)
        assert root.get("class") == f"sl-svg {name}"
        assert (root.get("role"), root.get("aria-label")) == ("img", "What it shows, in words.")
        width, height = root.get("viewBox").split()[2:]
        assert float(root.get("width")) == pytest.approx(float(width), abs=0.51)
        assert float(root.get("height")) == pytest.approx(float(height), abs=0.51)


def test_every_colour_is_a_variable_of_the_page(figure):
    for text in drawn(figure):
        assert re.findall(r"#[0-9a-fA-F]{6}\b", text) == []
        assert {"grid", "ink", "blue", "red-tint"} <= set(re.findall(r"--fig-([a-z-]+)", text))


def test_text_is_text(figure):
    for text in drawn(figure):
        said = [element.text for element in ElementTree.fromstring(text).iter("text")]
        assert {"seconds", "requests", "All colours", "here", "curve 3"} <= set(said)


def test_words_that_may_lie_over_a_line_stand_on_paper(figure):
    for drawing in drawn(figure):
        over = ElementTree.fromstring(drawing).findall(".//*[@class='sl-over']")
        assert [text.text for group in over for text in group.iter("text")] == ["here"]
    assert ".sl-over text" in (STATIC / "figure.css").read_text()


def test_the_same_drawing_gives_the_same_text():
    texts = []
    for _ in range(2):
        figure, ax = canvas()
        ax.plot([1, 2])
        texts.append(drawn(figure))
    assert texts[0] == texts[1]
    assert "date" not in texts[0][0]


def test_names_of_parts_begin_with_the_key(figure):
    for text in drawn(figure, key="mine"):
        names = re.findall(r' id="([^"]*)"', text)
        assert names
        assert all(name.startswith("mine") for name in names)
        used = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text)
        assert {a or b for a, b in used} <= set(names)


def test_coordinates_have_one_decimal(figure):
    for text in drawn(figure):
        for d in re.findall(r' d="([^"]*)"', text):
            assert not re.search(r"\.\d\d", d)


def test_a_long_curve_has_as_many_points_as_are_seen():
    figure, ax = canvas()
    x = np.linspace(0, 1, 20_000)
    ax.fill_between(x, np.sin(3 * x))
    ax.plot(x, np.sin(3 * x))
    assert all(len(text) < 8_000 for text in drawn(figure))


def test_nothing_lies_outside():
    figure, ax = canvas()
    ax.plot([0, 1], [0, 1])
    ax.annotate("a name far outside of the axes", (1, 1), annotation_clip=False)
    for text in drawn(figure):
        root = ElementTree.fromstring(text)
        left, _, width, _ = map(float, root.get("viewBox").split())
        (name,) = (e for e in root.iter("text") if e.text.startswith("a name"))
        assert left + width > float(name.get("x")) + 120


def test_the_main_curve_is_named_with_its_panel():
    figure, axes = canvas(2)
    axes[1].plot([1, 2, 3], gid=f"{MAIN}1")
    for text in drawn(figure):
        assert text.count('class="sl-main" data-panel="1"') == 1


points = st.lists(
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=40
).map(np.array)


@given(points=points, tolerance=st.floats(0, 5))
def test_what_is_left_out_lies_near_what_is_left(points, tolerance):
    kept = simplified(points, tolerance)
    assert (kept[0] == points[0]).all()
    assert (kept[-1] == points[-1]).all()
    for point in points:
        nearest = min(distance(point, a, b) for a, b in pairwise(kept))
        assert nearest <= tolerance + 1e-9


def distance(point, start, end):
    along = end - start
    length = along @ along
    share = np.clip((point - start) @ along / length, 0, 1) if length else 0.0
    return np.hypot(*(point - start - share * along))
