"""Judge one answer on every seed, and decide who has to look again.

What the checker raises decides:

* `AnswerError` from the checker: the answer is wrong, with what was expected and why;
* any error that passes through the learner's lines: the learner's, with the line;
* any other error: ours, with the seed.
"""

from __future__ import annotations

import math
import re
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from scalelab.course.page import Html, attribute, prose

SEEDS = range(20)
Checker = Callable[[Any, np.random.Generator], None]


class Task(Protocol):
    """What `examine` needs to know of an exercise."""

    name: str
    title: str
    checker: Checker | None


class AnswerError(Exception):
    """An answer that does not do what was asked.

    Parameters
    ----------
    expected, got : object
        What should have come out, and what did.
    scenario : str
        In which situation, with its numbers.
    why : str
        Why it matters, naming the misconception where the answer shows one.
    hint : str
        What to try.
    """

    def __init__(
        self, expected: object, got: object, *, scenario: str, why: str, hint: str
    ) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got = str(expected), str(got)
        self.scenario, self.why, self.hint = scenario, why, hint


class UnansweredError(Exception):
    """The stub is still as it came."""


def answered(value: Any) -> Any:
    """Pass on what the learner's code returned, unless it is the stub's ``...`` ."""
    if value is ...:
        raise UnansweredError
    return value


def same_number(
    got: Any, expected: float, *, scenario: str, why: str, hint: str, rel: float = 1e-6
) -> None:
    """Raise `AnswerError` unless `got` is a number within `rel` of `expected`."""
    answered(got)
    numeric = isinstance(got, (int, float, np.integer, np.floating)) and not isinstance(got, bool)
    if not numeric:
        raise AnswerError(
            "a number", f"{got!r}", scenario=scenario, why="The caller computes with it.", hint=hint
        )
    if not math.isclose(float(got), expected, rel_tol=rel, abs_tol=1e-12):
        raise AnswerError(
            f"{expected:.6g}", f"{float(got):.6g}", scenario=scenario, why=why, hint=hint
        )


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    state : str
        ``passed``, ``open`` (the stub), ``wrong``, ``crashed`` (the learner's code) or
        ``our fault`` (the checker).
    lines : tuple of (str, str)
        What to show: a label and its text.
    """

    exercise: str
    state: str
    lines: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether the answer is right on every seed."""
        return self.state == "passed"

    def __repr__(self) -> str:
        return "\n".join(f"{label}: {text}" if label else text for label, text in self.lines)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        rows = "".join(
            f"<dt>{prose(label)}</dt><dd>{prose(text)}</dd>" if label else f"<dd>{prose(text)}</dd>"
            for label, text in self.lines
        )
        state = attribute(self.state.replace(" ", "-"))
        body = f'<div role="status"><dl class="sl-verdict" data-state="{state}">{rows}</dl></div>'
        return Html(body, text=repr(self))._repr_mimebundle_()


def examine(exercise: Task, answer: Any, seeds: range = SEEDS) -> Verdict:
    """Judge `answer` without keeping anything."""
    assert exercise.checker is not None
    if answer is ...:
        return _open(exercise)
    for seed in seeds:
        try:
            exercise.checker(answer, np.random.default_rng(seed))
        except UnansweredError:
            return _open(exercise)
        except AnswerError as wrong:
            return _wrong(exercise, wrong, seed)
        except Exception as error:  # whose fault it is decides what the learner reads
            return _crash(exercise, error, seed)
    return Verdict(
        exercise.name, "passed", (("Passed", f"{exercise.title}, on {len(seeds)} seeds."),)
    )


def _open(exercise: Task) -> Verdict:
    text = f"{exercise.title}: replace the `...` above, then run the cell again."
    return Verdict(exercise.name, "open", (("Still to do", text),))


def _wrong(exercise: Task, wrong: AnswerError, seed: int) -> Verdict:
    return Verdict(
        exercise.name,
        "wrong",
        (
            ("Not yet", exercise.title),
            ("Expected", wrong.expected),
            ("Got", wrong.got),
            ("Scenario", f"{wrong.scenario} (seed {seed})"),
            ("Why it matters", wrong.why),
            ("Try", wrong.hint),
        ),
    )


def _crash(exercise: Task, error: Exception, seed: int) -> Verdict:
    what = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not _is_ours(frame.filename)]
    if theirs:
        line = f"line {theirs[-1].lineno} of {theirs[-1].name}"
        code = f": `{theirs[-1].line}`" if theirs[-1].line else ""
        return Verdict(
            exercise.name,
            "crashed",
            (
                ("Your code stopped", what),
                ("Where", line + code),
                ("Scenario", f"seed {seed}"),
                ("Try", "Call your code in a cell of its own first, with a small input."),
            ),
        )
    if isinstance(error, TypeError) and _MISCALLED.search(str(error)):
        return Verdict(
            exercise.name,
            "crashed",
            (
                ("Your code stopped", what),
                ("Where", "where the check calls it"),
                ("Scenario", f"seed {seed}"),
                ("Try", "Keep the arguments, their names and their order as they were."),
            ),
        )
    place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}"
    return Verdict(
        exercise.name,
        "our fault",
        (
            ("Our checker stopped", what),
            ("What it means", "This says nothing about your answer. Please report it."),
            ("Report", f"exercise {exercise.name}, seed {seed}, {place}"),
        ),
    )


# What Python says of a call that does not fit; raised before its first line.
_MISCALLED = re.compile(r"\(\) (missing|takes|got) |not callable")

_PLACES = sysconfig.get_paths()
_NOT_THEIRS = (
    Path(__file__).parents[1],
    *(Path(_PLACES[name]) for name in ("stdlib", "purelib", "platlib")),
)


_WRITTEN_BY_A_LIBRARY = ("<string>", "<frozen ", "<__array_function__")


def _is_ours(filename: str) -> bool:
    """Whether a traceback's file belongs to the package, a library, or a lab's checks."""
    if filename.startswith(_WRITTEN_BY_A_LIBRARY):
        return True
    path = Path(filename)
    return path.parent.name == "checks" or any(folder in path.parents for folder in _NOT_THEIRS)
