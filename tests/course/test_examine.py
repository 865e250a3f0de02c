"""A tiny lab of one exercise: double a number. Who is told what, when it goes wrong?"""

import linecache
import math

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.examine import examine
from scalelab.course.kinds import ListOf, Number, Text, Whole
from scalelab.course.things import SetOf

SAID = {
    "why": "The caller pays twice.",
    "hint": "Multiply by two.",
    "hints": ("Add.", "Add it to itself."),
    "explanation": "Twice is once and once again.",
}


@pytest.fixture
def lab():
    made = Lab("tiny")
    task = made.exercise("double", "Double a number", Number(), **SAID)

    @task.ask
    def ask(rng):
        return (float(rng.integers(1, 1_000)),)

    @task.edges
    def edges():
        return {"nothing": (0.0,), "a half": (0.5,)}

    @task.solve
    def double(value):
        """Add it to itself."""
        return value + value

    @task.misread("That is the square.")
    def square(value):
        return value**2

    @task.misread("One more is not twice.")
    def one_more(value):
        return value + 1

    return made


def learner(source, name="answer", filename="<cell of the learner>"):
    """What `name` means after the learner's cell ran, as in a notebook: the source can be shown."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = {"np": np}
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


def lines(verdict):
    return dict(verdict.lines)


def test_the_ellipsis_is_open(lab, kept):
    assert lab.check("double", ...).state == "open"


def test_a_stub_that_returns_the_ellipsis_is_open(lab, kept):
    for stub in (lambda value: ..., lambda value: (..., 1), lambda value: {"size": ...}):
        verdict = lab.check("double", stub)
        assert verdict.state == "open"
        assert not verdict.passed
        assert "replace the `...` above" in repr(verdict)
    assert kept.exercise("tiny/double")["attempts"] == 0


def test_a_right_answer_is_asked_every_edge_and_seed_and_some_again(lab, kept):
    calls = []
    verdict = lab.check("double", lambda value: calls.append(value) or 2 * value)
    assert verdict.passed
    assert lines(verdict)["Passed"] == "Double a number, on 2 special cases and 20 seeds."
    assert calls[:2] == [0.0, 0.5]
    assert len(calls) == 2 + 20 + 8
    assert calls[-1] == calls[0]


def test_what_is_not_drawn_is_asked_in_its_cases_only(kept):
    made = Lab("fixed")
    task = made.exercise("two", "Say two", Number(), **SAID)
    task.edges(lambda: {"here": (1,), "there": (2,)})
    task.solve(lambda place: 2)
    calls = []
    verdict = made.check("two", lambda place: calls.append(place) or 2)
    assert lines(verdict)["Passed"] == "Say two, on 2 cases."
    assert calls == [1, 2, 2, 1]
    verdict = made.check("two", lambda place: print("one line\nand one") or 3)
    assert lines(verdict)["Cases"] == "0 of 2 cases pass"
    assert lines(verdict)["Your code printed, 4 times"] == "one line\nand one"
    verdict = made.check("two", lambda place: print(place))
    assert lines(verdict)["Your code printed"].startswith("1\n2")


def test_a_right_answer_may_be_remarked_on(lab, kept):
    task = lab.exercises["double"]
    task.remark(lambda got, value: f"It is {got:g}." if got == 2 * value else None)
    assert lines(lab.check("double", task.solution))["Beyond that"].startswith("It is ")
    assert "Beyond that" not in lines(lab.check("double", lambda value: value))


def test_a_wrong_answer_is_told_everything(lab, kept):
    verdict = lab.check("double", lambda value: value + 3)
    assert verdict.state == "wrong"
    said = lines(verdict)
    assert said["Not yet"] == "Double a number"
    assert (said["Expected"], said["Got"]) == ("0", "3")
    assert said["Scenario"] == "value=0.0 (nothing)"
    assert said["Why it matters"] == "The caller pays twice."
    assert said["Try"] == "Multiply by two."
    assert said["Cases"] == "0 of 2 special cases pass; 0 of 20 seeds pass"


def test_an_answer_that_fails_on_one_seed_fails_there(lab, kept):
    unlucky = float(np.random.default_rng(13).integers(1, 1_000))
    verdict = lab.check("double", lambda value: 0.0 if value == unlucky else 2 * value)
    assert verdict.state == "wrong"
    assert "(seed 13)" in lines(verdict)["Scenario"]
    assert "19 of 20 seeds pass (not: seed 13)" in lines(verdict)["Cases"]


@pytest.mark.parametrize("seeds", [range(0), []])
def test_no_seed_is_no_examination(lab, seeds):
    with pytest.raises(ValueError, match="examine: seeds must hold at least one"):
        examine(lab.exercises["double"], lambda value: 2 * value, seeds)


CRASHES = {
    "their own line": (
        "def answer(value):\n    half = value / 0\n    return half\n",
        "ZeroDivisionError",
        "line 2 of answer: `half = value / 0`",
    ),
    "deep in numpy": (
        "def answer(value):\n    return np.linalg.inv(np.zeros((2, 2)))\n",
        "LinAlgError: Singular matrix",
        "line 2 of answer: `return np.linalg.inv(np.zeros((2, 2)))`",
    ),
    "in compiled code": (
        "def answer(value):\n    return np.random.default_rng(1).choice(3, 5, replace=False)\n",
        "ValueError",
        "line 2 of answer: `return np.random.default_rng(1).choice(3, 5, replace=False)`",
    ),
    "deep in scalelab": (
        "from scalelab.models.usl_fit import fit_usl\n"
        "def answer(value):\n    return fit_usl([1], [1])\n",
        "fit_usl",
        "line 3 of answer: `return fit_usl([1], [1])`",
    ),
    "in a helper of theirs": (
        "def helper(value):\n    return {}[value]\ndef answer(value):\n    return helper(value)\n",
        "KeyError",
        "line 2 of helper: `return {}[value]`",
    ),
}


@pytest.mark.parametrize(("source", "error", "where"), CRASHES.values(), ids=CRASHES)
def test_a_crash_in_the_learners_code_shows_the_learners_line(lab, kept, source, error, where):
    verdict = lab.check("double", learner(source))
    assert verdict.state == "crashed"
    assert error in lines(verdict)["Your code stopped"]
    assert lines(verdict)["Where"] == where
    assert '*lab.failed("double")' in lines(verdict)["Try"]


def test_an_error_whose_text_cannot_be_shown_is_shown_without(lab, kept):
    source = (
        "class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\n"
        "def answer(value):\n    raise Odd\n"
    )
    verdict = lab.check("double", learner(source))
    assert "Odd: (its text cannot be shown)" in lines(verdict)["Your code stopped"]


@pytest.mark.parametrize(
    ("answer", "said", "told"),
    [
        (lambda: 2, "takes 0 positional arguments", "Keep the arguments"),
        (
            lambda value, *, more: 2,
            "missing 1 required keyword-only argument",
            "Keep the arguments",
        ),
        (17, "not callable", "A function is asked for, and this is a value (int)"),
        (None, "not callable", "A function is asked for, and this is a value (NoneType)"),
    ],
    ids=["too few", "one more", "no function", "none"],
)
def test_a_call_that_does_not_fit_is_theirs(lab, kept, answer, said, told):
    verdict = lab.check("double", answer)
    assert verdict.state == "crashed"
    assert said in lines(verdict)["Your code stopped"]
    assert lines(verdict)["Where"] == "where the check calls it"
    assert told in lines(verdict)["Try"]


def test_leaving_the_program_is_an_attempt(lab, kept):
    verdict = lab.check("double", lambda value: exit())
    assert (verdict.state, verdict.counts) == ("crashed", True)
    assert kept.exercise("tiny/double")["attempts"] == 1


def test_what_never_ends_is_stopped_and_is_an_attempt(lab, kept):
    # The loop in one line: whether `while` or `pass` is interrupted, each Python decides.
    source = "def answer(value):\n    while value > 1: pass\n    return 2 * value\n"
    verdict = lab.check("double", learner(source), patience_s=0.3)
    assert verdict.state == "stopped"
    assert lines(verdict)["Stopped"] == "Your code was stopped after 0.3 s."
    assert lines(verdict)["Where"].startswith("line 2 of answer")
    assert "(seed 0)" in lines(verdict)["Scenario"]
    assert kept.exercise("tiny/double")["attempts"] == 1


def test_an_exercise_may_have_a_patience_of_its_own(lab, kept):
    source = "def answer(value):\n    while value > 1: pass\n    return 2 * value\n"
    lab.exercises["double"].patience_s = 0.2
    verdict = lab.check("double", learner(source))
    assert lines(verdict)["Stopped"] == "Your code was stopped after 0.2 s."
    verdict = lab.check("double", learner(source), patience_s=0.4)
    assert lines(verdict)["Stopped"] == "Your code was stopped after 0.4 s."


def test_an_exercise_may_limit_a_single_call(lab):
    source = "def answer(value):\n    while value > 1: pass\n    return 2 * value\n"
    lab.exercises["double"].call_patience_s = 0.2
    said = lines(lab.check("double", learner(source)))
    assert said["Stopped"] == "`answer` was called, and did not come back within 0.2 s."
    assert said["Where"].startswith("line 2 of answer")


def test_an_interrupt_by_hand_gets_a_verdict_and_is_an_attempt(lab, kept):
    def interrupted(value):
        raise KeyboardInterrupt

    verdict = lab.check("double", interrupted)
    assert lines(verdict)["Stopped"] == "You stopped it."
    assert kept.exercise("tiny/double")["attempts"] == 1


def test_a_bug_in_the_question_is_ours_and_costs_no_attempt(lab, kept):
    @lab.exercises["double"].ask
    def broken(rng):
        raise RuntimeError("ours")

    verdict = lab.check("double", lambda value: value)
    assert verdict.state == "our fault"
    assert "says nothing about your answer" in repr(verdict)
    assert "exercise double" in lines(verdict)["Report"]
    assert kept.exercise("tiny/double")["attempts"] == 0


def test_a_bug_in_the_judge_is_ours(lab, kept):
    @lab.exercises["double"].judge
    def broken(got, value):
        raise RuntimeError("ours")

    verdict = lab.check("double", lambda value: value)
    assert verdict.state == "our fault"
    assert "test_examine.py" in lines(verdict)["Report"]


def test_what_is_printed_is_cut_and_stands_below_the_verdict(lab, kept):
    def talkative(value):
        for n in range(100):
            print("step", n)
        return 2 * value

    verdict = lab.check("double", talkative)
    assert verdict.lines[0][0] == "Passed"
    assert lines(verdict)["Your code printed"].count("\n") < 15
    assert "more lines" in lines(verdict)["Your code printed"]


def test_what_it_remembers_is_named(lab, kept):
    def remembering(value, seen=[]):  # noqa: B006
        seen.append(value)
        return 2 * seen[0]

    assert not lab.check("double", remembering).passed

    def counting(value, calls=[]):  # noqa: B006
        calls.append(value)
        return 2 * value + (len(calls) > 22)

    verdict = lab.check("double", counting)
    assert "Each call has to begin afresh" in lines(verdict)["Why it matters"]
    assert "drawn at random" in lines(verdict)["Why it matters"]


def test_what_it_cannot_do_a_second_time_is_shown(lab, kept):
    def spent(value, seen=[]):  # noqa: B006
        if value in seen:
            raise RuntimeError("seen before")
        seen.append(value)
        return 2 * value

    verdict = lab.check("double", spent)
    assert (verdict.state, dict(verdict.lines)["Your code stopped"]) == (
        "crashed",
        "RuntimeError: seen before",
    )


def test_what_only_some_cases_leave_behind_is_named(kept):
    """The first case clears what the one before it left, so it alone shows nothing."""
    task = Lab("tiny").exercise("sum", "A sum", Whole(), **SAID)
    task.ask(lambda rng: ([int(n) for n in rng.integers(0, 9, 3)],))
    task.edges(lambda: {"cleared": ([0, 1],), "none": ([2],), "left": ([5],)})
    task.solve(lambda numbers: sum(numbers))

    def leaking(numbers, kept=[0]):  # noqa: B006
        total = sum(numbers) + (0 if numbers[0] == 0 or len(numbers) > 1 else kept[0] // 100)
        kept[0] += 10 if numbers[0] else -kept[0]
        return total

    verdict = examine(task, leaking)
    assert "Each call has to begin afresh" in lines(verdict)["Why it matters"]


@pytest.fixture
def total():
    task = Lab("tiny").exercise("total", "A total", Whole(), **SAID)
    task.ask(lambda rng: ([int(n) for n in rng.integers(0, 9, 4)],))
    task.solve(lambda numbers: sum(numbers))
    task.misread("Each number counts, not only the largest.")(lambda numbers: max(numbers))
    return task


def test_arguments_are_copies_and_a_change_is_told(total):
    def eats(numbers):
        result = 0
        while numbers:
            result += numbers.pop()
        return result

    verdict = examine(total, eats)
    assert verdict.passed
    assert "changes `numbers`" in lines(verdict)["Take care"]
    assert examine(total, sum).lines[0][0] == "Passed"


def test_where_several_are_right_a_judge_finds_the_fault():
    task = Lab("tiny").exercise("up", "Larger than given", Number(), **SAID)
    task.ask(lambda rng: (float(rng.integers(9)),))
    task.solve(lambda value: value + 1)
    task.misread("As large is not larger.")(lambda value: value)

    @task.judge
    def judge(got, value):
        story = "first\nthen"
        return None if got > value else Fault("more", f"{got:g}", story=story)

    assert examine(task, lambda value: value + 17).passed
    verdict = examine(task, lambda value: value)
    assert lines(verdict)["Why it matters"] == "As large is not larger."
    assert lines(verdict)["What happened"] == "first\nthen"
    assert "<pre>first" in verdict._repr_mimebundle_()["text/html"]


def test_the_verdict_as_html_is_escaped_and_announced(lab, kept, page):
    answer = learner("def answer(value):\n    raise ValueError('<b>')\n")
    html = lab.check("double", answer)._repr_mimebundle_()["text/html"]
    assert 'role="status"' in html
    assert 'data-state="crashed"' in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_examine_keeps_nothing(lab, kept):
    assert examine(lab.exercises["double"], lambda value: 2 * value).passed
    assert kept.load()["exercises"] == {}


def test_a_list_is_shown_at_its_first_difference():
    task = Lab("tiny").exercise("up", "Count", ListOf(Whole(), "step"), **SAID)
    task.ask(lambda rng: (int(rng.integers(3, 6)),))
    task.solve(lambda n: list(range(n)))
    verdict = examine(task, lambda n: [0, 1, *range(3, n + 1)])
    assert (lines(verdict)["Expected"], lines(verdict)["Got"]) == ("2 for step 3", "3")


def test_a_set_that_nobody_touched_has_not_changed():
    """A copy of a set may show its members in another order than the set itself."""
    task = Lab("tiny").exercise("union", "All names", SetOf(Text(), "name"), **SAID)

    @task.ask
    def ask(rng):
        names = [f"{a}{b}" for a, b in rng.choice(list("abcdefghijklm"), (8, 2)).tolist()]
        return set(names), {"more": frozenset(names[::-1])}

    @task.solve
    def union(names, table):
        return names | table["more"]

    verdict = examine(task, task.solution, range(200))
    assert verdict.passed
    assert "Take care" not in dict(verdict.lines)

    def spoiler(names, table):
        names.pop()
        return union(names, table)

    assert "`names`" in dict(examine(task, spoiler, range(5)).lines)["Take care"]


KEPT = {
    "a global": """seen = {}
def answer(value):
    return seen.setdefault(value > 1, 2 * value)
""",
    "a number": """calls = 0
def answer(value):
    global calls
    calls += 1
    return 2 * value + (calls > 3)
""",
    "a default": """def answer(value, seen=[]):
    seen.append(value)
    return 2 * seen[0]
""",
    "a closure": """def make():
    seen = []
    def inner(value):
        seen.append(value)
        return 2 * seen[0]
    return inner
answer = make()
""",
}


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_what_it_keeps_is_named_though_it_says_the_same_again(lab, source):
    verdict = examine(lab.exercises["double"], learner(source))
    assert "kept from one call to the next" in lines(verdict)["Why it matters"]
    assert lines(verdict)["Got"].startswith("first ")


def test_what_it_keeps_is_not_blamed_for_another_mistake(lab):
    source = "seen = []\ndef answer(value):\n    seen.append(value)\n    return value + 1\n"
    answer = learner(source)
    verdict = examine(lab.exercises["double"], answer)
    assert lines(verdict)["Why it matters"] == "One more is not twice."
    assert len(answer.__globals__["seen"]) > 20  # and it still has what it kept


def test_none_where_infinity_is_due_is_told(monkeypatch, lab):
    exercise = lab.exercises["double"]
    monkeypatch.setattr(exercise, "expected", lambda case, name="": 2 * case[0] or math.inf)
    said = lines(examine(exercise, lambda value: 2 * value or None))
    assert "math.inf" in said["Why it matters"]


def test_a_value_of_another_form_comes_before_none_in_some_cases(lab):
    said = lines(examine(lab.exercises["double"], lambda value: f"{2 * value}" if value else None))
    assert "text" in said["Why it matters"]


def test_none_in_some_cases_is_not_told_as_a_forgotten_return(lab):
    said = lines(examine(lab.exercises["double"], lambda value: 2 * value or None))
    assert "in this case, and not in others" in said["Why it matters"]
    assert "`print`" in lines(examine(lab.exercises["double"], print))["Why it matters"]


def test_a_misreading_that_gives_none_names_itself(lab):
    exercise = lab.exercises["double"]

    @exercise.misread("0 is a number as well.")
    def nothing_of_nothing(value):
        return 2 * value or None

    verdict = examine(exercise, lambda value: value + value if value else None)
    assert lines(verdict)["Why it matters"] == "0 is a number as well."


def test_what_a_class_keeps_is_named_where_a_run_uses_it(lab):
    exercise = lab.exercises["double"]

    class Once:
        def double(self, value):
            return 2 * value

    class Keeps(Once):
        first = None

        def double(self, value):
            Keeps.first = value if Keeps.first is None else Keeps.first
            return 2 * Keeps.first

    exercise.run(lambda made, value: made().double(value))
    exercise.words(lambda value: f"double {value}")
    exercise.solve(Once)
    assert examine(exercise, Once).passed
    exercise.misreadings.clear()
    assert "kept from one call" in lines(examine(exercise, Keeps))["Why it matters"]


def test_a_million_items_do_not_take_long(lab):
    task = lab.exercise("list", "A list", ListOf(Whole()), **SAID)
    task.ask(lambda rng: (int(rng.integers(1, 9)),))
    task.solve(lambda value: [value])
    many = [0] * 10**6
    assert "1,000,000 items" in lines(examine(task, lambda value: many))["Why it matters"]
