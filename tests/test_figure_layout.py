from itertools import pairwise

import pytest

from scalelab.figure_layout import finish, for_a_phone
from scalelab.plotting import (
    BLUE,
    DASHES,
    ORANGE,
    PHONE_WIDTH,
    canvas,
    draw_otherwise_on_a_phone,
    label,
    label_lines,
)


def ticks(axis):
    axis.figure.canvas.draw()
    return [text for tick in axis.get_ticklabels() if (text := tick.get_text())]


@pytest.mark.parametrize(("highest", "has_small_ticks"), [(1e4, False), (8.0, True)])
def test_a_logarithmic_axis_keeps_small_ticks_only_where_it_names_them(highest, has_small_ticks):
    figure, ax = canvas()
    ax.plot([1, 2], [1.0, highest])
    ax.set(yscale="log", ylim=(1.0, highest))
    finish(figure)
    assert bool(ax.yaxis.get_minorticklocs().size) == has_small_ticks


def test_ticks_are_grouped_and_have_a_true_minus():
    figure, ax = canvas()
    ax.plot([-10_000, 20_000], [0.5, 1.5])
    finish(figure)
    assert "20,000" in ticks(ax.xaxis)
    assert "−10,000" in ticks(ax.xaxis)


def test_a_logarithmic_axis_has_no_long_rows_of_zeros():
    figure, ax = canvas()
    ax.loglog([1, 1e9], [0.001, 1])
    finish(figure)
    assert not any(len(text) > 7 for text in ticks(ax.xaxis))
    assert {"10⁴", "10⁶"} <= set(ticks(ax.xaxis))  # and not one written out beside the other
    assert "0.001" in ticks(ax.yaxis)


def test_panels_in_a_row_name_their_heights_once():
    figure, axes = canvas(3, sharey=True)
    for ax, name in zip(axes, ("per second", "per second", "errors"), strict=True):
        label(ax, y=name)
    finish(figure)
    assert [ax.yaxis.label.get_visible() for ax in axes] == [True, False, True]
    for_a_phone(figure)
    assert [ax.yaxis.label.get_visible() for ax in axes] == [True, True, True]


def test_no_legend_has_a_frame():
    figure, ax = canvas()
    ax.plot([1, 2], label="a line")
    ax.legend()
    finish(figure)
    assert not ax.get_legend().get_frame_on()


def dashes(ax):
    return [line._unscaled_dash_pattern for line in ax.get_lines()]


def test_lines_of_several_colours_have_several_dashes():
    figure, ax = canvas()
    ax.plot([1, 2], color=BLUE)
    ax.axhline(1, color=ORANGE, label="here")
    ax.legend()
    finish(figure)
    assert len({str(dash) for dash in dashes(ax)}) == 2
    assert str(ax.get_legend().get_lines()[0]._unscaled_dash_pattern) == str(dashes(ax)[1])


def test_one_colour_and_chosen_dashes_stay_as_they_are():
    figure, axes = canvas(2)
    axes[0].plot([1, 2], color=ORANGE)
    axes[1].plot([1, 2], color=BLUE, linestyle=":")
    axes[1].plot([2, 1], color=ORANGE, linestyle=":")
    finish(figure)
    assert axes[0].get_lines()[0].get_linestyle() == "-"
    assert [line.get_linestyle() for line in axes[1].get_lines()] == [":", ":"]
    assert len({str(dash) for dash in DASHES.values()}) == len(DASHES)


def test_panels_stand_below_each_other_on_a_phone():
    figure, axes = canvas(3, sharey=True)
    axes[0].set_ylabel("of all")
    for_a_phone(figure)
    figure.canvas.draw()
    assert figure.get_size_inches()[0] == PHONE_WIDTH
    tops = [ax.get_position().y0 for ax in axes]
    assert tops == sorted(tops, reverse=True)
    assert len({round(ax.get_position().x0, 6) for ax in axes}) == 1
    assert [ax.get_ylabel() for ax in axes] == ["of all"] * 3


def test_words_on_a_phone_are_large_and_wrapped():
    figure, ax = canvas()
    ax.text(0, 0, "small", fontsize=6)
    label(ax, x="a long name of an axis that would not fit the width of a phone at all")
    for_a_phone(figure)
    assert ax.texts[0].get_fontsize() > 9
    assert "\n" in ax.get_xlabel()


@pytest.mark.parametrize("name", ["short", "of 15 letters.."])
def test_a_legend_below_is_no_wider_than_its_axes(name):
    figure, ax = canvas()
    for y in (1_000, 2_000):
        ax.plot([1, 2], [0, y], label=name)
    label(ax, x="time", y="per second", legend=True)
    for_a_phone(finish(figure)).draw_without_rendering()
    assert ax.get_position().width > 0.7
    assert ax.get_legend()._ncols == (2 if name == "short" else 1)


@pytest.mark.parametrize("direct", [False, True])
def test_names_of_lines_stand_below_on_a_phone(direct):
    figure, ax = canvas()
    ax.plot([1, 2], label="one")
    ax.plot([2, 1], label="other")
    label(ax, x="time", legend=not direct)
    if direct:
        label_lines(ax)
    for_a_phone(figure)
    figure.canvas.draw()
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["one", "other"]
    assert legend.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0 + 1
    assert not ax.texts


def test_a_figure_may_know_its_own_drawing():
    figure, _ = canvas()
    other, _ = canvas()
    draw_otherwise_on_a_phone(figure, lambda: other)
    assert for_a_phone(figure) is other


@pytest.mark.parametrize("short", [0, 5])
@pytest.mark.parametrize("category", [False, True])
def test_rows_with_names_have_room_for_them_on_a_phone_and_no_grid_over_their_values(
    short, category
):
    names = [f"{word} of the database and its replicas" for word in ("cores", "queries", "disks")]
    names += [f"none {number}" for number in range(short)]
    figure, ax = canvas(height=1.2)
    rows = range(1, len(names) + 1)
    ax.barh(names if category else rows, rows)
    if not category:
        ax.set_yticks(rows, names)
    finish(figure)
    assert not any(line.get_visible() for line in ax.yaxis.get_gridlines())
    for_a_phone(figure)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.get_yticklabels()]
    assert all(low.y1 <= high.y0 for low, high in pairwise(boxes))
    assert ax.get_position().width > 0.35


def test_axes_are_not_flat_on_a_phone():
    figure, ax = canvas(height=1.2)
    for name in ("a first line", "a second line", "a third line of many words"):
        ax.plot([0, 1], [0, 1], label=name)
    label(ax, x="requests", title="What is left", legend=True)
    for_a_phone(finish(figure))
    figure.draw_without_rendering()
    assert 72 * figure.get_size_inches()[1] * ax.get_position().height > 50


def test_titles_stand_on_the_left_whoever_set_them():
    figure, axes = canvas(2)
    axes[0].set(title="one night")
    label(axes[1], title="another night")
    finish(figure)
    assert [ax.get_title(loc="left") for ax in axes] == ["one night", "another night"]
    assert not any(ax.get_title() for ax in axes)


def test_the_name_of_an_axis_is_no_longer_than_the_axis_on_a_phone():
    figure, ax = canvas(height=2.5)
    ax.plot([0, 100], [0, 10], label="9 reads to a write")
    label(ax, x="copies", y="throughput, of one node", legend=True)
    for_a_phone(figure)
    figure.draw_without_rendering()
    assert ax.yaxis.label.get_window_extent().height <= ax.get_window_extent().height


def test_the_noughts_of_both_axes_do_not_touch_at_the_origin():
    figure, ax = canvas()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    finish(figure)
    figure.draw_without_rendering()
    at_y, at_x = (axis.get_ticklabels()[0] for axis in (ax.yaxis, ax.xaxis))
    assert at_y.get_text() == at_x.get_text() == "0"
    gap = at_x.get_window_extent().x0 - at_y.get_window_extent().x1
    assert gap > figure.dpi / 72  # more than a point
