"""The chapters as a map: which come before which, each a link."""

from __future__ import annotations

from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS, PARTS, page_of
from scalelab.course.page import Html, attribute, page_is_static, prose

ROW = 28  # pixels from a chapter to the next
ARCS = 96  # pixels for the arcs beside them
WIDTH = 360  # pixels: a phone has 390


def needed(chapter: str) -> set[str]:
    """Return all chapters that a chapter stands on, those of those among them.

    Examples
    --------
    >>> sorted(needed("diagonal"))
    ['horizontal', 'introduction', 'vertical']
    """
    direct = set(about(chapter).needs)
    return direct.union(*map(needed, direct))


def _arrows() -> list[tuple[str, str]]:
    """Pairs of a chapter and one that needs it, but for those that other arrows imply."""
    return [
        (other, chapter)
        for chapter in CHAPTERS
        for other in about(chapter).needs
        if not any(other in needed(between) for between in about(chapter).needs)
    ]


def _places() -> dict[str, int]:
    """Height of each chapter's row, with one more row above each part."""
    places, height, part = {}, 0, None
    for chapter, folder in CHAPTERS.items():
        if folder != part:
            part, height = folder, height + ROW
        places[chapter] = height
        height += ROW
    return places


def _arc(top: int, bottom: int, longest: int) -> str:
    """Draw an arc from a chapter to a later one, the wider the longer, with a tip at its end."""
    wide = ARCS - 12 - (ARCS - 30) * (bottom - top) / longest
    x, from_y, to_y = ARCS - 6, top + ROW // 2 + 3, bottom + ROW // 2 - 3
    curve = f"M{x} {from_y}C{wide:.0f} {from_y} {wide:.0f} {to_y} {x - 4} {to_y}"
    return f'<path d="{curve}"/><path class="sl-tip" d="M{x} {to_y}l-7 -3.5v7z"/>'


def _row(chapter: str, height: int) -> str:
    found, address = about(chapter), page_of(chapter)
    if not page_is_static():
        address = address.removesuffix("html") + "ipynb"
    text = f'<text x="{ARCS}" y="{height + ROW // 2 + 4}">{prose(found.title)}</text>'
    return f'<a href="{address}" aria-label="{attribute(found.title)}">{text}</a>'


def chapter_map() -> Html:
    """Show all chapters in their order; an arc leads from each to those that need it.

    Examples
    --------
    >>> print(chapter_map().text.splitlines()[3])
    Diagonal scaling: needs Horizontal scaling, Vertical scaling.
    """
    places = _places()
    pairs = _arrows()
    longest = max(places[chapter] - places[other] for other, chapter in pairs)
    arcs = "".join(_arc(places[other], places[chapter], longest) for other, chapter in pairs)
    rows = "".join(_row(chapter, height) for chapter, height in places.items())
    firsts = {folder: chapter for chapter, folder in reversed(CHAPTERS.items())}
    parts = "".join(
        f'<text class="sl-part" x="{ARCS}" y="{places[first] - ROW // 2 + 6}">'
        f"{prose(PARTS[folder])}</text>"
        for folder, first in firsts.items()
        if folder
    )
    height = max(places.values()) + ROW
    words = [_words(chapter) for chapter in CHAPTERS]
    listed = "".join(f"<li>{prose(line)}</li>" for line in words)
    body = (
        f'<figure class="sl-map"><svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="group" aria-label="The chapters, each a link">'
        f"{parts}<g>{arcs}</g>{rows}</svg>"
        "<figcaption>An arc leads from a chapter to one that needs it.</figcaption></figure>"
        f"<details><summary>In words</summary><ul>{listed}</ul></details>"
    )
    return Html(body, "\n".join(words))


def _words(chapter: str) -> str:
    needs = ", ".join(about(other).title for other in about(chapter).needs)
    return f"{about(chapter).title}: needs {needs or 'nothing before it'}."
