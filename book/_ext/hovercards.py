"""The first use of a glossary term in a chapter links to it and carries its definition."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "book/reference/glossary"
LEFT_OUT = (nodes.reference, nodes.literal, nodes.math, nodes.title, nodes.raw, nodes.caption)
ROLE = re.compile(r"\{[a-z:]+\}`([^`<]*?)\s*(?:<[^`>]*>)?`")

Terms = dict[str, tuple[str, str]]  # in small letters: the term as written, its definition


def terms(text: str) -> Terms:
    """Read the terms of a glossary, which stand at the margin above their definitions."""
    inside = text.split("```{glossary}", 1)[1].split("```", 1)[0]
    found: Terms = {}
    for block in re.split(r"\n(?=\S)", inside.strip("\n")):
        name, _, lines = block.partition("\n")
        words = ROLE.sub(r"\1", " ".join(lines.split()))
        found[name.strip().lower()] = (name.strip(), re.sub(r"[`*]", "", words))
    return found


def pattern(known: Terms) -> re.Pattern[str]:
    """Match any of the terms, the longest first, in the singular or the plural."""
    names = sorted((re.escape(name).replace("'", "['’]") for name in known), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(names)})(s?)(?![\w-])", re.IGNORECASE)


def texts(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Yield the words of the paragraphs of a page, but for links, code, formulas and headings."""
    for text in list(doctree.findall(nodes.Text)):
        parents, up = [], text.parent
        while up is not None:
            parents.append(up)
            up = up.parent
        if any(isinstance(each, nodes.paragraph) for each in parents) and not any(
            isinstance(each, LEFT_OUT) for each in parents
        ):
            yield text


def link(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Link each term where a chapter first uses it."""
    part = page.split("/")[1] if page.startswith("book/") else ""
    if app.builder.format != "html" or part in ("", "index", "reference"):
        return
    known = terms((Path(app.srcdir) / f"{GLOSSARY}.md").read_text(encoding="utf-8"))
    search, seen = pattern(known), set[str]()
    for text in texts(doctree):
        for match in search.finditer(text.astext()):
            name = match[1].lower().replace("’", "'")
            if name in seen:
                continue
            seen.add(name)
            address = (
                app.builder.get_relative_uri(page, GLOSSARY) + f"#term-{_slug(known[name][0])}"
            )
            new = _card(match[0], address, f"card-{len(seen)}", known[name][1])
            before, after = text.astext()[: match.start()], text.astext()[match.end() :]
            rest = nodes.Text(after)
            text.parent.replace(text, [nodes.Text(before), *new, rest])
            break  # one in a run of words will do: cards beside each other are noise


def _slug(term: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", term).strip("-")


def _card(words: str, address: str, name: str, definition: str) -> list[nodes.Node]:
    begin = nodes.raw("", '<span class="sl-with-card">', format="html")
    inside = nodes.reference("", words, internal=True, refuri=address, classes=["sl-term"])
    card = (
        f'<span role="tooltip" class="sl-card" id="{name}">{html.escape(definition)}</span></span>'
    )
    return [begin, inside, nodes.raw("", card, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("doctree-resolved", link)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
