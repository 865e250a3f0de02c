"""The life of an exercise: attempts, hints in stages, explanation, solution, what comes next."""

from dataclasses import dataclass

import pytest

from scalelab.course.check import Lab, source_of
from scalelab.course.kinds import ListOf, Number, Whole

SAID = {"why": "So that it is right.", "hint": "Return two.", "explanation": "Two is even."}


def text(result):
    return result._repr_mimebundle_()["text/plain"]


@pytest.fixture
def lab():
    made = Lab("vertical")
    two = made.exercise(
        "two", "Return two", Whole(), hints=("It is even.", "It is prime.", "It is 2."), **SAID
    )
    made.exercise("three", "Return three", Whole(), hints=("It is odd.", "It is prime."), **SAID)
    for task, number in ((two, 2), (made.exercises["three"], 3)):
        task.ask(lambda rng: ())
        task.solve(lambda number=number: number)

    @two.solve
    def answer():
        """Two is one more than one."""
        return 1 + 1  # the reason stands here

    @two.solve_otherwise
    def answer():  # noqa: F811
        """Count the hands."""
        return len(("left", "right"))

    return made


def test_attempts_are_kept_and_a_stub_is_none(lab, kept):
    lab.check("two", ...)
    assert kept.exercise("vertical/two")["attempts"] == 0
    lab.check("two", lambda: 1)
    lab.check("two", lambda: 1 / 0)
    assert kept.exercise("vertical/two") == {"attempts": 2, "passed": False}
    lab.check("two", lambda: 2)
    assert kept.exercise("vertical/two") == {"attempts": 3, "passed": True}


def test_after_a_green_check_it_says_what_comes_next(lab, kept):
    said = dict(lab.check("two", lambda: 2).lines)["Next"]
    assert said.startswith('Explain it: `lab.explain("two", ...)`')
    assert said.endswith("Then: Return three.")
    said = dict(lab.check("three", lambda: 3).lines)["Next"]
    assert "All tasks of this lab are done" in said
    assert "The next lab is `lab_diagonal.ipynb`" in said


def test_an_example_shows_no_more_digits_than_a_reader_needs(lab, kept):
    task = lab.exercise("split", "Which share?", ListOf(Number()), hints=("a", "b"), **SAID)
    task.ask(lambda rng: (int(rng.integers(1, 9)),))
    task.edges(lambda: {"the page's": (3,)})
    task.solve(lambda n: [1 / n, 2 / n])
    assert repr(lab.example("split")) == "n=3\nA right answer gives [0.333333, 0.666667]."
    assert text(lab.summary()).endswith("Which share? still to do")  # and no colon after it


def test_the_example_and_the_question_that_failed_can_be_tried(lab, kept):
    task = lab.exercise("add", "Add", Whole(), hints=("a", "b"), **SAID)
    task.ask(lambda rng: (int(rng.integers(9)), [1, 2]))
    task.edges(lambda: {"the page's": (3, [4])})
    task.solve(lambda start, numbers: start + sum(numbers))
    assert tuple(lab.example("add")) == (3, [4])
    assert repr(lab.example("add")) == "start=3, numbers=[4]\nA right answer gives 7."
    lab.example("add")[1].clear()
    assert tuple(lab.example("add")) == (3, [4])
    with pytest.raises(ValueError, match="failed: name must be of a task whose check failed"):
        lab.failed("add")
    lab.check("add", lambda start, numbers: start if start == 3 else start + sum(numbers))
    assert tuple(lab.failed("add")) == (3, [4])
    assert repr(lab.failed("add")) == "start=3, numbers=[4]"
    assert lab.check("add", lambda start, numbers: start + sum(numbers)).passed
    with pytest.raises(ValueError, match="failed"):
        lab.failed("add")


@pytest.mark.parametrize("own", [..., "", "no", None, 3])
def test_the_model_answer_waits_for_the_learners_own(lab, own):
    assert text(lab.explain("two", own)).startswith("Write your answer")


def test_the_model_answer_stands_beside_the_learners_own(lab):
    own = "Because two hands are what we have."
    assert text(lab.explain("two", own)) == f"You: {own}\nOne answer: Two is even."


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
    exec(source_of(lab.exercises["two"].solution), namespace)
    assert namespace["answer"]() == 2


def test_decorators_of_the_solution_itself_stay():
    task = Lab("tiny").exercise("box", "A box", Whole(), hints=("a", "b"), **SAID)

    @task.solve
    @dataclass(frozen=True)
    class Box:
        """A thing with a size."""

        size: int = 3

    source = source_of(task.solution)
    assert source.startswith("@dataclass(frozen=True)\nclass Box:")
    namespace = {"dataclass": dataclass}
    exec(source, namespace)
    assert namespace["Box"](5).size == 5


def test_the_summary_says_how_each_task_stands(lab, kept):
    assert text(lab.summary()) == "Return two: still to do\nReturn three: still to do"
    lab.check("two", lambda: 1)
    assert text(lab.summary()).startswith("Return two: 1 attempt\n")
    lab.check("two", lambda: 1)
    assert text(lab.summary()).startswith("Return two: 2 attempts\n")
    lab.check("two", lambda: 2)
    assert text(lab.summary()).startswith("Return two: done\n")
    assert "All tasks" not in text(lab.summary())
    lab.check("three", lambda: 3)
    assert "All tasks of this lab are done" in text(lab.summary())


@pytest.mark.parametrize("verb", ["hint", "solution", "check", "example", "failed", "explain"])
def test_an_unknown_exercise_is_named_with_those_there_are(lab, kept, verb):
    more = (lambda: 4,) if verb == "check" else ()
    with pytest.raises(ValueError, match=rf"{verb}: name must be one of two, three, got 'four'"):
        getattr(lab, verb)("four", *more)


def test_it_works_where_nothing_is_kept(lab, monkeypatch):
    monkeypatch.setenv("SCALELAB_PROGRESS", "off")
    assert lab.check("two", lambda: 2).passed
