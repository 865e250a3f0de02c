"""Which mistake is named, and how little is asked for it."""

import math

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import examine
from scalelab.course.kinds import Bytes, Data, Number, Whole

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


def test_a_misreading_that_fails_where_the_learner_is_right_is_not_named(double):
    """Both give 0 for large numbers; only one of them gives it for small ones as well."""
    double.misread("That is nothing at all.")(lambda value: 0)
    given = [double.cases(range(20))[i][1][0] for i in range(20)]
    limit = sorted(given)[10]
    verdict = examine(double, lambda value: 0 if value > limit else 2 * value)
    assert dict(verdict.lines)["Why it matters"] == SAID["why"]


@pytest.mark.parametrize("rounding", [math.ceil, math.floor, round])
def test_a_number_that_was_rounded_either_way_is_told(rounding):
    task = Lab("tiny").exercise("third", "A third of it", Number(), **SAID)
    task.ask(lambda rng: (int(rng.integers(30, 1_000)),))
    task.solve(lambda value: value / 3)
    assert "rounded" in repr(examine(task, lambda value: rounding(value / 3)))
    assert "rounded" not in repr(examine(task, lambda value: value // 4))


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
