"""Every lab: its questions, its right and wrong answers, its stubs, and the whole notebook."""

import copy
import importlib.util
import linecache
import re
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest
from support.tree import ROOT, cells

from scalelab.course.check import source_of
from scalelab.course.contents import LAB
from scalelab.course.examine import examine
from scalelab.course.scene import MOST_EVENTS
from scalelab.course.stage import Stage
from scalelab.real.limits import call

LABS = ROOT / "labs"
NAMES = sorted(path.stem.removeprefix(LAB) for path in LABS.glob("*.ipynb"))
WIDE = range(100)  # questions from all that the page allows


@cache
def _module(folder, name, prefix=""):
    called = f"{prefix}{folder.name}_of_{name}"
    spec = importlib.util.spec_from_file_location(called, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def load(name):
    """The `lab` of labs/checks/<name>.py, imported as the notebook does."""
    return _module(LABS / "checks", name).lab


# Labs with fewer and coarser runs for a browser, which take a quarter of the time or less, and the
# misreadings that these do not see.
ONLY_IN_FULL = {"capstone": {"errors_come_through"}}


@cache
def coarse(name):
    """The lab as it is in a browser, if that is another."""
    if name not in ONLY_IN_FULL:
        return load(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scalelab.in_browser.in_browser", lambda: True)
        return _module(LABS / "checks", name, "coarse_").lab


def quickest(name, exercise):
    """Pairs of an exercise and its misreadings: the coarse ones, where these see them."""
    full, quick = (lab.exercises[exercise] for lab in (load(name), coarse(name)))
    in_full = ONLY_IN_FULL.get(name, ())
    return [
        (full, whole) if whole.name in in_full else (quick, each)
        for whole, each in zip(full.misreadings, quick.misreadings, strict=True)
    ]


def reading(name, exercise):
    """An answer that was written from the page alone, in tests/labs/readings/<name>.py."""
    return getattr(_module(ROOT / "tests" / "labs" / "readings", name), exercise)


def notebook(name):
    return LABS / f"{LAB}{name}.ipynb"


def text_of(name, kind):
    return "\n".join(cell["source"] for cell in cells(notebook(name), kind))


def stubs(name):
    """The cell of each exercise, by its tag."""
    tagged = {}
    for cell in cells(notebook(name)):
        for tag in cell["metadata"].get("tags", []):
            if tag.startswith("exercise:"):
                tagged[tag.removeprefix("exercise:")] = cell["source"]
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
FUNCTIONS = [
    (lab, name)
    for lab, name in EXERCISES
    if not isinstance(load(lab).exercises[name].solution, type)
]
each_function = pytest.mark.parametrize(("lab", "name"), FUNCTIONS)
PLAIN = [(lab, name) for lab, name in FUNCTIONS if load(lab).exercises[name].runner is call]
each_plain_function = pytest.mark.parametrize(("lab", "name"), PLAIN)


def lines(verdict):
    return dict(verdict.lines)


# The notebook --------------------------------------------------------------------------------


def test_there_are_labs():
    assert NAMES


@pytest.mark.parametrize("lab", NAMES)
def test_every_exercise_has_a_stub_a_check_and_an_explanation_in_the_notebook(lab):
    assert list(stubs(lab)) == list(load(lab).exercises)
    code = text_of(lab, "code")
    for name in load(lab).exercises:
        assert f'lab.check("{name}", ' in code
        assert f'lab.example("{name}")' in code
        assert f'lab.explain("{name}", ...)' in code


@pytest.mark.parametrize("lab", NAMES)
def test_a_lab_has_three_to_five_exercises_and_says_how_many(lab):
    count = len(load(lab).exercises)
    assert 3 <= count <= 5
    text = text_of(lab, "markdown")
    said = re.findall(r"\b(Three|Four|Five) tasks\b", text)
    assert said in ([], [{3: "Three", 4: "Four", 5: "Five"}[count]])
    assert re.findall(r"^## Task (\d)", text, re.M) == [str(n + 1) for n in range(count)]


@each_exercise
def test_the_stub_is_still_to_do(lab, name):
    answer = defined(stubs(lab)[name])
    assert examine(load(lab).exercises[name], answer).state == "open"


@pytest.mark.parametrize("lab", NAMES)
def test_with_the_solutions_filled_in_every_check_is_green(lab, tmp_path, monkeypatch):
    import nbformat  # which takes a second, in each process that collects this file
    from nbclient import NotebookClient

    monkeypatch.setenv("SCALELAB_PROGRESS", str(tmp_path / "progress.json"))
    filled = nbformat.read(notebook(lab), 4)
    for cell in filled.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("exercise:"):
                exercise = load(lab).exercises[tag.removeprefix("exercise:")]
                cell.source = source_of(exercise.solution)
    where = {"metadata": {"path": str(LABS)}}
    NotebookClient(filled, timeout=600, resources=where).execute()
    passed = []
    for cell in filled.cells:
        if cell.cell_type == "code" and "lab.check(" in cell.source:
            texts = [output.data["text/plain"] for output in cell.outputs if "data" in output]
            passed.append(any(text.startswith("Passed") for text in texts))
    assert passed == [True] * len(load(lab).exercises)
    summary = filled.cells[-1].outputs[-1].data["text/plain"]
    assert len(re.findall(r"[:?] done$", summary, re.M)) == len(load(lab).exercises)
    assert "All tasks of this lab are done" in summary


# Right answers -------------------------------------------------------------------------------


@each_exercise
def test_both_solutions_and_the_reading_of_the_page_pass(lab, name):
    full, quick = (each.exercises[name] for each in (load(lab), coarse(lab)))
    for exercise, answer in (
        (quick, quick.solution),  # in full it runs in the notebook above
        (full, full.alternative),
        (quick, reading(lab, name)),
    ):
        verdict = examine(exercise, answer, range(60), max(60.0, exercise.patience_s or 0.0))
        assert verdict.passed, verdict
        assert "Take care" not in lines(verdict), verdict


@each_exercise
def test_they_agree_on_all_that_the_page_allows(lab, name):
    exercise = coarse(lab).exercises[name]
    answers = exercise.solution, exercise.alternative, reading(lab, name)
    seen = set()
    for seed in WIDE:
        case = exercise.wide_case(seed)
        if all(isinstance(given, str) for given in case):  # a name, of which there are few
            if case in seen:
                continue
            seen.add(case)
        results = [exercise.result(answer, case) for answer in answers]
        faults = [exercise.fault(result, case) for result in results]
        assert faults == [None] * 3, (seed, exercise.in_words(case), results)


@each_exercise
def test_the_solution_gives_its_reasons(lab, name):
    exercise = load(lab).exercises[name]
    assert len(exercise.solution.__doc__.split()) >= 15
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert 12 <= len(exercise.explanation.split()) <= 90
    assert source_of(exercise.solution).startswith(("def ", "class ", "@"))


@each_exercise
def test_the_example_can_be_tried(lab, name):
    exercise = load(lab).exercises[name]
    example = load(lab).example(name)
    assert len(repr(example).split()) >= 2
    if exercise.runner is call:
        exercise.kind.read(exercise.solution(*example))


def _in_numpy(value):
    """The same value in NumPy's types, with tuples for lists."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value) if abs(value) < 2**63 else value
    if isinstance(value, float):
        return np.float64(value)
    if type(value) in (list, tuple):
        return tuple(_in_numpy(item) for item in value)
    return value


@each_plain_function
def test_the_types_of_numpy_and_tuples_are_as_good(lab, name):
    exercise = load(lab).exercises[name]
    verdict = examine(exercise, lambda *given: _in_numpy(exercise.solution(*given)))
    assert verdict.passed, verdict


@each_function
def test_a_right_answer_may_destroy_its_arguments(lab, name):
    """It is told, it is right unless the page forbids it, and the next check is unharmed."""
    exercise = coarse(lab).exercises[name]
    mutable = []

    def destroyer(*given):
        result = exercise.solution(*given)
        for each in given:
            if isinstance(each, (list, dict, set)):
                mutable.append(each)
                each.clear()
            elif isinstance(each, np.ndarray) and each.size:
                mutable.append(each)
                each[...] = 0
        return result

    verdict = examine(exercise, destroyer)
    if exercise.keeps_arguments:
        assert verdict.state == "wrong", verdict
        assert "must not change" in repr(verdict), verdict
    else:
        assert verdict.passed, verdict
    if mutable and exercise.runner is call:
        assert "Take care" in lines(verdict)
    assert examine(exercise, exercise.solution).passed


# Wrong answers -------------------------------------------------------------------------------


@each_exercise
def test_each_misreading_is_told_its_own_meaning(lab, name):
    exercise = load(lab).exercises[name]
    assert len(exercise.misreadings) >= 3
    whys = []
    for its, misreading in quickest(lab, name):
        verdict = examine(its, misreading.answer)
        assert verdict.state == "wrong", (misreading.name, verdict)
        said = lines(verdict)
        assert {"Expected", "Got", "Scenario", "Why it matters", "Try", "Cases"} <= said.keys()
        assert said["Why it matters"] == misreading.meaning, (misreading.name, verdict)
        whys.append(said["Why it matters"])
    assert len(set(whys)) == len(whys)


@each_exercise
def test_none_is_told_by_name(lab, name):
    exercise = load(lab).exercises[name]
    if isinstance(exercise.solution, type):
        pytest.skip("a class is asked for")
    verdict = examine(exercise, lambda *given: None)
    if verdict.state != "crashed":  # a function that makes an object, which is then used
        assert "`return`" in repr(verdict) or "None" in repr(verdict), verdict
    assert not verdict.passed


@each_exercise
def test_a_crash_is_the_learners_with_the_line(lab, name):
    source = "def answer(*args):\n    return {}['nothing']\n"
    verdict = examine(load(lab).exercises[name], defined(source))
    assert verdict.state == "crashed"
    assert "line 2 of answer: `return {}['nothing']`" in repr(verdict)


@each_exercise
def test_an_endless_loop_is_stopped_and_named(lab, name):
    source = "def answer(*args):\n    while True:\n        pass\n"
    verdict = examine(load(lab).exercises[name], defined(source), range(1), 0.3)
    assert verdict.state == "stopped"
    assert "0.3 s" in lines(verdict)["Stopped"]
    assert "of answer" in lines(verdict)["Where"]


@each_exercise
def test_leaving_the_program_is_told(lab, name):
    verdict = examine(load(lab).exercises[name], lambda *given: sys.exit(0))
    assert verdict.state == "crashed"
    assert "Return instead" in repr(verdict)


class Agreeable:
    """Equal to everything."""

    __hash__ = None

    def __eq__(self, other):
        return True


NONSENSE = {
    "none": None,
    "text": "text",
    "negative": -1,
    "nan": float("nan"),
    "infinite": float("inf"),
    "huge": 10**400,
    "pair of none": (None, None),
    "empty": [],
    "array": np.array([1.0, 2.0]),
    "no dimension": np.array(3.5),
    "masked": np.ma.masked,
    "frame": pd.DataFrame({"a": [1, 2]}),
    "column": pd.Series([1, 2]),
    "dictionary": {"a": 1},
    "complex": 1j,
    "bytes": b"x",
    "set": {1, 2},
    "generator": (i for i in range(3)),
    "function": len,
    "class": int,
    "equal to all": Agreeable(),
    "true": True,
    "long text": "x" * 1_000_000,
}


@each_exercise
@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_never_passed_and_never_our_fault(lab, name, nonsense):
    exercise = load(lab).exercises[name]
    verdict = examine(exercise, lambda *given: nonsense, range(2))
    assert verdict.state in ("wrong", "crashed"), verdict
    assert len(repr(verdict)) < 5_000


@each_plain_function
def test_what_is_remembered_between_calls_is_named(lab, name):
    """The first answer is right; then it is given again and again."""
    exercise = load(lab).exercises[name]
    if not exercise.repeatable:
        pytest.skip("the same question has several answers")
    calls = []

    def counting(*given):
        calls.append(given)
        result = exercise.solution(*given)
        return result if len(calls) == 1 else exercise.solution(*calls[0])

    first_case = exercise.cases(range(1))[0][1]
    others = [exercise.expected(case) for _, case in exercise.cases(range(20))[1:]]
    verdict = examine(exercise, counting)
    constant = all(exercise.kind.same(exercise.expected(first_case), other) for other in others)
    assert verdict.passed == constant


# What is played -----------------------------------------------------------------------------

PLAYED = [(lab, name) for lab, name in EXERCISES if load(lab).exercises[name].shown]
each_played = pytest.mark.parametrize(("lab", "name"), PLAYED)


def recorded(exercise, answer, case):
    stage = Stage()
    exercise.shown.run(stage, answer, *copy.deepcopy(case))
    return stage.run(exercise.shown.until_s(*case)), stage


def test_four_labs_play_answers():
    assert len({lab for lab, _ in PLAYED}) >= 4


@each_played
def test_what_is_played_counts_what_happened(lab, name):
    exercise = load(lab).exercises[name]
    for _, case in exercise.cases(range(6)):
        trace, stage = recorded(exercise, exercise.solution, case)
        assert 0 < trace.events <= MOST_EVENTS
        for ms, numbers in dict(stage.books).items():
            counts = trace.counts(ms)
            assert {what: counts[what] for what in numbers} == numbers, (case, ms)
        for box in trace.picture.boxes:
            assert box.y + box.height <= trace.picture.height <= 330


@each_played
def test_a_wrong_answer_is_played_on_the_case_that_it_failed(lab, name, monkeypatch):
    monkeypatch.setenv("SCALELAB_PROGRESS", "off")
    checks = load(lab)
    for misreading in checks.exercises[name].misreadings:
        assert not checks.check(name, misreading.answer).passed
        shown = checks.watch(name, misreading.answer)
        assert "sl-scene" in shown.body, (misreading.name, shown.text)
        words = checks.failed(name).words
        assert words[:60] in shown.text, misreading.name
    assert checks.check(name, checks.exercises[name].solution).passed
    assert "sl-scene" in checks.watch(name, checks.exercises[name].solution).body


@each_played
def test_what_cannot_be_played_is_a_sentence(lab, name):
    checks = load(lab)

    def endless(*arguments):
        while True:
            pass

    def crashing(*arguments):
        return {}["nothing"]

    said = {
        "write your answer first": (..., lambda *arguments: ...),
        "stopped after 0.3 s": (endless,),
        "KeyError came out of your code": (crashing,),
    }
    for words, answers in said.items():
        for answer in answers:
            assert words in checks.watch(name, answer, patience_s=0.3).text, (words, answer)


@each_played
@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_played_as_it_is_or_said(lab, name, nonsense):
    checks = load(lab)
    for answer in (nonsense, lambda *arguments: nonsense):
        shown = checks.watch(name, answer, patience_s=2.0)
        assert "sl-scene" in shown.body or "check says" in shown.text, shown.text


# A week of the shop --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"maximum": 3}, "maximum must be >= minimum=4, got 3"),
        ({"target": 60}, "target must be a share in (0, 1], got 60; 0.6 is 60 %"),
        ({"retries": -1}, "retries must be an integer >= 0"),
        ({"maximum": 20, "friday": 24}, "friday must be <= maximum=20"),
        ({"replicas": 0, "sync_replicas": 1}, "sync_replicas must be <= replicas=0, got 1"),
        ({"database_core": 10}, "A plan has no 'database_core'"),
    ],
)
def test_capstone_refuses_a_plan_by_the_names_of_the_page(wrong, words):
    verdict = examine(load("capstone").exercises["cheaper"], lambda: wrong)
    assert lines(verdict)["Why it matters"].startswith(words)


class Endless(dict):
    def __init__(self, entries):
        super().__init__()

    put = dict.__setitem__


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ({"autoscale": 3}, "There is no 'autoscale': autoscaler, cache_class, router, minimum"),
        ({"autoscaler": lambda: lambda reading: 7.5}, "Part of one of the instances"),
        ({"autoscaler": lambda: lambda reading: -1}, "It is how many you want in all"),
        ({"autoscaler": lambda reading: 7}, "It is called anew each time"),
        ({"autoscaler": lambda: 7}, "The fleet asks it once a minute"),
        ({"cache_class": Endless, "cache": 100_000}, "Each entry is paid for"),
        ({"cache_class": object, "cache": 9}, "object() takes no arguments"),
        ({"cache_class": lambda entries: 3, "cache": 9}, "It has no `get`"),
        ({"router": 3}, "Give the class itself"),
        ({"fill": "both"}, "fill must be"),
    ],
)
def test_capstone_names_what_is_no_code(code, words):
    verdict = examine(load("capstone").exercises["own"], lambda: code)
    assert verdict.state in ("wrong", "crashed")
    assert words in repr(verdict), verdict


def test_capstone_tells_an_error_of_a_router_by_its_line():
    source = (
        "class Router:\n    def wrote(self, position):\n        pass\n\n"
        "    def choose(self, applied):\n        return applied['node7']\n"
    )
    router = defined(source)
    verdict = examine(load("capstone").exercises["own"], lambda: {"router": router})
    assert verdict.state == "crashed"
    assert "line 6 of choose: `return applied['node7']`" in repr(verdict)


ENDLESS_CODE = {
    "autoscaler": "def make_policy():\n    def decide(reading):\n        while True: pass\n\n"
    "    return decide\n",
    "cache_class": "class Cache:\n    def __init__(self, entries): pass\n\n"
    "    def get(self, key): return None\n\n    def put(self, key, value):\n"
    "        while True: pass\n",
    "router": "class Router:\n    def wrote(self, position): pass\n\n"
    "    def choose(self, applied):\n        while True: pass\n",
}


@pytest.mark.parametrize(
    ("name", "method"),
    [("autoscaler", "decide"), ("cache_class", "Cache.put"), ("router", "Router.choose")],
)
def test_capstone_stops_a_piece_that_does_not_come_back_and_names_it(name, method, monkeypatch):
    exercise = load("capstone").exercises["own"]
    assert exercise.call_patience_s <= 5 < exercise.patience_s
    monkeypatch.setattr(exercise, "call_patience_s", 0.5)
    verdict = examine(exercise, lambda: {name: defined(ENDLESS_CODE[name])})
    said = lines(verdict)
    assert verdict.state == "stopped"
    assert said["Stopped"] == (
        f"`{method}` was called, and did not come back within 0.5 s. It was asked as the `{name}`."
    )
    assert "`while True: pass`" in said["Where"]


def test_capstone_tells_no_line_of_its_own_as_the_learners():
    source = (
        "class Cache:\n    def __init__(self, entries):\n        pass\n\n"
        "    def get(self, key):\n        return {}[key]\n\n    put = get\n"
    )
    cache = defined(source)
    said = lines(examine(load("capstone").exercises["own"], lambda: {"cache_class": cache}))
    assert said["Where"] == "line 6 of get: `return {}[key]`"
    assert said["Try"].startswith("Call it in a cell of its own; if that goes through")
    no_number = type("Cache", (), {"get": lambda self: None, "put": lambda self: None})
    task = load("capstone").exercises["own"]
    said = lines(examine(task, lambda: {"cache_class": lambda entries: no_number()}))
    assert said["Where"] == "where the check calls it"


def test_capstone_measures_code_that_is_there(monkeypatch):
    module = _module(LABS / "checks", "capstone")
    assert "the stub" in module.worth_of(lambda: ...).text
    assert "The check says" in module.worth_of(lambda: {"router": 3}).text
    monkeypatch.setattr(module, "judged", lambda plan, name: module.judge(plan, weeks))
    monkeypatch.setattr(module, "weeks_of", lambda name: weeks)
    weeks = module.draw_weeks([2], 60.0)
    said = module.worth_of(load("capstone").exercises["own"].solution).text
    assert "of what was stale 0" in said
    assert said.count("keeps the contract") == 2


def test_capstone_counts_what_was_changed_without_need():
    task = coarse("capstone").exercises["repair"]
    assert "Beyond that" not in lines(examine(task, task.solution))
    said = lines(examine(task, task.alternative))
    assert said["Beyond that"] == "You changed 4 decisions, and two are enough."


def test_capstone_shows_the_worst_week_of_each_broken_promise():
    module = _module(LABS / "checks", "capstone")
    verdict = examine(load("capstone").exercises["repair"], dict)
    (said,) = [line for line in lines(verdict)["What happened"].splitlines() if "lost" in line]
    seed = int(re.search(r"worst in week (\d+):", said)[1])
    weeks = next(name for name, seeds in module.SETS.items() if seed in seeds)
    found = module.judged(module.INHERITED, weeks)
    assert found.weeks[module.SETS[weeks].index(seed)].lost == found.worst.lost
    assert f"broken in {found.broke['lost']} of {len(found.weeks)} weeks" in said
    assert "weeks" in lines(verdict)["Scenario"]
    assert "seed" not in repr(verdict)
