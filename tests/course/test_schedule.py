"""Boxes and days, followed by hand, and the order in which chapters are mixed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.course.schedule import INTERVALS_DAYS, Due, Standing, due, interleaved, standing


def on(*answers):
    """Answers as (day, right)."""
    return [{"answer": "x", "right": right, "day": day} for day, right in answers]


@pytest.mark.parametrize(
    ("answers", "box", "day"),
    [
        (on((10, False)), 1, 10),
        (on((10, True)), 2, 10),
        (on((10, True), (12, True)), 3, 12),
        (on((10, True), (12, True), (16, False)), 1, 16),
        (on(*((day, True) for day in range(10, 20))), 5, 19),
        # the same day again, with the feedback in view
        (on((10, False), (10, True)), 1, 10),
        (on((10, True), (10, False)), 2, 10),
        # of a version without days: the first one counts, and it was long ago
        ([{"answer": "x", "right": True}, {"answer": "x", "right": False}], 2, 0),
        ([{"answer": "x", "right": True}, *on((10, False))], 1, 10),
    ],
)
def test_a_question_moves_through_the_boxes(answers, box, day):
    assert standing(answers) == Standing(box=box, day=day)


@pytest.mark.parametrize(("box", "days"), list(enumerate(INTERVALS_DAYS, start=1)))
def test_each_box_comes_back_after_its_days(box, days):
    its = Standing(box=box, day=100)
    assert its.overdue_days(100 + days - 1) == -1
    assert its.overdue_days(100 + days) == 0
    assert its.overdue_days(100 + days + 7) == 7


def test_an_answer_from_the_future_is_due_at_once():
    assert Standing(box=5, day=200).overdue_days(100) == 0


def test_what_is_known_least_comes_first_and_chapters_alternate():
    quizzes = {
        "a/wrong": {"answers": on((10, False))},
        "a/wrong_too": {"answers": on((9, False))},
        "a/right": {"answers": on((10, True))},
        "b/right": {"answers": on((9, True))},
        "b/today": {"answers": on((12, False))},
    }
    found = [(each.chapter, each.question, each.overdue_days) for each in due(quizzes, 12)]
    assert found == [("a", "wrong_too", 2), ("b", "right", 1), ("a", "wrong", 1), ("a", "right", 0)]
    assert due(quizzes, 12)[1] == Due(chapter="b", question="right", box=2, overdue_days=1)


@given(items=st.lists(st.sampled_from("aaaabbc")))
def test_mixing_keeps_all_and_parts_what_can_be_parted(items):
    mixed = interleaved(items, kind=lambda item: item)
    assert sorted(mixed) == sorted(items)
    for i, (one, next_one) in enumerate(pairwise(mixed), start=1):
        if one == next_one:
            assert set(mixed[i:]) == {one}  # nothing else was left
