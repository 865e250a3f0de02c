"""The life of an exercise: attempts, hints in stages, the solution after a try, the summary."""

from dataclasses import dataclass

import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import same_number

TOLD = {"scenario": "always", "why": "So that it is right.", "hint": "Return two."}


def text(result):
    return result._repr_mimebundle_()["text/plain"]


@pytest.fixture
def lab():
    made = Lab("tiny")
    two = made.exercise("two", "Return two", hints=("It is even.", "It is prime.", "It is 2."))
    made.exercise("three", "Return three", hints=("It is odd.", "It is prime."))
    two.check_with(lambda answer, rng: same_number(answer(), 2.0, **TOLD))

    @two.solve
    def answer():
        """Two is one more than one."""
        return 1 + 1  # the reason stands here

    @two.solve_otherwise
    def answer():  # noqa: F811
        """Count the hands."""
        return len(("left", "right"))

    @two.reject("one", "So that it is right")
    def one():
        return 1

    return made


def test_attempts_are_kept_and_a_stub_is_none(lab, kept):
    lab.check("two", ...)
    assert kept.exercise("tiny/two")["attempts"] == 0
    lab.check("two", lambda: 1)
    lab.check("two", lambda: 1 / 0)
    assert kept.exercise("tiny/two") == {"attempts": 2, "passed": False}
    lab.check("two", lambda: 2)
    assert kept.exercise("tiny/two") == {"attempts": 3, "passed": True}


def test_hints_come_one_at_a_time_and_stay(lab, kept):
    assert text(lab.hint("two")) == "Hint 1 of 3: It is even."
    assert text(lab.hint("two")) == "Hint 1 of 3: It is even.\nHint 2 of 3: It is prime."
    assert "\nHint 3 of 3: It is 2.\nThat was the last one." in text(lab.hint("two"))
    assert text(lab.hint("two")).count("Hint") == 3
    assert text(lab.hint("three")) == "Hint 1 of 2: It is odd."


def test_a_hint_is_no_attempt(lab, kept):
    lab.hint("two")
    assert "Try first" in text(lab.solution("two"))


def test_the_solution_opens_after_an_attempt(lab, kept):
    closed = text(lab.solution("two"))
    assert closed == 'Try first: check("two", ...) once with your own answer, then ask again.'
    lab.check("two", lambda: 1)
    opened = text(lab.solution("two"))
    assert opened == (
        'def answer():\n    """Two is one more than one."""\n'
        "    return 1 + 1  # the reason stands here\n\n"
        "# Another way:\n"
        'def answer():  # noqa: F811\n    """Count the hands."""\n'
        '    return len(("left", "right"))'
    )


def test_the_source_of_a_solution_runs_as_it_stands(lab):
    namespace = {}
    exec(lab.exercises["two"].solution_source(), namespace)
    assert namespace["answer"]() == 2


def test_decorators_of_the_solution_itself_stay():
    task = Lab("tiny").exercise("box", "A box", hints=("a", "b"))

    @task.solve
    @dataclass(frozen=True)
    class Box:
        """A thing with a size."""

        size: int = 3

    assert Box().size == 3
    source = task.solution_source()
    assert source.startswith("@dataclass(frozen=True)\nclass Box:")
    namespace = {"dataclass": dataclass}
    exec(source, namespace)
    assert namespace["Box"](5).size == 5


def test_what_the_decorators_take_they_give_back(lab):
    task = lab.exercises["two"]
    assert task.solution() == task.alternative() == 2
    (wrong,) = task.wrong_answers
    assert (wrong.name, wrong.answer(), wrong.message) == ("one", 1, "So that it is right")


def test_the_summary_says_how_each_task_stands(lab, kept):
    assert text(lab.summary()) == "Return two: still to do\nReturn three: still to do"
    lab.check("two", lambda: 1)
    assert text(lab.summary()).startswith("Return two: 1 attempt\n")
    lab.check("two", lambda: 1)
    assert text(lab.summary()).startswith("Return two: 2 attempts\n")
    lab.check("two", lambda: 2)
    assert text(lab.summary()).startswith("Return two: done\n")


@pytest.mark.parametrize("verb", ["hint", "solution"])
def test_an_unknown_exercise_is_named_with_those_there_are(lab, kept, verb):
    with pytest.raises(ValueError, match=r"check: name must be one of two, three, got 'four'"):
        getattr(lab, verb)("four")


def test_check_of_an_unknown_exercise(lab, kept):
    with pytest.raises(ValueError, match=r"one of two, three, got 'four'"):
        lab.check("four", lambda: 4)


def test_it_works_where_nothing_is_kept(lab, monkeypatch):
    monkeypatch.setenv("SCALELAB_PROGRESS", "off")
    assert lab.check("two", lambda: 2).passed
