"""What a chapter promises and what it leaves: its head, its foot, and its card."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from scalelab.course.contents import CHAPTERS, page_of
from scalelab.course.page import Html, page_is_static, prose

RULES = 5


@dataclass(frozen=True, kw_only=True)
class About:
    """What stands at the head and at the foot of a chapter.

    Parameters
    ----------
    title : str
        As in the heading of the page.
    question : str
        The question that the chapter answers, in one sentence.
    outcomes : tuple of str
        What a reader can do afterwards, each going on from "After this you can".
    needs : tuple of str
        Names of the chapters to read before; empty for the first.
    rules : tuple of str
        Five rules to keep, each with its condition.
    minutes : int
        To read the page.
    lab_minutes : int
        To do the lab; 0 where there is none.
    """

    title: str
    question: str
    outcomes: tuple[str, ...]
    needs: tuple[str, ...]
    rules: tuple[str, ...]
    minutes: int
    lab_minutes: int

    def __post_init__(self) -> None:
        if len(self.rules) != RULES:
            raise ValueError(f"About: rules must be {RULES}, got {len(self.rules)}")


def about(chapter: str) -> About:
    """Return what a chapter says of itself.

    Raises
    ------
    ValueError
        There is no such chapter.
    """
    page_of(chapter)  # says which there are
    found: About = importlib.import_module(f"scalelab.course.chapters.{chapter}.about").ABOUT
    return found


def head(chapter: str) -> Html:
    """Show what the reader of a chapter gets, needs and spends."""
    it = about(chapter)
    outcomes = "".join(f"<li>{prose(each)}</li>" for each in it.outcomes)
    needs = ", ".join(_link(chapter, other) for other in it.needs) or "nothing else of this book"
    time = f"{it.minutes}\u00a0minutes to read"
    if it.lab_minutes:
        time += f", {it.minutes + it.lab_minutes} with the lab"
    body = (
        f'<div class="sl-head"><p><strong>After this you can</strong></p><ul>{outcomes}</ul>'
        f"<p><strong>You need</strong> {needs}. <strong>Time:</strong> {time}.</p></div>"
    )
    return Html(body, f"After this you can: {'; '.join(it.outcomes)}. {time}.")


def foot(chapter: str) -> Html:
    """Show the rules to keep of a chapter."""
    it = about(chapter)
    rules = "".join(f"<li>{prose(rule)}</li>" for rule in it.rules)
    body = f'<div class="sl-foot"><p><strong>Five rules to keep</strong></p><ol>{rules}</ol></div>'
    return Html(body, "Five rules to keep: " + " ".join(it.rules))


def _link(chapter: str, other: str) -> str:
    address = page_of(other) if CHAPTERS[chapter] else page_of(other).removeprefix("../")
    if not page_is_static():  # a notebook leads to the notebook
        address = address.removesuffix("html") + "ipynb"
    return f'<a href="{address}">{prose(about(other).title)}</a>'
