"""The order of reading: *next* leads from chapter to chapter, and a lab page says how to run it."""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS, chapter_of, lab_of


def chapter_pages() -> list[str]:
    """Return the pages of the chapters, in the order of the book."""
    return [
        f"book/{folder}/{name}" if folder else f"book/{name}" for name, folder in CHAPTERS.items()
    ]


def neighbours(page: str, pages: list[str]) -> tuple[str | None, str | None]:
    """Return the page before and the page after a chapter; a lab's are its chapter and the next."""
    if page.startswith("labs/"):
        name = chapter_of(page.removeprefix("labs/"))
        own = next((p for p in pages if p.rpartition("/")[2] == name), None)
        if own is None:
            return None, None
        after = pages.index(own) + 1
        return own, pages[after] if after < len(pages) else None
    if page not in pages:
        return None, None
    i = pages.index(page)
    return (pages[i - 1] if i else None), (pages[i + 1] if i + 1 < len(pages) else None)


def order(app: Sphinx, page: str, _: str, context: dict[str, Any], __: object) -> None:
    """Let *previous* and *next* lead over the labs."""
    pages = [each for each in chapter_pages() if each in app.env.titles]
    if page not in pages and not page.startswith("labs/"):
        return
    for key, other in zip(("prev", "next"), neighbours(page, pages), strict=True):
        if other is not None:
            title = app.env.titles[other].astext()
            address = app.builder.get_relative_uri(page, other)
            context[key] = {"link": address, "title": html.escape(title)}


def lab_head(chapter: str) -> str:
    """Say how to run a lab, how long it takes, and what it needs."""
    it = about(chapter)
    return (
        '<div class="sl-head"><p><strong>This lab runs on your machine.</strong> In a clone of '
        "the book, <code>make lab</code> opens JupyterLab; then open "
        f"<code>labs/{lab_of(chapter)}.ipynb</code>. "
        f"It takes about {it.lab_minutes}\u00a0minutes and needs the chapter "
        f"<em>{html.escape(it.title)}</em>. Here you can read the tasks.</p>"
        f'<p class="sl-lite" hidden><a href="../lite/notebooks/index.html?path='
        f'{lab_of(chapter)}.ipynb">'
        "Run in the browser</a>: the first visit fetches some 45\u00a0MB, the next some 17. "
        "A real server needs a clone, and the lab goes on without. An answer that does not end is "
        "stopped after twenty seconds; if a cell hangs all the same, take <em>Restart Kernel</em> "
        "from the menu <em>Kernel</em>: what is written stays, and so does your progress.</p></div>"
    )


def introduce(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the words on how to run it below the title of a lab's page."""
    chapter = chapter_of(page.removeprefix("labs/"))
    if app.builder.format != "html" or not page.startswith("labs/") or not chapter:
        return
    title = next(doctree.findall(nodes.title))
    place = title.parent.index(title) + 1
    title.parent.insert(place, nodes.raw("", lab_head(chapter), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("html-page-context", order)
    app.connect("doctree-resolved", introduce)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
