"""The exercises of a lab: check the learner's own work, hint, explain, show a solution.

A lab keeps its exercises in ``labs/checks/<lab>.py``.
"""

from __future__ import annotations

import copy
import inspect
import re
import textwrap
from typing import Any

from scalelab import _validate as v
from scalelab.course import progress
from scalelab.course.contents import CHAPTERS, LAB, lab_of
from scalelab.course.examine import PATIENCE_S, examine
from scalelab.course.exercise import Case, Exercise
from scalelab.course.kinds import Kind
from scalelab.course.page import Html, attribute, note, prose
from scalelab.course.play import play
from scalelab.course.values import short
from scalelab.course.verdict import Verdict
from scalelab.quantities import NBSP
from scalelab.real.limits import call

_FEWEST_WORDS = 6  # of an explanation, before another one is shown beside it


def _rounded(value: Any) -> Any:
    """Round what is inside an answer to six digits, so that no line shows 2.0833333333333335.

    >>> _rounded((2.5, [0.1 + 0.2, 3], {"a": 1 / 3}))
    (2.5, [0.3, 3], {'a': 0.333333})
    """
    if type(value) is float:
        return float(f"{value:.6g}")
    if type(value) in (list, tuple):
        return type(value)(map(_rounded, value))
    if type(value) is dict:
        return {key: _rounded(inner) for key, inner in value.items()}
    return value


class Example(tuple[Any, ...]):
    """Arguments to try: ``f(*lab.example("name"))``."""

    words: str

    def __repr__(self) -> str:
        return self.words


def source_of(answer: Any) -> str:
    """Return the source of a function or class as the learner would type it."""
    lines = textwrap.dedent(inspect.getsource(answer)).splitlines()
    of_the_lab = re.compile(r"@\w+\.(solve|solve_otherwise)$")
    return "\n".join(line for line in lines if not of_the_lab.match(line))


class Lab:
    """The exercises of one lab, in order; its name is mostly that of its chapter."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.exercises: dict[str, Exercise] = {}
        self._failed: dict[str, Case] = {}

    def exercise(self, name: str, title: str, kind: Kind, **said: Any) -> Exercise:
        """Add an exercise, with the parameters of `Exercise`; its decorators take its parts."""
        self.exercises[name] = Exercise(name, title, kind, **said)
        return self.exercises[name]

    def _find(self, verb: str, name: str) -> Exercise:
        return self.exercises[v.choice(verb, "name", name, tuple(self.exercises))]

    def _key(self, name: str) -> str:
        return f"{self.name}/{name}"

    def check(self, name: str, answer: Any, *, patience_s: float | None = None) -> Verdict:
        """Examine the learner's object on every case, and keep the result.

        Parameters
        ----------
        name : str
            Of the exercise.
        answer : object
            The learner's function or class; ``...`` where there is none yet.
        patience_s : float or None
            Seconds after which the learner's code is stopped; None for those of the exercise.
        """
        exercise = self._find("check", name)
        verdict = examine(exercise, answer, patience_s=patience_s)
        if verdict.counts:
            progress.current().attempted(self._key(name), verdict.passed)
        if verdict.case is not None:
            self._failed[name] = verdict.case
        if verdict.passed:
            self._failed.pop(name, None)
            lines = (*verdict.lines, ("Next", self._next(name)))
            return Verdict(verdict.exercise, verdict.state, lines)
        return verdict

    def _next(self, name: str) -> str:
        """Say what comes after a task that is done."""
        first = f'Explain it: `lab.explain("{name}", ...)` shows another answer beside yours.'
        open_ones = [e.title for n, e in self.exercises.items() if not self._done(n)]
        return f"{first} Then: {open_ones[0]}." if open_ones else f"{first} {self._after()}"

    def _done(self, name: str) -> bool:
        return bool(progress.current().exercise(self._key(name))["passed"])

    def _after(self) -> str:
        """Say what comes after the last task."""
        order = [lab_of(chapter) for chapter in CHAPTERS if chapter != "introduction"]
        own = f"{LAB}{self.name}"
        rest = order[order.index(own) + 1 :] if own in order else []
        following = f" The next lab is `{rest[0]}.ipynb`." if rest else ""
        return (
            "All tasks of this lab are done. What is left has no single answer: the experiment at "
            f"the end, and the questions at the end of the chapter.{following}"
        )

    def example(self, name: str) -> Example:
        """Return a question to try an answer on, and say what a right one gives.

        Use it as ``f(*lab.example("name"))``.
        """
        exercise = self._find("example", name)
        case = copy.deepcopy(exercise.cases(range(1))[0][1])
        made = Example(case)
        made.words = f"{exercise.in_words(case)}"
        if not exercise.judged and exercise.runner is call:
            right = exercise.expected(case)
            shown = f"{right:.6g}" if isinstance(right, float) else short(_rounded(right))
            made.words += f"\nA right answer gives {shown}."
        return made

    def failed(self, name: str) -> Example:
        """Return the question on which the last check failed: ``f(*lab.failed("name"))``."""
        exercise = self._find("failed", name)
        if name not in self._failed:
            v.refuse("failed", "name", "be of a task whose check failed", name)
        made = Example(copy.deepcopy(self._failed[name]))
        made.words = exercise.in_words(tuple(made))
        return made

    def watch(self, name: str, answer: Any, *, patience_s: float = PATIENCE_S) -> Html:
        """Play the learner's answer beside a right one, as a scene.

        They get the question on which the last check failed, or the example.

        Parameters
        ----------
        name : str
            Of an exercise that can be shown.
        answer : object
            The learner's function; ``...`` where there is none yet.
        patience_s : float
            Seconds after which the learner's code is stopped.
        """
        can = tuple(n for n, exercise in self.exercises.items() if exercise.shown)
        exercise = self.exercises[v.choice("watch", "name", name, can)]
        case = self._failed.get(name) or exercise.cases(range(1))[0][1]
        return play(exercise, answer, case, patience_s)

    def explain(self, name: str, own: Any = ...) -> Html:
        """Show a model answer to the task's *Explain* beside the learner's own."""
        exercise = self._find("explain", name)
        if not isinstance(own, str) or len(own.split()) < _FEWEST_WORDS:
            return note("Write your answer in place of `...`, in a sentence or two, and run this.")
        body = (
            f'<div><dl class="sl-verdict" data-state="explained"><dt>You</dt><dd>{prose(own)}</dd>'
            f"<dt>One answer</dt><dd>{prose(exercise.explanation)}</dd></dl></div>"
        )
        return Html(body, text=f"You: {own}\nOne answer: {exercise.explanation}")

    def hint(self, name: str) -> Html:
        """Show the next hint, and the ones before it."""
        exercise = self._find("hint", name)
        kept = progress.current().exercise(self._key(name)).get("hints", 0)
        shown = min(kept + 1, len(exercise.hints))
        progress.current().hinted(self._key(name), shown)
        total = len(exercise.hints)
        lines = [f"Hint {i + 1} of {total}: {exercise.hints[i]}" for i in range(shown)]
        if shown == total:
            lines.append(f'That was the last one. `lab.solution("{name}")` opens after an attempt.')
        body = "".join(f'<p class="sl-note">{prose(line)}</p>' for line in lines)
        return Html(body, text="\n".join(lines))

    def solution(self, name: str) -> Html:
        """Show the solution, its reasons and another way; only after an attempt."""
        exercise = self._find("solution", name)
        if not progress.current().exercise(self._key(name))["attempts"]:
            text = f'Try first: check("{name}", ...) once with your own answer, then ask again.'
            return note(text)
        source, other = source_of(exercise.solution), source_of(exercise.alternative)
        body = (
            f"<pre><code>{attribute(source)}</code></pre><p>Another way:</p>"
            f"<pre><code>{attribute(other)}</code></pre>"
        )
        return Html(body, text=f"{source}\n\n# Another way:\n{other}")

    def summary(self) -> Html:
        """List the tasks and how each one stands, and say what comes next."""
        rows = []
        for name, exercise in self.exercises.items():
            attempts = progress.current().exercise(self._key(name))["attempts"]
            tries = f"{attempts} attempt" + ("s" if attempts != 1 else "")
            state = "done" if self._done(name) else (tries if attempts else "still to do")
            rows.append((exercise.heading, state))
        items = "".join(
            f"<li>{prose(heading)} <strong>{state.replace(' ', NBSP)}</strong></li>"
            for heading, state in rows
        )
        body = f'<ol class="sl-summary">{items}</ol>'
        text = "\n".join(f"{heading} {state}" for heading, state in rows)
        if all(state == "done" for _, state in rows):
            body += f'<p class="sl-note">{prose(self._after())}</p>'
            text += f"\n{self._after()}"
        return Html(body, text)
