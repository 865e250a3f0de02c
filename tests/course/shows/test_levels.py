"""Boxes that fill and empty: the picture counts what it was told."""

import pytest

from scalelab.course.shows.levels import show_levels
from scalelab.course.stage import Stage

COUNTS = {"A": [1, 3, 3, 0], "B": [0, 0, 2, 1]}


def test_each_box_holds_what_it_was_told():
    stage = Stage()
    show_levels(stage, COUNTS)
    trace = stage.run(4.0)
    shown = {name: [trace.count(name, 1_000 * s + 500) for s in range(4)] for name in COUNTS}
    assert shown == COUNTS
    assert stage.books[-1] == (3_000, {"A": 0, "B": 1})


def test_who_came_first_leaves_first():
    stage = Stage()
    show_levels(stage, {"A": [2, 1]})
    first, second = stage.run(2.0).steps
    assert [step[0] for step in first] == [0, 0, 1_000]
    assert [step[0] for step in second] == [0, 0]


def test_more_than_a_box_has_room_for_is_refused():
    with pytest.raises(
        ValueError, match=r"show_levels: counts\['A'\] must be from 0 to 10, got 11"
    ):
        show_levels(Stage(), {"A": [11]})
