"""One task of a lab: what it asks, what is right, and what is wrong in which way.

Each part is a small decorated function: `ask` draws the arguments of one question, `edges` lists
the questions that the page names and a drawing rarely meets, `solve` and `solve_otherwise` are
right answers, and each `misread` is a wrong answer together with what to tell whoever gives it.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab.course.diagnosis import NO_VALUE, NONE_BACK, Fault
from scalelab.course.kinds import Kind
from scalelab.course.play import Play
from scalelab.course.values import NotThatError, short
from scalelab.real.limits import TheirError, call

Case = tuple[Any, ...]


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
    keeps_arguments : bool
        Whether the page demands that the arguments stay as they are; else it is only advised.
    patience_s : float or None
        Seconds for all cases together, where a right answer takes long; None for the usual.
    call_patience_s : float or None
        Seconds for a single call, where an answer is called often; None for those of all cases.
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
        keeps_arguments: bool = False,
        patience_s: float | None = None,
        call_patience_s: float | None = None,
    ) -> None:
        self.name, self.title, self.kind = name, title, kind
        self.why, self.hint, self.hints = why, hint, hints
        self.explanation, self.repeatable = explanation, repeatable
        self.call_patience_s = call_patience_s
        self.keeps_arguments, self.patience_s = keeps_arguments, patience_s
        self.solution: Any = None
        self.alternative: Any = None
        self.misreadings: list[Misreading] = []
        self._ask: Callable[[np.random.Generator], Case] | None = None
        self._widely: Callable[[np.random.Generator], Case] | None = None
        self._edges: Callable[[], dict[str, Case]] = dict
        self._judge: Callable[..., Fault | None] | None = None
        self._words: Callable[..., str] | None = None
        self._otherwise: Callable[..., str | None] | None = None
        self._remark: Callable[..., str | None] | None = None
        self._known: dict[str, Any] = {}
        self.runner: Callable[..., Any] = call
        self.shown: Play | None = None

    # What makes an exercise: each takes the decorated function and gives it back ----------------

    @property
    def heading(self) -> str:
        """The title, with what ends it before words that follow."""
        return self.title if self.title.endswith("?") else f"{self.title}:"

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

    def remark(self, look: Callable[..., str | None]) -> Callable[..., str | None]:
        """Say something of a result that is right: ``remark(got, *case)``."""
        self._remark = look
        return look

    def scene(
        self, alt: str, until_s: Callable[..., float], pace: float = 1.0
    ) -> Callable[..., Any]:
        """Take the decorated function as the way to show an answer on a case; see `Play`."""

        def keep(run: Callable[..., object]) -> Callable[..., object]:
            self.shown = Play(run, until_s, alt, pace)
            return run

        return keep

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
        return tuple(inspect.signature(self._words or self.solution).parameters)

    @property
    def edge_names(self) -> tuple[str, ...]:
        """Names of the special cases."""
        return tuple(self._edges())

    def cases(self, seeds: Iterable[int]) -> list[tuple[str, Case]]:
        """Return the special cases and one drawn from each seed, each with its name.

        Where nothing is drawn, the special cases are all there are.
        """
        edges = list(self._edges().items())
        assert self._ask or edges, f"{self.name} asks nothing"
        if self._ask is None:
            return edges
        return edges + [(f"seed {n}", self._ask(np.random.default_rng(n))) for n in seeds]

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
        """Return what a misreading gives on one of `cases`.

        It is NO_VALUE where it fails, and NONE_BACK where None comes back and is no answer.
        """
        key = f"{name}: {misreading.meaning}"
        if key not in self._known:
            try:
                self._known[key] = self.result(misreading.answer, case)
            except TheirError:
                self._known[key] = NO_VALUE
            except NotThatError as wrong:
                self._known[key] = NONE_BACK if wrong.got is None else NO_VALUE
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

    def remark_of(self, got: Any, case: Case) -> str:
        """Say what there is to say of a right result, if anything."""
        return (self._remark and self._remark(got, *case)) or ""

    def otherwise_of(self, got: Any, case: Case) -> str:
        """Say why a result is wrong that no misreading gives."""
        said = self._otherwise(got, *case) if self._otherwise else None
        return said or self.why
