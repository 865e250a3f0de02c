import re

import matplotlib as mpl
import numpy as np
import pytest

from scalelab import plotting
from scalelab.plotting import GRID, INK, MUTED, PAPER, SERIES, TINTS, canvas, themed_svg

DARK = plotting._DARK
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


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


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2, section "relative luminance"."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_by_hand():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # just too little


class TestThemes:
    def test_equal_but_for_the_colours(self, figure):
        light, dark = themed_svg(figure)
        assert light != dark
        assert COLOUR.sub("#", light) == COLOUR.sub("#", dark)

    def test_every_colour_is_exchanged_for_its_dark_one(self, figure):
        light, dark = themed_svg(figure)
        before, after = COLOUR.findall(light), COLOUR.findall(dark)
        assert [DARK[colour.lower()] for colour in before] == after

    def test_the_same_drawing_gives_the_same_text(self, figure):
        again, ax = canvas()
        ax.plot([1, 2])
        other, bx = canvas()
        bx.plot([1, 2])
        assert themed_svg(again) == themed_svg(other)
        assert themed_svg(figure) == themed_svg(figure)

    def test_no_date_and_no_machine_in_it(self, figure):
        light, _ = themed_svg(figure)
        assert "<dc:date>" not in light
        assert light.startswith("<svg")

    def test_no_background_so_that_the_page_shows(self, figure):
        light, _ = themed_svg(figure)
        assert PAPER not in light.lower().split("<g id=")[2]  # the figure's patch


class TestPalette:
    def test_every_colour_of_the_style_has_a_dark_one(self):
        named = {
            value.lower()
            for value in (*plotting._STYLE.values(), INK, MUTED, GRID, PAPER, *TINTS.values())
            if isinstance(value, str) and value.startswith("#")
        }
        cycle = {c["color"].lower() for c in plotting._STYLE["axes.prop_cycle"]}
        assert named | cycle <= set(DARK)

    def test_no_two_colours_become_one(self):
        assert len(set(DARK.values())) == len(DARK)

    def test_no_dark_colour_is_a_light_one_or_it_would_be_exchanged_twice(self):
        assert not set(DARK) & set(DARK.values())

    @pytest.mark.parametrize("colour", [INK, MUTED])
    def test_text_is_legible_in_both_themes(self, colour):
        assert contrast(colour, PAPER) >= 4.5
        assert contrast(DARK[colour], DARK[PAPER]) >= 4.5

    @pytest.mark.parametrize("colour", SERIES)
    def test_lines_stand_out_in_both_themes(self, colour):
        """WCAG asks 3 of graphics; 4.5 lets a curve lend its colour to its name."""
        assert contrast(colour, PAPER) >= 4.5
        assert contrast(DARK[colour], DARK[PAPER]) >= 4.5

    @pytest.mark.parametrize("colour", SERIES)
    def test_words_in_a_tinted_box_are_legible(self, colour):
        tint = TINTS[colour]
        assert contrast(INK, tint) >= 4.5
        assert contrast(DARK[INK], DARK[tint]) >= 4.5


class TestDrawing:
    def test_nothing_is_changed_for_other_figures(self):
        with mpl.rc_context():
            mpl.rcdefaults()  # or an earlier change would hide this one
            before = dict(mpl.rcParams)
            figure, ax = canvas()
            ax.plot([1, 2])
            themed_svg(figure)
            assert dict(mpl.rcParams) == before

    def test_axes_in_axes_out(self):
        _, ax = canvas()
        assert plotting.label(ax, x="s") is ax
        assert plotting.mark(ax, 1, 1, "here") is ax
        assert plotting.plot_marked(ax, [1, 2, 3], [1, 4, 9], 1) is ax
        assert plotting.plot_steps(ax, ["a"], [1.0]) is ax
        assert plotting.plot_request(ax, 80, 5) is ax
        assert plotting.write(ax, 1, 1, "there") is ax
        assert plotting.plot_bars(ax, {"a": 1}) is ax

    def test_panels(self):
        _, axes = canvas(3)
        assert axes.shape == (3,)

    def test_a_marked_point_shows_its_value(self):
        _, ax = canvas()
        plotting.plot_marked(ax, [1, 2, 3], [1.0, 4.04, 9.0], 1)
        assert [text.get_text() for text in ax.texts] == ["4.0"]

    def test_words_stand_beside_their_place_in_the_style_that_is_asked_for(self):
        _, ax = canvas()
        plotting.write(ax, 2, 3, "here", dx=4, dy=-5, color=MUTED)
        (words,) = ax.texts
        assert (words.get_text(), words.xy, words.xyann) == ("here", (2, 3), (4, -5))
        assert (words.get_color(), words.get_fontsize()) == (MUTED, 9.5)

    def test_bars_bear_their_names_and_values_from_the_top(self):
        _, ax = canvas()
        plotting.plot_bars(ax, {"large": 2_000.0, "small": 10.0}, form="{:,.0f} B")
        assert [bar.get_width() for bar in ax.patches] == [2_000, 10]
        assert [text.get_text() for text in ax.get_yticklabels()] == ["large", "small"]
        assert [text.get_text() for text in ax.texts] == ["2,000 B", "10 B"]
        assert ax.yaxis_inverted()
        assert ax.get_xlim() == (0, pytest.approx(2_300))

    def test_steps_lie_end_to_end(self):
        _, ax = canvas()
        plotting.plot_steps(ax, ["a", "b", "c"], [1.0, 2.0, 4.0])
        spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
        assert spans == [(0, 1), (1, 3), (3, 7)]

    def test_a_request_is_as_long_as_its_parts(self):
        _, ax = canvas()
        plotting.plot_request(ax, 80.0, 5.0)
        ends = {bar.get_y(): bar.get_x() + bar.get_width() for bar in ax.patches}
        assert sorted(ends.values()) == [5, 85]
