"""The exercises of a lab: check the learner's own work, hint, and show a solution.

A lab keeps its exercises in ``labs/checks/<lab>.py``: for each the checker, the
hints, a solution with its reasons, another solution, and wrong answers with
the misconception behind them.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scalelab.course import progress
from scalelab.course.examine import SEEDS, Checker, Verdict, examine
from scalelab.course.page import Html, attribute, note, prose


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that must be rejected, and words its message must hold."""

    name: str
    answer: Any
    message: str


@dataclass
class Exercise:
    """One task of a lab.

    Parameters
    ----------
    name : str
        As the notebook's `check` calls it.
    title : str
        As the lab's summary shows it.
    hints : tuple of str
        From a nudge to nearly the answer; at least two.
    """

    name: str
    title: str
    hints: tuple[str, ...]
    checker: Checker | None = None
    solution: Any = None
    alternative: Any = None
    wrong_answers: list[WrongAnswer] = field(default_factory=list)

    def check_with(self, checker: Checker) -> Checker:
        """Take the decorated function as the checker."""
        self.checker = checker
        return checker

    def solve(self, answer: Any) -> Any:
        """Take the decorated object as the solution; its docstring gives the reasons."""
        self.solution = answer
        return answer

    def solve_otherwise(self, answer: Any) -> Any:
        """Take the decorated object as another correct answer."""
        self.alternative = answer
        return answer

    def reject(self, name: str, message: str) -> Callable[[Any], Any]:
        """Take the decorated object as a wrong answer whose rejection says `message`."""

        def keep(answer: Any) -> Any:
            self.wrong_answers.append(WrongAnswer(name, answer, message))
            return answer

        return keep

    def solution_source(self) -> str:
        """Return the solution as the learner would type it."""
        return _source(self.solution)


def _source(answer: Any) -> str:
    """Source of a function or class, without the decorator that put it into the lab."""
    lines = textwrap.dedent(inspect.getsource(answer)).splitlines()
    of_the_lab = re.compile(r"@\w+\.(solve|solve_otherwise)$")
    return "\n".join(line for line in lines if not of_the_lab.match(line))


class Lab:
    """The exercises of one lab, in order.

    Parameters
    ----------
    name : str
        Name of the lab's notebook, without its ending.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.exercises: dict[str, Exercise] = {}

    def exercise(self, name: str, title: str, *, hints: tuple[str, ...]) -> Exercise:
        """Add an exercise; the returned object's decorators take its parts."""
        self.exercises[name] = Exercise(name, title, hints)
        return self.exercises[name]

    def _find(self, name: str) -> Exercise:
        if name not in self.exercises:
            known = ", ".join(self.exercises)
            raise ValueError(f"check: name must be one of {known}, got {name!r}")
        return self.exercises[name]

    def _key(self, name: str) -> str:
        return f"{self.name}/{name}"

    def check(self, name: str, answer: Any, *, seeds: range = SEEDS) -> Verdict:
        """Run the checker on the learner's object, on every seed, and keep the result."""
        exercise = self._find(name)
        verdict = examine(exercise, answer, seeds)
        if verdict.state in ("passed", "wrong", "crashed"):
            progress.current().attempted(self._key(name), verdict.passed)
        return verdict

    def hint(self, name: str) -> Html:
        """Show the next hint, and the ones before it."""
        exercise = self._find(name)
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
        exercise = self._find(name)
        if not progress.current().exercise(self._key(name))["attempts"]:
            text = f'Try first: check("{name}", ...) once with your own answer, then ask again.'
            return note(text)
        source, other = exercise.solution_source(), _source(exercise.alternative)
        body = (
            f"<pre><code>{attribute(source)}</code></pre><p>Another way:</p>"
            f"<pre><code>{attribute(other)}</code></pre>"
        )
        return Html(body, text=f"{source}\n\n# Another way:\n{other}")

    def summary(self) -> Html:
        """List the tasks and how each one stands."""
        rows = []
        for name, exercise in self.exercises.items():
            kept = progress.current().exercise(self._key(name))
            attempts = kept["attempts"]
            tries = f"{attempts} attempt" + ("s" if attempts != 1 else "")
            state = "done" if kept["passed"] else (tries if attempts else "still to do")
            rows.append((exercise.title, state))
        items = "".join(
            f"<li>{prose(title)}: <strong>{state}</strong></li>" for title, state in rows
        )
        text = "\n".join(f"{title}: {state}" for title, state in rows)
        return Html(f'<ol class="sl-summary">{items}</ol>', text)
