"""What the landing page shows above its words: the verdicts in one bar, and a card a chapter."""

from __future__ import annotations

from importlib.metadata import metadata

from scalelab.course.about import about
from scalelab.course.chapters.landing.sketches import sketch
from scalelab.course.contents import CHAPTERS, PARTS, page_of
from scalelab.course.ledger import bar, load
from scalelab.course.page import Html, attribute, prose

TITLE = "Scalability, measured"
START, ARGUE = "introduction.html", "reference/claims.html"


def verdicts() -> Html:
    """Show how many claims of the guide have each verdict, and two ways to begin."""
    entries = load()
    counted = bar(entries)
    minutes = about("introduction").minutes
    body = (
        f'<div class="sl-hero"><p><strong>{len(entries)} claims of one guide, tested:</strong></p>'
        f'{counted.body}<p class="sl-ways"><a href="{START}">Start here, {minutes}\u00a0minutes'
        f'</a> <a href="{ARGUE}">Argue with a claim</a></p></div>'
    )
    return Html(body, counted.text)


def cards() -> Html:
    """Show each chapter as a card: its picture, its question and its minutes."""
    parts = []
    for folder, part in PARTS.items():
        inside = [chapter for chapter, place in CHAPTERS.items() if place == folder]
        if inside:
            items = "".join(map(_card, inside))
            parts.append(f'<p class="sl-part">{part}</p><ul class="sl-cards">{items}</ul>')
    return Html("".join(parts), f"{len(CHAPTERS)} chapters")


def _card(chapter: str) -> str:
    it = about(chapter)
    address = page_of(chapter).removeprefix("../")
    return (
        f'<li>{sketch(chapter)}<p><a href="{address}">{prose(it.title)}</a></p>'
        f'<p>{prose(it.question)}</p><p class="sl-note">{it.minutes}\u00a0minutes'
        f"{f', lab {it.lab_minutes}' if it.lab_minutes else ''}</p></li>"
    )


def colophon() -> Html:
    """Say who made the book, how to cite it, and where its source is, if that is known."""
    found = metadata("scalelab")
    authors = found["Author"] or "the scalelab authors"
    text = f"Made by {authors}. To cite it: {authors}, {TITLE}, version {found['Version']}."
    places = dict(url.split(", ", 1) for url in found.get_all("Project-URL") or [])
    source = places.get("Source", "")
    link = f' The source is at <a href="{attribute(source)}">{prose(source)}</a>.' if source else ""
    return Html(f'<p class="sl-note">{prose(text)}{link}</p>', text)
