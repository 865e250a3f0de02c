"""Review: the questions that are due, in a terminal, in a notebook, and on a page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Sequence

from scalelab.course import progress
from scalelab.course.about import about
from scalelab.course.asked import Asked, Judged
from scalelab.course.contents import CHAPTERS, page_of
from scalelab.course.page import Html, attribute, page_is_static, prose
from scalelab.course.quiz import VARIANTS, KeptQuiz, anchor, bank, form
from scalelab.course.schedule import INTERVALS_DAYS, due

MOST = 20  # questions of one sitting
WIDTH = 88  # characters of a line
NOTHING = (
    "Nothing is due. A question that you answered comes back after a day where it was wrong, and "
    "after 2 to 16 days where it was right."
)


class Terminal:
    """Ask and say in plain text.

    Parameters
    ----------
    read : callable
        Takes what to show before the answer, returns the answer.
    say : callable
        Takes a line.
    """

    def __init__(
        self, read: Callable[[str], str] = input, say: Callable[[str], None] = print
    ) -> None:
        self._read, self._say = read, say

    def say(self, text: str, indent: str = "") -> None:
        """Write a paragraph in lines of `WIDTH`."""
        self._say(textwrap.fill(text, WIDTH, subsequent_indent=indent))

    def answer(self, asked: Asked, head: str) -> Judged:
        """Put a question until the answer can be read, and return what became of it."""
        self._say("")
        self.say(head)
        prompt, *options = asked.lines()
        self.say(prompt)
        for option in options:
            self.say(option, "   ")
        while isinstance(found := asked.judge(self._read("> ")), str):
            self.say(found)
        return found


def questions_due(kept: progress.Progress, chapter: str | None = None) -> list[Asked]:
    """List the questions to ask today, the ones known least first, mixed over chapters.

    Parameters
    ----------
    kept : Progress
    chapter : str, optional
        Only this one's.

    Returns
    -------
    list of Asked
        With numbers that are others each day, and none of the page's.
    """
    today = kept.today()
    found = []
    for each in due(kept.load()["quizzes"], today):
        if each.chapter not in CHAPTERS or chapter not in (None, each.chapter):
            continue
        named = {question.name: question for question in bank(each.chapter)}
        if (question := named.get(each.question)) is not None:  # a bank may have lost one
            found.append(Asked(chapter=each.chapter, question=question, seed=VARIANTS + today))
    return found


def hold_review(
    kept: progress.Progress, terminal: Terminal, *, chapter: str | None = None, most: int = MOST
) -> list[tuple[Asked, Judged]]:
    """Ask what is due, and keep each answer as soon as it is given.

    An interrupt ends it, and loses none of them.

    Parameters
    ----------
    kept : Progress
    terminal : Terminal
    chapter : str, optional
        Only this one's.
    most : int
        One or more: questions of this sitting.
    """
    if chapter is not None:
        page_of(chapter)  # says which there are
    waiting = questions_due(kept, chapter)
    if not waiting:
        terminal.say(NOTHING)
        return []
    terminal.say(f"{len(waiting)} due; {min(most, len(waiting))} now. Ctrl-C ends it.")
    done: list[tuple[Asked, Judged]] = []
    try:
        for asked in waiting[:most]:
            head = f"{len(done) + 1} of {min(most, len(waiting))} · {about(asked.chapter).title}"
            judged = terminal.answer(asked, head)
            kept.answered(asked.chapter, asked.question.name, judged.answer, judged.right)
            done.append((asked, judged))
            terminal.say(f"{'Right.' if judged.right else 'Not quite.'} {judged.feedback}")
    except (KeyboardInterrupt, EOFError):
        terminal.say("Stopped. What you answered is kept.")
    if done:
        right = sum(judged.right for _, judged in done)
        terminal.say(f"{right} of {len(done)} right.")
        say_what_to_read(terminal, (asked for asked, judged in done if not judged.right))
    return done


def say_what_to_read(terminal: Terminal, wrong: Iterable[Asked]) -> None:
    """Name the sections that answer some questions, each once."""
    places = dict.fromkeys((asked.chapter, asked.question.section) for asked in wrong)
    if places:
        terminal.say("Read again:")
    for chapter, heading in places:
        terminal.say(f"  {about(chapter).title}: {heading}" if heading else about(chapter).title)


def review(most: int = MOST) -> Html:
    """Show what is due: questions in a notebook, places to read again on a page.

    Parameters
    ----------
    most : int
        One or more: questions of this sitting.
    """
    if page_is_static():
        return Html(_page(), "[what is due; open the book to see it]", "review")
    found = questions_due(progress.current())[:most]
    if not found:
        return Html(f'<p class="sl-note">{prose(NOTHING)}</p>', NOTHING)
    body = "".join(asked_alone(i, asked) for i, asked in enumerate(found, start=1))
    text = f"[{len(found)} questions due; python -m scalelab review asks them in a terminal]"
    return KeptQuiz(body, text, tuple(dict.fromkeys(asked.chapter for asked in found)))


def asked_alone(position: int, asked: Asked) -> str:
    """Write one question with the name of its chapter; its answers go to that chapter's quiz."""
    chapter = attribute(asked.chapter)
    title = prose(about(asked.chapter).title)
    paper = form(position, asked.question, [], asked.seed)
    return (
        f'<section class="sl-quiz" aria-label="Question {position}" data-chapter="{chapter}" '
        f'data-carried><p class="sl-note">{title}</p>{paper}</section>'
    )


def _page() -> str:
    """Write the frame of what is due; a script fills it from what the browser keeps."""
    chapters = {
        chapter: {
            "title": about(chapter).title,
            "page": page_of(chapter),
            "sections": _sections(chapter),
        }
        for chapter in CHAPTERS
    }
    return (
        f'<div class="sl-due" data-days="{attribute(json.dumps(INTERVALS_DAYS))}" '
        f'data-chapters="{attribute(json.dumps(chapters))}"><p class="sl-note" role="status">'
        "This page needs a script to read what your browser keeps.</p><ul></ul></div>"
    )


def _sections(chapter: str) -> dict[str, Sequence[str]]:
    """Return where each question of a chapter is answered: heading and address."""
    return {q.name: (q.section, anchor(q.section)) for q in bank(chapter)}
