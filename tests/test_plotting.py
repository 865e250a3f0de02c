import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest

from scalelab import plotting
from scalelab.course.page import STATIC
from scalelab.plotting import DARK, GRID, INK, MUTED, PAPER, SERIES, TINTS, VARIABLES, canvas
from scalelab.svg import pair


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


# What who does not see one of three colours sees of linear RGB: Machado, Oliveira and Fernandes,
# "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1.
SIGHTS = {
    "all colours": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def lab(colour: str, sight) -> np.ndarray:
    """CIELAB, white D65, of what is seen of a colour."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.asarray(sight) @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_differences_by_hand():
    assert lab("#ffffff", np.eye(3)) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("#777777", SIGHTS["grey"]) == pytest.approx([50.03, 0, 0], abs=0.02)


@pytest.mark.parametrize(("sight", "least"), list(zip(SIGHTS, (20, 14, 14, 6), strict=True)))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_differ_for_who_sees_them_otherwise(sight, least, theme):
    """2.3 is just seen. Lines have dashes besides."""
    colours = [DARK[colour] if theme == "dark" else colour for colour in SERIES]
    seen = [lab(colour, SIGHTS[sight]) for colour in colours]
    gaps = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(gaps) >= least


def test_the_colours_of_before_would_not_pass():
    seen = [lab(colour, SIGHTS["grey"]) for colour in ("#0a62a9", "#7b3fa3")]
    assert np.linalg.norm(seen[0] - seen[1]) < 6


def test_the_page_has_the_palette():
    style = (STATIC / "figure.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--fig-([a-z-]+): (#[0-9a-f]{6});", block))
        for block in style.split("}")[:2]
    )
    assert light == {name: colour for colour, name in VARIABLES.items()}
    assert dark == {name: DARK[colour] for colour, name in VARIABLES.items()}


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
        assert set(VARIABLES) == set(DARK)

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
            pair(figure, "k", "alt")
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
        assert [text.get_text() for text in ax.texts] == ["4"]

    def test_names_beside_lines_keep_apart(self):
        figure, ax = canvas()
        for n in range(3):
            ax.plot([0, 1], [0, 1 + 0.001 * n], label=f"curve {n}")
        ax.axhline(0.2, label="across")
        assert plotting.label_lines(ax) is ax
        figure.canvas.draw()
        boxes = sorted(text.get_window_extent().y0 for text in ax.texts)
        assert [text.get_text() for text in ax.texts] == ["curve 0", "curve 1", "curve 2", "across"]
        assert min(np.diff(boxes)) > 8
        assert (
            min(text.get_window_extent().x0 for text in ax.texts) > ax.get_window_extent().x1 - 25
        )

    def test_names_of_lines_that_end_on_the_axis_stand_above_it(self):
        figure, ax = canvas()
        for n in range(4):
            ax.plot([0, 1], [1 + n, 0], label=f"curve {n}")
        ax.set_ylim(0, 5)
        plotting.label_lines(ax)
        figure.draw_without_rendering()
        middles = [text.get_window_extent().get_points()[:, 1].mean() for text in ax.texts]
        assert min(middles) > ax.get_window_extent().y0

    def test_a_line_that_leaves_by_the_top_is_named_where_it_leaves(self):
        figure, ax = canvas()
        ax.plot([0, 1, 2, 3], [0, 1, 5, 500], label="steep")
        ax.plot([0, 3], [1, 2], label="flat")
        ax.set_ylim(0, 6)
        plotting.label_lines(ax)
        figure.draw_without_rendering()
        edges = ax.get_window_extent()
        for text in ax.texts:
            assert edges.y0 < text.get_window_extent().y1 < edges.y1 + 10
        assert ax.texts[0].xy == (2, 5)

    def test_names_of_points_lie_neither_over_each_other_nor_over_a_point(self):
        figure, ax = canvas(height=2.3)
        points = {"hybrid": (912, 0.6), "target 80 %": (995, 1.0), "twelve": (2016, 0.0)}
        points |= {"clairvoyant": (850, 0.0), "schedule": (900, 5.8)}
        ax.plot(*zip(*points.values(), strict=True), "o")
        ax.margins(0.15)
        plotting.name_points(ax, points)
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        spots = ax.transData.transform(list(points.values()))
        assert not any(box.contains(*spot) for box in boxes for spot in spots)

    def test_a_name_does_not_lie_over_a_line_or_the_ticks_if_it_need_not(self):
        _, ax = canvas()
        ax.set(xlim=(0, 10), ylim=(0, 10))
        ax.step([5, 8], [5, 8], where="pre", color=MUTED)
        plotting.name_points(ax, {"a corner of the line": (5, 8), "at the edge": (0.1, 2)})
        corner, edge = ax.texts
        assert corner.get_position()[1] > 0  # below it the line comes up
        assert edge.get_ha() == "left"

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
