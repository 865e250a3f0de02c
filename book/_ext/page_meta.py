"""Title, description and preview of each page, for search engines and for who shares a link."""

from __future__ import annotations

import html
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes
from matplotlib.figure import Figure
from sphinx.application import Sphinx

from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS, chapter_of
from scalelab.plotting import BLUE, INK, MUTED, PAPER

FOLDER = "_previews"
LENGTH = 160  # characters that a search engine shows


def description(page: str, doctree: nodes.document | None) -> str:
    """Return a chapter's question, or the first paragraph of another page."""
    stem = page.rpartition("/")[2]
    name = chapter_of(stem) or stem
    if name in CHAPTERS and page.startswith(("book/", "labs/")):
        lab = "The lab to the question: " if page.startswith("labs/") else ""
        return lab + about(name).question
    first = next(doctree.findall(nodes.paragraph), None) if doctree is not None else None
    words = " ".join(first.astext().split()) if first is not None else ""
    return textwrap.shorten(words, LENGTH, placeholder=" …")


def preview(title: str, words: str, path: Path) -> None:
    """Draw title and question as a picture of 1,200 × 630 pixels."""
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=PAPER)
    figure.text(0.06, 0.84, "Scalability, measured", color=MUTED, fontsize=24)
    figure.text(0.06, 0.52, textwrap.fill(title, 28), color=BLUE, fontsize=46, weight="bold")
    question = textwrap.fill(words, 62)
    figure.text(0.06, 0.40, question, color=INK, fontsize=24, va="top", linespacing=1.5)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, pil_kwargs={"optimize": True})


def meta(
    app: Sphinx, page: str, _: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the tags to a page's head."""
    if doctree is None:
        return
    words = description(page, doctree)
    title = app.env.titles[page].astext() if page in app.env.titles else app.config.project
    if page == app.config.root_doc:  # whose title is that of the book, which follows anyway
        context["title"] = "An executable course"
    tags = {"og:title": title, "og:description": words, "og:type": "article"}
    if page.startswith(("book/", "labs/")) and "/reference/" not in page:
        name = f"{page.replace('/', '-')}.png"
        preview(title, words, Path(app.outdir) / FOLDER / name)
        base = app.config.html_baseurl or "../" * page.count("/")
        tags["og:image"] = f"{base}{FOLDER}/{name}"
    if app.config.html_baseurl:
        tags["og:url"] = f"{app.config.html_baseurl}{page}.html"
    lines = [f'<meta name="description" content="{html.escape(words)}">']
    lines += [f'<meta property="{k}" content="{html.escape(v)}">' for k, v in tags.items()]
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("html-page-context", meta)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
