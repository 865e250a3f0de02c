"""Which mistake a wrong answer is told: the one that gives the same on all cases."""

import math

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.examine import examine
from scalelab.course.kinds import Bytes, Data, Maybe, Number, Parts, Whole

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


def test_a_misreading_that_answers_none_is_named():
    task = Lab("tiny").exercise("half", "Half of it, if it is even", Maybe(Whole()), **SAID)

    @task.ask
    def ask(rng):
        return (int(rng.integers(1, 100)),)

    @task.solve
    def half(number):
        return None if number % 2 else number // 2

    @task.misread("An even number can be large, too.")
    def small_ones(number):
        return number // 2 if number < 10 and number % 2 == 0 else None

    told = dict(examine(task, lambda n: half(n) if n < 10 else None).lines)
    assert told["Why it matters"] == "An even number can be large, too."
    assert told["Got"] == "None"


def test_a_misreading_that_is_wrong_where_the_answer_is_right_is_not_named():
    """Both answer None now and then; that alone does not make them the same mistake."""
    task = Lab("tiny").exercise("half", "Half of it, if it is even", Maybe(Whole()), **SAID)
    task.ask(lambda rng: (int(rng.integers(1, 100)),))
    task.solve(lambda number: None if number % 2 else number // 2)
    task.misread("It is never None.")(lambda number: None)
    told = dict(examine(task, lambda n: None if n % 2 or n > 80 else n // 2).lines)
    assert told["Why it matters"] == "In general."
    assert why(task, lambda number: None) == "It is never None."


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda n: (100 * n / 7, n / 3), "per cent"),
        (lambda n: (round(n / 7, 3), n / 3), "rounded"),
        (lambda n: (n / 7, -n / 3), "sign"),
        (lambda n: (n / 3, n / 7), "changed places"),
        (lambda n: (n / 7, n / 4), "In general."),
    ],
)
def test_a_part_in_an_odd_form_is_named_as_a_number_is(answer, told):
    kind = Parts(seventh=Number(unit="ratio"), third=Number(unit="ratio"))
    task = Lab("tiny").exercise("parts", "A seventh and a third", kind, **SAID)
    task.ask(lambda rng: (int(rng.integers(1, 100)),))
    task.solve(lambda number: (number / 7, number / 3))
    assert told in why(task, answer)


def test_an_odd_number_that_may_be_none_is_named_like_any():
    task = Lab("tiny").exercise("maybe", "A third", Maybe(Number(unit="ratio")), **SAID)
    task.ask(lambda rng: (int(rng.integers(2, 100)),))
    task.solve(lambda number: number / 3 if number > 40 else None)
    assert "rounded" in why(task, lambda n: round(n / 3, 2) if n > 40 else None)
    assert "per cent" in why(task, lambda n: 100 * n / 3 if n > 40 else None)
    assert why(task, lambda n: round(n / 3, 2)) == "In general."


def test_seconds_for_milliseconds_are_named():
    task = Lab("tiny").exercise("ms", "A time", Number(unit="ms"), **SAID)
    task.ask(lambda rng: (int(rng.integers(2, 100)),))
    task.solve(lambda number: number * 7)
    assert "Those are seconds" in why(task, lambda n: n * 7 / 1000)


def test_a_judge_that_is_sure_is_not_asked_beside_misreadings(double):
    asked = []
    double.misread("Once.")(lambda n: asked.append(n) or n)
    for sure in (False, True):
        fault = Fault("2 n", "n", "Judged.", sure=sure)
        double.judge(lambda got, n, fault=fault: None if got == 2 * n else fault)
        assert why(double, lambda n: n) == ("Judged." if sure else "Once.")
        assert asked
        double.misreadings[:] = double.misreadings[-1:]
