"""Which mistake is named, and how little is asked for it."""

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import examine
from scalelab.course.kinds import Bytes, Data, Whole

SAID = {
    "why": "The caller counts on it.",
    "hint": "Count again.",
    "hints": ("Add.", "Add it to itself."),
    "explanation": "Twice a number is the number and the number again.",
}


@pytest.fixture
def double():
    task = Lab("tiny").exercise("double", "Double a number", Whole(), **SAID)
    task.ask(lambda rng: (int(rng.integers(3, 1_000)),))
    task.solve(lambda value: 2 * value)
    return task


def test_a_misreading_that_cannot_fit_is_not_asked_on_every_case(double):
    """It may be slow: after six misses of twenty, three quarters are out of reach."""
    asked = []

    def thrice(value):
        asked.append(value)
        return 3 * value

    double.misread("That is three times.")(thrice)
    verdict = examine(double, lambda value: 5 * value)
    assert dict(verdict.lines)["Why it matters"] == SAID["why"]
    assert len(asked) == 6


def test_a_misreading_that_fits_is_asked_on_every_case_and_named(double):
    asked = []

    def thrice(value):
        asked.append(value)
        return 3 * value

    double.misread("That is three times.")(thrice)
    verdict = examine(double, lambda value: 3 * value)
    assert dict(verdict.lines)["Why it matters"] == "That is three times."
    assert len(asked) == 20


@pytest.mark.parametrize("keeps", [True, False])
def test_arguments_must_stay_where_the_page_says_so(keeps):
    task = Lab("tiny").exercise("mark", "Mark a copy", Data(), **SAID, keeps_arguments=keeps)
    task.ask(lambda rng: ({"n": int(rng.integers(9))},))
    task.solve(lambda session: {**session, "seen": 1})

    def in_place(session):
        session["seen"] = 1
        return session

    verdict = examine(task, in_place)
    said = dict(verdict.lines)
    assert verdict.passed is not keeps
    assert "`session`" in said["Take care"]
    if keeps:
        assert said["Expected"] == "session as it was"
        assert "must not change under its hands" in said["Why it matters"]
    assert examine(task, task.solution).passed


@pytest.mark.parametrize("value", [np.array(3.5), np.ma.masked], ids=["no dimension", "masked"])
def test_an_array_of_no_dimension_is_refused_where_bytes_are_asked(value):
    task = Lab("tiny").exercise("send", "Send it", Bytes(), **SAID)
    task.ask(lambda rng: (int(rng.integers(9)),))
    task.solve(lambda value: bytes([value]))
    assert examine(task, lambda number: value).state == "wrong"


@pytest.mark.parametrize("numbers", [[172, 2], (0,)])
def test_a_list_of_numbers_is_told_how_it_becomes_bytes(numbers):
    task = Lab("tiny").exercise("send", "Send it", Bytes(), **SAID)
    task.ask(lambda rng: (int(rng.integers(9)),))
    task.solve(lambda value: bytes([value]))
    assert "`bytes(...)`" in repr(examine(task, lambda value: numbers))
