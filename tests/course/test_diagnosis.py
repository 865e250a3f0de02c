"""Which mistake a wrong answer is told: the one that gives the same on all cases."""

import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import examine
from scalelab.course.kinds import Number, Parts

SAID = {"why": "In general.", "hint": "Look.", "hints": ("a", "b"), "explanation": "So it is."}


def why(task, answer):
    return dict(examine(task, answer).lines)["Why it matters"]


@pytest.fixture
def area():
    """The area of a rectangle."""
    task = Lab("tiny").exercise("area", "Area", Number(unit="s"), **SAID)
    task.ask(lambda rng: (float(rng.integers(2, 9)), float(rng.integers(10, 20))))
    task.edges(lambda: {"a square": (2.0, 2.0)})
    task.solve(lambda a, b: a * b)
    task.misread("That is half of the way round.")(lambda a, b: a + b)
    task.misread("That is the first side twice.")(lambda a, b: a * a)
    return task


def test_the_misreading_that_agrees_everywhere_is_named(area):
    assert why(area, lambda a, b: b + a) == "That is half of the way round."
    assert why(area, lambda a, b: a**2) == "That is the first side twice."


def test_one_that_agrees_by_chance_on_one_case_is_not(area):
    assert why(area, lambda a, b: 4.5 if (a, b) == (2, 2) else a - b) == "In general."


def test_most_of_the_failed_cases_are_enough(area):
    assert why(area, lambda a, b: a + b if a != 3 else -7.25) == "That is half of the way round."


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (lambda a, b: 1e3 * a * b, "milliseconds"),
        (lambda a, b: a * b / 60, "minutes"),
        (lambda a, b: -a * b, "sign"),
    ],
)
def test_a_slip_of_units_or_sign_is_named(area, slip, words):
    assert words in why(area, slip)


def test_per_cent_and_rounding_are_named():
    task = Lab("tiny").exercise("share", "Share", Number(unit="ratio"), **SAID)
    task.ask(lambda rng: (float(rng.integers(1, 9)), float(rng.integers(10, 97))))
    task.solve(lambda part, whole: part / whole)
    assert "per cent" in why(task, lambda part, whole: 100 * part / whole)
    assert "rounded" in why(task, lambda part, whole: round(part / whole, 2))
    assert why(task, lambda part, whole: part) == "In general."


@pytest.fixture
def pair():
    task = Lab("tiny").exercise("pair", "Pair", Parts(low=Number(), high=Number()), **SAID)
    task.ask(lambda rng: (float(rng.integers(1, 9)),))
    task.solve(lambda n: (n - 1, n + 2))
    task.misread("The low end goes down by one.")(lambda n: (n, n + 2))
    task.misread("The high end goes up by two.")(lambda n: (n - 1, n + 1))
    return task


def test_of_a_pair_each_part_is_a_question_of_its_own(pair):
    assert why(pair, lambda n: (n, n + 2)) == "The low end goes down by one."
    assert why(pair, lambda n: (n - 1, n + 1)) == "The high end goes up by two."
    both = dict(examine(pair, lambda n: (n, n + 1)).lines)
    assert both["Why it matters"] == "The low end goes down by one."
    assert both["Expected"].startswith("low = ")


def test_an_exchanged_pair_is_named(pair):
    assert "changed places" in why(pair, lambda n: (n + 2, n - 1))


def test_otherwise_speaks_of_the_case(area):
    area.otherwise(lambda got, a, b: f"A side is {a:g}." if got > 10**6 else None)
    assert why(area, lambda a, b: 10**7 + a).startswith("A side is")
    assert why(area, lambda a, b: 1 / a) == "In general."
