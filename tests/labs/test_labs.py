"""Every lab: its checks, its stubs, and the whole notebook with the solutions filled in."""

import importlib.util
import linecache
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from scalelab.course.examine import examine

LABS = Path(__file__).parents[2] / "labs"
NAMES = sorted(path.stem for path in LABS.glob("*.ipynb"))


@cache
def load(name):
    """The `lab` of labs/checks/<name>.py, imported as the notebook does."""
    spec = importlib.util.spec_from_file_location(
        f"checks_of_{name}", LABS / "checks" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.lab


def notebook(name):
    return nbformat.read(LABS / f"{name}.ipynb", 4)


def stubs(name):
    """The cell of each exercise, by its tag."""
    tagged = {}
    for cell in notebook(name).cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("exercise:"):
                tagged[tag.removeprefix("exercise:")] = cell.source
    return tagged


def defined(source):
    """What a cell's source defines last, made in a file of its own as IPython does."""
    filename = f"<cell {abs(hash(source))}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names = {}
    exec(compile(source, filename, "exec"), names)
    return names[re.findall(r"^(?:def|class) (\w+)", source, re.M)[-1]]


EXERCISES = [(name, exercise) for name in NAMES for exercise in load(name).exercises]
each_exercise = pytest.mark.parametrize(("lab", "name"), EXERCISES)


def test_there_are_labs():
    assert NAMES


@pytest.mark.parametrize("lab", NAMES)
def test_every_exercise_has_a_stub_and_a_check_in_the_notebook(lab):
    assert list(stubs(lab)) == list(load(lab).exercises)
    code = "\n".join(c.source for c in notebook(lab).cells if c.cell_type == "code")
    for name in load(lab).exercises:
        assert f'lab.check("{name}", ' in code


@pytest.mark.parametrize("lab", NAMES)
def test_a_lab_has_three_to_five_exercises(lab):
    assert 3 <= len(load(lab).exercises) <= 5


@each_exercise
def test_the_stub_is_still_to_do(lab, name):
    answer = defined(stubs(lab)[name])
    assert examine(load(lab).exercises[name], answer).state == "open"


@each_exercise
def test_solution_and_alternative_pass(lab, name):
    exercise = load(lab).exercises[name]
    for answer in (exercise.solution, exercise.alternative):
        verdict = examine(exercise, answer)
        assert verdict.passed, verdict
    assert exercise.solution_source() != exercise.solution.__name__


@each_exercise
def test_the_solution_gives_its_reasons(lab, name):
    exercise = load(lab).exercises[name]
    assert len(exercise.solution.__doc__.split()) >= 15
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)


@each_exercise
def test_wrong_answers_are_rejected_each_with_its_own_words(lab, name):
    exercise = load(lab).exercises[name]
    assert len(exercise.wrong_answers) >= 3
    whys = []
    for wrong in exercise.wrong_answers:
        verdict = examine(exercise, wrong.answer)
        assert verdict.state == "wrong", (wrong.name, verdict)
        lines = dict(verdict.lines)
        assert wrong.message in repr(verdict), (wrong.name, verdict)
        assert {"Expected", "Got", "Scenario", "Why it matters", "Try"} <= lines.keys()
        assert "seed" in lines["Scenario"]
        whys.append(lines["Why it matters"])
    assert len({wrong.message for wrong in exercise.wrong_answers}) == len(whys)


@each_exercise
def test_a_message_fits_only_its_own_mistake(lab, name):
    """The words of one misconception do not turn up for all the others as well."""
    exercise = load(lab).exercises[name]
    texts = {w.name: repr(examine(exercise, w.answer)) for w in exercise.wrong_answers}
    for wrong in exercise.wrong_answers:
        assert not all(wrong.message in text for text in texts.values()), wrong.name


@each_exercise
def test_a_crash_is_the_learners_with_the_line(lab, name):
    source = "def answer(*args):\n    return {}['nothing']\n"
    verdict = examine(load(lab).exercises[name], defined(source))
    assert verdict.state == "crashed"
    assert "line 2 of answer: `return {}['nothing']`" in repr(verdict)


@each_exercise
@pytest.mark.parametrize("nonsense", [None, "text", -1, float("nan"), (None, None), []])
def test_nonsense_is_never_our_fault(lab, name, nonsense):
    exercise = load(lab).exercises[name]
    if isinstance(exercise.solution, type):
        source = (
            "class Answer(solution):\n"
            "    def acquire(self):\n"
            "        super().acquire()\n"
            "        return nonsense\n"
        )
        names = {"solution": exercise.solution, "nonsense": nonsense}
        exec(compile(source, "<cell>", "exec"), names)
        answer = names["Answer"]
    else:

        def answer(*args):
            return nonsense

    verdict = examine(exercise, answer)
    assert verdict.state in ("wrong", "crashed"), verdict


@pytest.mark.parametrize("lab", NAMES)
def test_with_the_solutions_filled_in_every_check_is_green(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("SCALELAB_PROGRESS", str(tmp_path / "progress.json"))
    filled = notebook(lab)
    for cell in filled.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("exercise:"):
                exercise = load(lab).exercises[tag.removeprefix("exercise:")]
                cell.source = exercise.solution_source()
    where = {"metadata": {"path": str(LABS)}}
    NotebookClient(filled, timeout=120, resources=where).execute()
    passed = []
    for cell in filled.cells:
        if cell.cell_type == "code" and "lab.check(" in cell.source:
            texts = [output.data["text/plain"] for output in cell.outputs if "data" in output]
            passed.append(any(text.startswith("Passed") for text in texts))
    assert passed == [True] * len(load(lab).exercises)
    summary = filled.cells[-1].outputs[-1].data["text/plain"]
    assert summary.count(": done") == len(load(lab).exercises)


@pytest.mark.parametrize("name", ["account", "fleet"])
def test_a_pair_may_be_a_list_of_two_but_not_of_three(name):
    exercise = load("connection_pooling").exercises[name]
    assert examine(exercise, lambda *given: list(exercise.solution(*given))).passed
    longer = examine(exercise, lambda *given: [*exercise.solution(*given), 0])
    assert (longer.state, "a pair" in repr(longer)) == ("wrong", True)
