"""The exercises of a lab: ask, check the learner's own work, hint, explain, show a solution.

A lab keeps its exercises in ``labs/checks/<lab>.py``. Each is made of small decorated functions:
`ask` draws the arguments of one question, `edges` lists the questions that the page names and a
drawing rarely meets, `solve` and `solve_otherwise` are right answers, and each `misread` is a wrong
answer together with what to tell whoever gives it.
"""

from __future__ import annotations

import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab.course import progress
from scalelab.course.contents import CHAPTERS
from scalelab.course.diagnosis import Fault
from scalelab.course.examine import PATIENCE_S, SEEDS, examine, parameters_of
from scalelab.course.kinds import Kind, NotThatError, short
from scalelab.course.page import Html, attribute, note, prose
from scalelab.course.verdict import Verdict
from scalelab.real.limits import TheirError, call

Case = tuple[Any, ...]
_FEWEST_WORDS = 6  # of an explanation, before another one is shown beside it


@dataclass(frozen=True)
class Misreading:
    """A wrong answer, and what to tell whoever gives it."""

    name: str
    meaning: str
    answer: Any
    hint: str


class Exercise:
    """One task of a lab.

    Parameters
    ----------
    name : str
        As the notebook's `check` calls it.
    title : str
        As the lab's summary shows it.
    kind : Kind
        What the answer has to be.
    why : str
        Why a right answer matters, where no misreading fits.
    hint : str
        What to try next, where no misreading says it.
    hints : tuple of str
        From a nudge to nearly the answer; at least two.
    explanation : str
        A model answer to the task's *Explain*.
    repeatable : bool
        Whether the same question has the same answer each time.
    """

    def __init__(
        self,
        name: str,
        title: str,
        kind: Kind,
        *,
        why: str,
        hint: str,
        hints: tuple[str, ...],
        explanation: str,
        repeatable: bool = True,
    ) -> None:
        self.name, self.title, self.kind = name, title, kind
        self.why, self.hint, self.hints = why, hint, hints
        self.explanation, self.repeatable = explanation, repeatable
        self.solution: Any = None
        self.alternative: Any = None
        self.misreadings: list[Misreading] = []
        self._ask: Callable[[np.random.Generator], Case] | None = None
        self._widely: Callable[[np.random.Generator], Case] | None = None
        self._edges: Callable[[], dict[str, Case]] = dict
        self._judge: Callable[..., Fault | None] | None = None
        self._words: Callable[..., str] | None = None
        self._otherwise: Callable[..., str | None] | None = None
        self._known: dict[str, Any] = {}
        self.runner: Callable[..., Any] = call

    # What makes an exercise: each takes the decorated function and gives it back ----------------

    def ask(self, draw: Callable[[np.random.Generator], Case]) -> Callable[..., Case]:
        """Draw the arguments of one question from a generator, as a tuple of plain data."""
        self._ask = draw
        return draw

    def ask_widely(self, draw: Callable[[np.random.Generator], Case]) -> Callable[..., Case]:
        """Draw from all that the page allows, for the tests of the solutions."""
        self._widely = draw
        return draw

    def edges(self, make: Callable[[], dict[str, Case]]) -> Callable[[], dict[str, Case]]:
        """Give the questions that must be asked always, each with a name; the first is the example.

        Asked are the special cases that the page names and a drawing rarely meets.
        """
        self._edges = make
        return make

    def run(self, use: Callable[..., Any]) -> Callable[..., Any]:
        """Use an answer on a case and return what is compared; the default calls it.

        Whatever belongs to the learner is called by `scalelab.real.limits.call`.
        """
        self.runner = use
        return use

    def judge(self, find: Callable[..., Fault | None]) -> Callable[..., Fault | None]:
        """Look at a result where several are right: ``judge(got, *case)`` gives a fault or None."""
        self._judge = find
        return find

    def words(self, describe: Callable[..., str]) -> Callable[..., str]:
        """Say a case in words: ``words(*case)``."""
        self._words = describe
        return describe

    def otherwise(self, explain: Callable[..., str | None]) -> Callable[..., str | None]:
        """Say why a result is wrong that no misreading gives: ``otherwise(got, *case)``."""
        self._otherwise = explain
        return explain

    def solve(self, answer: Any) -> Any:
        """Take the decorated object as the solution; its docstring gives the reasons."""
        self.solution = answer
        return answer

    def solve_otherwise(self, answer: Any) -> Any:
        """Take the decorated object as another right answer."""
        self.alternative = answer
        return answer

    def misread(self, meaning: str, hint: str = "") -> Callable[[Any], Any]:
        """Take the decorated object as a wrong answer, and `meaning` as what its author is told."""

        def keep(answer: Any) -> Any:
            self.misreadings.append(Misreading(answer.__name__, meaning, answer, hint))
            return answer

        return keep

    # What an examination asks of it -----------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Whether several results may be right."""
        return self._judge is not None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments of a case."""
        asked = self._words or self.solution
        return parameters_of(asked)

    @property
    def edge_names(self) -> tuple[str, ...]:
        """Names of the special cases."""
        return tuple(self._edges())

    def cases(self, seeds: Iterable[int]) -> list[tuple[str, Case]]:
        """Return the special cases and one drawn from each seed, each with its name."""
        assert self._ask is not None, f"{self.name} asks nothing"
        drawn = [(f"seed {seed}", self._ask(np.random.default_rng(seed))) for seed in seeds]
        return [*self._edges().items(), *drawn]

    def wide_case(self, seed: int) -> Case:
        """Draw a question from all that the page allows."""
        draw = self._widely or self._ask
        assert draw is not None
        return draw(np.random.default_rng(seed))

    def result(self, answer: Any, case: Case) -> Any:
        """Return what an answer of ours gives on a case, read as its kind."""
        return self.kind.read(self.runner(answer, *copy.deepcopy(case)))

    def expected(self, case: Case, name: str = "") -> Any:
        """Return what the solution gives on a case; remembered for one of `cases`, by its name."""
        if name not in self._known:
            result = self.result(self.solution, case)
            if not name:
                return result
            self._known[name] = result
        return self._known[name]

    def given_by(self, misreading: Misreading, case: Case, name: str) -> Any:
        """Return what a misreading gives on one of `cases`, None where it fails."""
        key = f"{misreading.name} on {name}"
        if key not in self._known:
            try:
                self._known[key] = self.result(misreading.answer, case)
            except (TheirError, NotThatError):
                self._known[key] = None
        return self._known[key]

    def fault(self, got: Any, case: Case, name: str = "") -> Fault | None:
        """Return what is wrong with a result, if anything is."""
        if self._judge is not None:
            return self._judge(got, *case)
        expected = self.expected(case, name)
        if self.kind.same(got, expected):
            return None
        return Fault(*self.kind.difference(got, expected))

    def in_words(self, case: Case) -> str:
        """Say a case in words."""
        if self._words is not None:
            return self._words(*case)
        names = self.parameters
        return ", ".join(f"{name}={short(value)}" for name, value in zip(names, case, strict=True))

    def meaning(self, name: str) -> str:
        """Return what the misreading of that name is told, for a judge that recognises it."""
        return next(m.meaning for m in self.misreadings if m.name == name)

    def otherwise_of(self, got: Any, case: Case) -> str:
        """Say why a result is wrong that no misreading gives."""
        said = self._otherwise(got, *case) if self._otherwise else None
        return said or self.why


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
    """The exercises of one lab, in order.

    Parameters
    ----------
    name : str
        Name of the lab's notebook, without its ending.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.exercises: dict[str, Exercise] = {}
        self._failed: dict[str, Case] = {}

    def exercise(self, name: str, title: str, kind: Kind, **said: Any) -> Exercise:
        """Add an exercise, with the parameters of `Exercise`; its decorators take its parts."""
        self.exercises[name] = Exercise(name, title, kind, **said)
        return self.exercises[name]

    def _find(self, verb: str, name: str) -> Exercise:
        if name not in self.exercises:
            known = ", ".join(self.exercises)
            raise ValueError(f"{verb}: name must be one of {known}, got {name!r}")
        return self.exercises[name]

    def _key(self, name: str) -> str:
        return f"{self.name}/{name}"

    def check(
        self, name: str, answer: Any, *, seeds: range = SEEDS, patience_s: float = PATIENCE_S
    ) -> Verdict:
        """Examine the learner's object on every case, and keep the result.

        Parameters
        ----------
        name : str
            Of the exercise.
        answer : object
            The learner's function or class; ``...`` where there is none yet.
        seeds : range
            From each one a question is drawn.
        patience_s : float
            Seconds after which the learner's code is stopped.

        Raises
        ------
        ValueError
            There is no such exercise, or no seed.
        """
        exercise = self._find("check", name)
        verdict = examine(exercise, answer, seeds, patience_s)
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
        order = [chapter for chapter in CHAPTERS if chapter != "introduction"]
        rest = order[order.index(self.name) + 1 :] if self.name in order else []
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
            made.words += f"\nA right answer gives {short(exercise.expected(case))}."
        return made

    def failed(self, name: str) -> Example:
        """Return the question on which the last check failed: ``f(*lab.failed("name"))``.

        Raises
        ------
        ValueError
            There is no such exercise, or its last check did not fail.
        """
        exercise = self._find("failed", name)
        if name not in self._failed:
            raise ValueError(f"failed: name must be of a task whose check failed, got {name!r}")
        made = Example(copy.deepcopy(self._failed[name]))
        made.words = exercise.in_words(tuple(made))
        return made

    def explain(self, name: str, own: Any = ...) -> Html:
        """Show a model answer to the task's *Explain* beside the learner's own."""
        exercise = self._find("explain", name)
        if not isinstance(own, str) or len(own.split()) < _FEWEST_WORDS:
            return note("Write your answer in place of `...`, in a sentence or two, and run this.")
        body = (
            f'<dl class="sl-verdict" data-state="explained"><dt>You</dt><dd>{prose(own)}</dd>'
            f"<dt>One answer</dt><dd>{prose(exercise.explanation)}</dd></dl>"
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
            rows.append((exercise.title, state))
        items = "".join(
            f"<li>{prose(title)}: <strong>{state}</strong></li>" for title, state in rows
        )
        body = f'<ol class="sl-summary">{items}</ol>'
        text = "\n".join(f"{title}: {state}" for title, state in rows)
        if all(state == "done" for _, state in rows):
            body += f'<p class="sl-note">{prose(self._after())}</p>'
            text += f"\n{self._after()}"
        return Html(body, text)
