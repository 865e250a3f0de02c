"""Quizzes that need no kernel: every option has its own feedback, every number is computed."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import numpy as np

from scalelab.course import progress
from scalelab.course.page import Html, attribute, page_is_static, prose

VARIANTS = 5


@dataclass(frozen=True)
class Option:
    """One answer to choose, with what it says about who chooses it."""

    text: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Choice:
    """A question with options: one right answer, or several if `many`.

    Raises
    ------
    ValueError
        No option is right, or more than one where only one may be chosen.
    """

    name: str
    prompt: str
    options: tuple[Option, ...]
    many: bool = False
    section: str = ""
    """Heading of the part of the chapter that has the answer."""

    def __post_init__(self) -> None:
        right = sum(option.right for option in self.options)
        if right == 0 or (right > 1 and not self.many):
            rule = "hold right options" if self.many else "hold exactly one right option"
            raise ValueError(f"Choice: options of {self.name} must {rule}, got {right}")


@dataclass(frozen=True)
class Trap:
    """A wrong number that a known misconception leads to."""

    value: float
    feedback: str


@dataclass(frozen=True)
class Variant:
    """One drawing of a numeric question.

    Parameters
    ----------
    prompt : str
        With this variant's numbers and the unit of the answer.
    answer : float
        As scalelab computes it.
    solution : str
        The way to it, with the numbers.
    traps : tuple of Trap
        Wrong numbers with their own feedback.
    tolerance : float
        Share of the answer by which a right one may be off.
    """

    prompt: str
    answer: float
    solution: str
    traps: tuple[Trap, ...]
    tolerance: float = 0.02


@dataclass(frozen=True)
class Numeric:
    """A question whose numbers are drawn anew for each seed."""

    name: str
    draw: Callable[[np.random.Generator], Variant]
    section: str = ""

    def variant(self, seed: int) -> Variant:
        """Draw the variant of a seed."""
        return self.draw(np.random.default_rng(seed))


Question = Choice | Numeric


def bank(chapter: str) -> Sequence[Question]:
    """Return the questions of a chapter, in order.

    Raises
    ------
    ValueError
        There is no bank of that name.
    """
    name = f"scalelab.course.chapters.{chapter}.quiz"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (name, name.removesuffix(".quiz")):
            raise  # the bank is there, and something that it imports is not
        raise ValueError(f"quiz: chapter must have a bank of questions, got {chapter!r}") from None
    questions: Sequence[Question] = module.QUESTIONS
    return questions


def quiz(chapter: str) -> Html:
    """Show the quiz of a chapter.

    Parameters
    ----------
    chapter : str
        Name of the chapter's notebook, without its ending.

    Returns
    -------
    Html
        Works with and without a kernel; by keyboard; feedback is announced to screen readers.
    """
    questions = bank(chapter)
    static = page_is_static()
    before = {} if static else progress.current().quiz(chapter)
    forms = [form(i, q, before.get(q.name, [])) for i, q in enumerate(questions, start=1)]
    body = (
        f'<section class="sl-quiz" aria-label="Quiz" data-chapter="{attribute(chapter)}"'
        f"{'' if static else ' data-carried'}>"
        f'{"".join(forms)}<p class="sl-score" role="status"></p><p class="sl-buttons">'
        '<button type="button" class="sl-clear">Clear my answers</button></p></section>'
    )
    text = f"[quiz of {len(questions)} questions; open it in the book or the lab]"
    return Html(body, text, "quiz") if static else KeptQuiz(body, text, (chapter,))


class KeptQuiz(Html):
    """A quiz in a notebook: the page's script hands each answer to the kernel, which keeps it.

    What carries it over is a text field of ipywidgets that nobody sees, one for each of `chapters`.
    Without ipywidgets the quiz works, and forgets.
    """

    def __init__(
        self, body: str, text: str, chapters: tuple[str, ...], needs: str = "quiz"
    ) -> None:
        super().__init__(body, text, needs)
        object.__setattr__(self, "chapters", chapters)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for chapter in self.chapters:  # type: ignore[attr-defined]
            if (carrier := carrier_of(chapter)) is not None:
                display(carrier)
        display(self._repr_mimebundle_(), raw=True)


def carrier_of(chapter: str) -> Any:
    """Return the hidden field that takes the answers to a chapter's quiz; None without ipywidgets.

    Parameters
    ----------
    chapter : str
        Name of the chapter.

    Returns
    -------
    ipywidgets.Text or None
        Its value is a list, as JSON, of ``{"question": ..., "answer": ..., "right": ...}`` and
        ``{"clear": true}``, which grows; what is new in it goes into the progress file.
    """
    try:
        import ipywidgets as widgets
    except ImportError:
        return None
    field = widgets.Text(layout={"display": "none"})
    field.add_class(f"sl-carrier-{chapter}")
    names = {question.name for question in bank(chapter)}

    def keep(change: Any) -> None:
        known = len(json.loads(change["old"] or "[]"))
        for said in json.loads(change["new"] or "[]")[known:]:
            if said.get("clear"):
                progress.current().clear_quiz(chapter)
            elif said["question"] in names:
                its = chapter, said["question"], str(said["answer"])
                progress.current().answered(*its, bool(said["right"]))

    field.observe(keep, names="value")
    return field


def form(
    position: int, question: Question, before: Sequence[Mapping[str, Any]], first_seed: int = 0
) -> str:
    """Write a question as a form, which the page's script makes work.

    Parameters
    ----------
    position : int
        Its number.
    question : Choice or Numeric
    before : sequence of dict
        The answers so far, empty where they are not to be shown.
    first_seed : int
        0 or more: that of the first numbers; "other numbers" go on from there.
    """
    inner = _choice(question) if isinstance(question, Choice) else _numeric(question, first_seed)
    kind = type(question).__name__.lower()
    section = attribute(question.section)
    how = "show the answer" if isinstance(question, Choice) else "show how"
    kept = f'data-answers="{attribute(json.dumps(list(before)))}"' if before else ""
    return (
        f'<form class="sl-question" data-kind="{kind}" data-name="{attribute(question.name)}" '
        f'data-section="{section}" data-anchor="{attribute(anchor(question.section))}" {kept} '
        f"{inner[0]}><fieldset><legend><span>{position}.</span> "
        f'<span class="sl-prompt">{inner[1]}</span></legend>{inner[2]}'
        f'</fieldset><div class="sl-buttons"><button type="submit">Check</button>{inner[3]}'
        f'<button type="button" class="sl-how" hidden>{how.capitalize()}</button></div>'
        f'<div class="sl-feedback" role="status">{_last_time(before)}</div></form>'
    )


def _last_time(before: Sequence[Mapping[str, Any]]) -> str:
    """Say how the question was answered before."""
    if not before:
        return ""
    tries = f"{len(before)} answer{'s' * (len(before) != 1)}"
    return f"{tries} so far, the last one {'right' if before[-1]['right'] else 'not right'}."


def anchor(heading: str) -> str:
    """Return the address of a heading within its page, as the book's build makes it.

    Examples
    --------
    >>> anchor("1. A quarter each"), anchor("N + 1: what is it?")
    ('a-quarter-each', 'n-1-what-is-it')
    """
    words = re.sub(r"[^a-z0-9]+", "-", heading.lower())
    return re.sub(r"^[-0-9]+|-+$", "", words)


def mixed_options(question: Choice) -> list[Option]:
    """Return the options in an order of the question's own, so that the right one is anywhere."""
    order = np.random.default_rng(crc32(question.name.encode())).permutation(len(question.options))
    return [question.options[i] for i in order]


def _choice(question: Choice) -> tuple[str, str, str, str]:
    kind = "checkbox" if question.many else "radio"
    mixed = mixed_options(question)
    feedback = [{"text": prose(o.feedback), "right": o.right} for o in mixed]
    options = "".join(
        f'<label><input type="{kind}" name="{attribute(question.name)}" value="{i}"> '
        f"<span>{prose(option.text)}</span></label>"
        for i, option in enumerate(mixed)
    )
    prompt = prose(question.prompt) + (" Choose all that apply." if question.many else "")
    return f'data-options="{attribute(json.dumps(feedback))}"', prompt, options, ""


def _plain(value: float) -> float:
    """Leave out the last digits, in which processors differ; no tolerance is as narrow."""
    return float(f"{value:.12g}")


def _numeric(question: Numeric, first_seed: int) -> tuple[str, str, str, str]:
    variants = [question.variant(first_seed + i) for i in range(VARIANTS)]
    data = [asdict(variant) for variant in variants]
    for item in data:
        for key in ("prompt", "solution"):
            item[key] = prose(item[key])
        item["answer"] = _plain(item["answer"])
        for trap in item["traps"]:
            trap["feedback"], trap["value"] = prose(trap["feedback"]), _plain(trap["value"])
    field = (
        '<label><span>Your answer</span> <input type="text" inputmode="decimal" size="9" '
        'autocomplete="off"></label>'
    )
    another = '<button type="button" class="sl-another">Other numbers</button>'
    return (
        f'data-variants="{attribute(json.dumps(data))}"',
        prose(variants[0].prompt),
        field,
        another,
    )
