"""A timed examination over all chapters, mixed, with a report by part and section.

In a terminal and in a notebook. A page that was built beforehand would have the same questions for
everybody, and says where the examination is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scalelab.course.asked import Asked, Judged
from scalelab.course.contents import CHAPTERS, PARTS
from scalelab.course.page import Html, attribute, page_is_static, prose
from scalelab.course.progress import Progress
from scalelab.course.quiz import VARIANTS, KeptQuiz, bank
from scalelab.course.review import Terminal, asked_alone, say_what_to_read
from scalelab.real.calendar_time import now_s

QUESTIONS = 20
MINUTES = 30
_SEEDS = 1_000_000  # of numbers, none of which are a page's


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One question of an examination, its answer, and whether that came after the end."""

    asked: Asked
    judged: Judged
    late: bool


def draw_exam(*, rng: np.random.Generator) -> list[Asked]:
    """Draw questions of which no two are of one chapter before each chapter has had one.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    list of Asked
        `QUESTIONS` of them, each another one.
    """
    left = {chapter: list(rng.permutation(len(bank(chapter)))) for chapter in CHAPTERS}
    found: list[Asked] = []
    while len(found) < QUESTIONS:
        for chapter in rng.permutation([name for name, rest in left.items() if rest]).tolist():
            question = bank(chapter)[left[chapter].pop()]
            seed = VARIANTS + int(rng.integers(_SEEDS))
            found.append(Asked(chapter=chapter, question=question, seed=seed))
    return found[:QUESTIONS]


ELSEWHERE = "The examination needs a kernel: open this notebook in JupyterLab, or use a terminal."


def exam(*, rng: np.random.Generator | None = None) -> Html:
    """Show an examination in a notebook: a clock, the questions once it runs, a report at the end.

    Parameters
    ----------
    rng : numpy.random.Generator, optional
        Draws the questions and their numbers; without it the time decides which.

    Returns
    -------
    Html
        Why an answer is right or wrong is shown when it is handed in. Answers are kept as those of
        a quiz; those after the end of the time do not count.
    """
    if page_is_static():
        return Html(f'<p class="sl-note">{prose(ELSEWHERE)}</p>', ELSEWHERE)
    questions = draw_exam(rng=np.random.default_rng(int(now_s())) if rng is None else rng)
    parts = {chapter: PARTS[folder] for chapter, folder in CHAPTERS.items()}
    forms = "".join(
        f'<div data-part="{attribute(parts[asked.chapter])}">{asked_alone(i, asked)}</div>'
        for i, asked in enumerate(questions, start=1)
    )
    begin = f"Begin: {len(questions)} questions, {MINUTES} minutes"
    body = (
        f'<div class="sl-exam" data-minutes="{MINUTES}"><p class="sl-buttons">'
        f'<button type="button" class="sl-begin">{begin}</button> '
        '<button type="button" class="sl-hand-in" hidden>Hand in</button> '
        '<span class="sl-clock" role="timer"></span></p>'
        f'<div class="sl-report" role="status"></div><div class="sl-papers" hidden>{forms}</div>'
        "</div>"
    )
    text = f"[{begin}; python -m scalelab review --exam holds it in a terminal]"
    return KeptQuiz(body, text, tuple(dict.fromkeys(a.chapter for a in questions)), "exam")


def hold_exam(
    kept: Progress,
    terminal: Terminal,
    *,
    now_s: Callable[[], float],
    rng: np.random.Generator,
) -> list[Answered]:
    """Ask the questions against a clock, keep each answer, and report at the end.

    Why an answer is right or wrong is told in the report, not between the questions. An answer that
    comes too late is told so and does not count. An interrupt ends it, and loses none.

    Parameters
    ----------
    kept : Progress
    terminal : Terminal
    now_s : callable
        The time, in seconds; only differences count.
    rng : numpy.random.Generator
        Draws the questions and their numbers.
    """
    questions = draw_exam(rng=rng)
    end_s = now_s() + 60 * MINUTES
    terminal.say(f"{len(questions)} questions, {MINUTES} minutes. Ctrl-C hands it in.")
    done: list[Answered] = []
    try:
        for number, asked in enumerate(questions, start=1):
            judged = terminal.answer(asked, f"{number} of {len(questions)} · {_left(end_s, now_s)}")
            late = now_s() > end_s
            kept.answered(asked.chapter, asked.question.name, judged.answer, judged.right)
            done.append(Answered(asked=asked, judged=judged, late=late))
            if late:
                terminal.say("That answer came after the end. It is kept, and does not count.")
    except (KeyboardInterrupt, EOFError):
        terminal.say("Handed in. What you answered is kept.")
    report(terminal, done)
    return done


def _left(end_s: float, now_s: Callable[[], float]) -> str:
    seconds = math.ceil(end_s - now_s())
    if seconds < 0:
        return "the time is over; answers do not count any more"
    return f"{seconds // 60}:{seconds % 60:02} left"


def report(terminal: Terminal, done: Sequence[Answered]) -> None:
    """Say what was right, by part of the book, why what was wrong was, and what to read again."""
    terminal.say("")
    right = sum(each.judged.right and not each.late for each in done)
    terminal.say(f"{right} of {QUESTIONS} right in time, {len(done)} answered.")
    for folder, part in PARTS.items():
        inside = [each for each in done if CHAPTERS[each.asked.chapter] == folder]
        if inside:
            right = sum(each.judged.right and not each.late for each in inside)
            late = sum(each.late for each in inside)
            after = f", {late} too late" if late else ""
            terminal.say(f"  {part}: {right} of {len(inside)}{after}")
    wrong = [each for each in done if not each.judged.right]
    for each in wrong:
        terminal.say("")
        terminal.say(each.asked.lines()[0])
        terminal.say(f"Your answer: {each.judged.answer}. {each.judged.feedback}")
    say_what_to_read(terminal, (each.asked for each in wrong))
