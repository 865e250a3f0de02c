"""A tiny lab of one exercise: double a number. Who is told what, when it goes wrong?"""

import linecache

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, examine, same_number

TOLD = {"why": "The caller pays twice.", "hint": "Multiply by two."}


@pytest.fixture
def lab():
    made = Lab("tiny")
    task = made.exercise("double", "Double a number", hints=("Add.", "Add it to itself."))

    @task.check_with
    def check(answer, rng):
        value = float(rng.integers(1, 1_000))
        same_number(answer(value), 2 * value, scenario=f"value = {value:g}", **TOLD)

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
    verdict = lab.check("double", lambda value: ...)
    assert verdict.state == "open"
    assert not verdict.passed
    assert "replace the `...` above" in repr(verdict)


def test_a_stub_buried_in_a_result_is_open(lab, kept):
    task = lab.exercise("deep", "Deep", hints=("a", "b"))
    task.check_with(lambda answer, rng: answered(answer()["size"]))
    assert lab.check("deep", lambda: {"size": ...}).state == "open"


def test_a_right_answer_passes_on_twenty_seeds(lab, kept):
    calls = []
    verdict = lab.check("double", lambda value: calls.append(value) or value + value)
    assert verdict.passed
    assert repr(verdict) == "Passed: Double a number, on 20 seeds."
    assert len(calls) == 20
    assert len(set(calls)) > 10  # each seed asks something else


def test_an_answer_that_fails_on_one_seed_fails(lab, kept):
    unlucky = float(np.random.default_rng(13).integers(1, 1_000))
    verdict = lab.check("double", lambda value: 0.0 if value == unlucky else 2 * value)
    assert verdict.state == "wrong"
    assert "(seed 13)" in lines(verdict)["Scenario"]


def test_a_wrong_answer_is_told_everything(lab, kept):
    value = float(np.random.default_rng(0).integers(1, 1_000))
    verdict = lab.check("double", lambda value: value + 1)
    assert verdict.state == "wrong"
    assert lines(verdict) == {
        "Not yet": "Double a number",
        "Expected": f"{2 * value:g}",
        "Got": f"{value + 1:g}",
        "Scenario": f"value = {value:g} (seed 0)",
        "Why it matters": "The caller pays twice.",
        "Try": "Multiply by two.",
    }


@pytest.mark.parametrize(
    ("result", "shown"),
    [("text", "'text'"), (None, "None"), (True, "True"), ([2.0], "[2.0]"), (2 + 0j, "(2+0j)")],
)
def test_what_is_no_number_is_shown_as_it_is(lab, kept, result, shown):
    verdict = lab.check("double", lambda value: result)
    assert lines(verdict)["Expected"] == "a number"
    assert lines(verdict)["Got"] == shown


@pytest.mark.parametrize("result", [float("nan"), float("inf"), -2.0])
def test_odd_numbers_are_wrong_and_no_crash(lab, kept, result):
    assert lab.check("double", lambda value: result).state == "wrong"


@pytest.mark.parametrize("kind", [int, float, np.int64, np.float64])
def test_every_kind_of_number_is_welcome(lab, kept, kind):
    assert lab.check("double", lambda value: kind(2 * value)).passed


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
    "deep in scalelab": (
        "from scalelab.models.queueing import erlang_c\n"
        "def answer(value):\n    return erlang_c(1, 1, 0)\n",
        "erlang_c: servers must be an integer >= 1, got 0",
        "line 3 of answer: `return erlang_c(1, 1, 0)`",
    ),
    "in a module that is not there": (
        "import importlib\n"
        "def answer(value):\n    return importlib.import_module('scalelab_of_dreams')\n",
        "ModuleNotFoundError",
        "line 3 of answer: `return importlib.import_module('scalelab_of_dreams')`",
    ),
    "in code that a library wrote": (
        "from dataclasses import dataclass, field\n"
        "def broken():\n    raise KeyError('no default')\n"
        "@dataclass\nclass Box:\n    size: int = field(default_factory=broken)\n"
        "def answer(value):\n    return Box()\n",
        "KeyError: 'no default'",
        "line 3 of broken: `raise KeyError('no default')`",
    ),
    "with a wrong signature further down": (
        "from dataclasses import dataclass\n"
        "@dataclass(order=True)\nclass Box:\n    size: object\n"
        "def answer(value):\n    return Box(1) < Box('a')\n",
        "TypeError",
        "line 6 of answer: `return Box(1) < Box('a')`",
    ),
}


@pytest.mark.parametrize(("source", "error", "where"), CRASHES.values(), ids=CRASHES)
def test_a_crash_in_the_learners_code_shows_the_learners_line(lab, kept, source, error, where):
    verdict = lab.check("double", learner(source))
    assert verdict.state == "crashed"
    assert error in lines(verdict)["Your code stopped"]
    assert lines(verdict)["Where"] == where
    assert lines(verdict)["Scenario"] == "seed 0"


def test_a_cell_of_ipython_is_the_learners(lab, kept, tmp_path):
    cell = str(tmp_path / "ipykernel_4711" / "1234567.py")
    answer = learner("def answer(value):\n    return value.size\n", filename=cell)
    verdict = lab.check("double", answer)
    assert verdict.state == "crashed"
    assert lines(verdict)["Where"] == "line 2 of answer: `return value.size`"


def test_a_learner_who_cannot_be_called_that_way_hears_of_it(lab, kept):
    answer = learner("def answer():\n    return 2\n")
    verdict = lab.check("double", answer)
    assert verdict.state == "crashed"
    assert "takes 0 positional arguments" in lines(verdict)["Your code stopped"]


@pytest.mark.parametrize("answer", [17, "two", None], ids=str)
def test_an_answer_that_is_no_function_is_the_learners(lab, kept, answer):
    verdict = lab.check("double", answer)
    assert verdict.state == "crashed"
    assert "not callable" in lines(verdict)["Your code stopped"]


def checker_module(tmp_path, source, name):
    """What `name` means in a file of a lab's checks."""
    file = tmp_path / "checks" / "tiny.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(source)
    return learner(source, name, filename=str(file))


def test_a_bug_in_the_checker_is_ours_and_names_the_seed(lab, kept, tmp_path):
    source = "def check(answer, rng):\n    draw = rng.random()\n    assert draw < 0.6, 'our bug'\n"
    task = lab.exercise("buggy", "Buggy", hints=("a", "b"))
    task.check_with(checker_module(tmp_path, source, "check"))
    first = next(s for s in range(20) if np.random.default_rng(s).random() >= 0.6)
    verdict = lab.check("buggy", lambda value: value)
    assert verdict.state == "our fault"
    assert "says nothing about your answer" in repr(verdict)
    assert lines(verdict)["Report"] == f"exercise buggy, seed {first}, tiny.py line 3"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: 2, "takes 0 positional arguments"),
        (lambda value, *, more: 2, "missing 1 required keyword-only argument"),
        (17, "not callable"),
    ],
    ids=["too few", "one more", "no function"],
)
def test_a_call_that_does_not_fit_is_not_the_checkers_fault(lab, kept, tmp_path, answer, said):
    source = "def check(answer, rng):\n    answer(1)\n"
    lab.exercise("call", "Call", hints=("a", "b")).check_with(
        checker_module(tmp_path, source, "check")
    )
    verdict = lab.check("call", answer)
    assert verdict.state == "crashed"
    assert said in lines(verdict)["Your code stopped"]
    assert lines(verdict)["Where"] == "where the check calls it"


def test_our_bug_costs_the_learner_no_attempt(lab, kept, tmp_path):
    source = "def check(answer, rng):\n    raise RuntimeError('ours')\n"
    lab.exercise("buggy", "Buggy", hints=("a", "b")).check_with(
        checker_module(tmp_path, source, "check")
    )
    assert lab.check("buggy", lambda value: value).state == "our fault"
    assert kept.exercise("tiny/buggy")["attempts"] == 0


def test_a_callback_of_ours_that_fails_inside_their_call_is_theirs_to_see(lab, kept, tmp_path):
    source = (
        "def refuse():\n    raise ConnectionError('refused')\n"
        "def check(answer, rng):\n    answer(refuse)\n"
    )
    lab.exercise("calls", "Calls", hints=("a", "b")).check_with(
        checker_module(tmp_path, source, "check")
    )
    verdict = lab.check("calls", learner("def answer(connect):\n    return connect()\n"))
    assert verdict.state == "crashed"
    assert lines(verdict)["Where"] == "line 2 of answer: `return connect()`"


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


def test_an_answer_error_holds_its_parts_as_text():
    error = AnswerError(2.5, None, scenario="s", why="w", hint="h")
    assert (error.expected, error.got) == ("2.5", "None")
    assert str(error) == "expected 2.5, got None"
