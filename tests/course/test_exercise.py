"""An exercise: its cases, its words, what it gives back."""

import numpy as np
import pytest

from scalelab.course.diagnosis import Fault
from scalelab.course.exercise import Exercise
from scalelab.course.kinds import Number

SAID = {"why": "w", "hint": "h", "hints": ("a", "b"), "explanation": "e"}


@pytest.fixture
def half():
    task = Exercise("half", "A half", Number(), **SAID)
    task.ask(lambda rng: (int(rng.integers(9)), [1]))
    task.edges(lambda: {"nothing": (0, [])})
    task.solve(lambda whole, rest: whole / 2)
    return task


def test_the_special_cases_come_first_and_a_seed_is_always_the_same(half):
    first, second = half.cases(range(3)), half.cases(range(3))
    assert first == second
    assert [name for name, _ in first] == ["nothing", "seed 0", "seed 1", "seed 2"]
    assert half.wide_case(4) == half._ask(np.random.default_rng(4))
    half.ask_widely(lambda rng: ("wide",))
    assert half.wide_case(4) == ("wide",)


def test_its_decorators_give_back_what_they_take():
    task = Exercise("t", "T", Number(), **SAID)

    def answer(value):
        return value

    for take in (task.ask, task.ask_widely, task.edges, task.run, task.judge, task.words):
        assert take(answer) is answer
    assert task.solve(answer) is task.solve_otherwise(answer) is answer
    assert task.misread("No.", hint="Yes.")(answer) is answer
    assert (task.misreadings[0].name, task.misreadings[0].hint) == ("answer", "Yes.")
    assert task.meaning("answer") == "No."


def test_a_case_in_words(half):
    assert half.in_words((3, [1])) == "whole=3, rest=[1]"
    half.words(lambda whole, rest: f"{whole} to halve")
    assert half.in_words((3, [1])) == "3 to halve"


def test_a_fault_is_found_by_comparison_or_by_a_judge(half):
    assert half.fault(1.5, (3, [])) is None
    assert half.fault(2.0, (3, [])) == Fault("1.5", "2")
    half.judge(lambda got, whole, rest: Fault("odd", "even") if got % 2 == 0 else None)
    assert half.fault(2.0, (3, [])) == Fault("odd", "even")
    assert half.judged
