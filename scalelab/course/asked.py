"""A question of a quiz as a terminal asks it: plain text in, right or not and why out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from scalelab.course.quiz import Choice, Numeric, Question, Variant, mixed_options
from scalelab.course.typed_number import typed_number


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of an answer.

    Parameters
    ----------
    answer : str
        As progress keeps it.
    right : bool
        Whether it is right.
    feedback : str
        Why; after a wrong answer also what is right.
    """

    answer: str
    right: bool
    feedback: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with the numbers of one seed.

    Parameters
    ----------
    chapter : str
        Whose quiz it is of.
    question : Choice or Numeric
    seed : int
        0 or more; draws the numbers of a numeric question.
    """

    chapter: str
    question: Question
    seed: int

    @cached_property
    def _variant(self) -> Variant:
        assert isinstance(self.question, Numeric)
        return self.question.variant(self.seed)

    def lines(self) -> list[str]:
        """Return the prompt, then the options with their letters."""
        if isinstance(self.question, Numeric):
            return [self._variant.prompt]
        options = mixed_options(self.question)
        prompt = self.question.prompt + (" Choose all that apply." if self.question.many else "")
        return [prompt, *(f"{_letter(i)}) {option.text}" for i, option in enumerate(options))]

    def judge(self, typed: str) -> Judged | str:
        """Judge what was typed, or say what to type where it is no answer."""
        if isinstance(self.question, Choice):
            return self._judge_choice(self.question, typed)
        value = typed_number(typed)
        if value is None:
            return "Type a number; a unit may follow."
        its = self._variant
        if _near(value, its.answer, its.tolerance):
            return Judged(answer=str(value), right=True, feedback=its.solution)
        traps = (t.feedback for t in its.traps if _near(value, t.value, its.tolerance))
        said = next(traps, "")
        feedback = f"{said} {its.solution}".strip()
        return Judged(answer=str(value), right=False, feedback=feedback)

    def _judge_choice(self, question: Choice, typed: str) -> Judged | str:
        options = mixed_options(question)
        last = _letter(len(options) - 1)
        letters = re.sub(r"[\s,;.)]|\band\b", "", typed.lower())
        if not letters or not all("a" <= letter <= last for letter in letters):
            return f"Type {'letters' if question.many else 'a letter'} from a to {last}."
        chosen = {ord(letter) - ord("a") for letter in letters}
        if len(chosen) > 1 and not question.many:
            return "Type one letter."
        wanted = {i for i, option in enumerate(options) if option.right}
        said = [options[i].feedback for i in sorted(chosen)]
        missing = sorted(wanted - chosen)
        said += [f"Right is {_letter(i)}: {options[i].feedback}" for i in missing]
        answer = "; ".join(options[i].text for i in sorted(chosen))
        return Judged(answer=answer, right=chosen == wanted, feedback=" ".join(said))


def _letter(position: int) -> str:
    return chr(ord("a") + position)


def _near(value: float, target: float, share: float) -> bool:
    """Whether a number is another within a share of it, by the rule of the page's script."""
    return abs(value - target) <= abs(target) * share + 1e-12
