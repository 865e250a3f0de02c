"""Predict before you see: what answers a prediction is kept shut until the reader has guessed.

From the form of a prediction to the first paragraph after its answer, all goes into one box. The
style hides it where scripts run, and the script opens it. Paper, and a page without scripts, show
all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

ASKS = re.compile(r'class="sl-predict" data-name="([^"]+)"')
ANSWERS = re.compile(r'class="sl-compare"[^>]* data-name="([^"]+)"')
log = logging.getLogger(__name__)

Gate = tuple[int, int, str]  # first and last of the siblings, and the prediction's name


def _names(node: nodes.Node, pattern: re.Pattern[str]) -> list[str]:
    return [name for raw in node.findall(nodes.raw) for name in pattern.findall(raw.astext())]


def gates(parent: nodes.Element) -> tuple[list[Gate], list[str]]:
    """Find what to keep shut among the children of a section, and what is wrong."""
    found: list[Gate] = []
    wrong: list[str] = []
    asked: dict[str, int] = {}
    children = parent.children
    for i, child in enumerate(children):
        if isinstance(child, nodes.section):
            continue
        asked |= dict.fromkeys(_names(child, ASKS), i)
        for name in _names(child, ANSWERS):
            if name not in asked:
                wrong.append(f"{name} is answered in a section that does not ask for it")
            elif asked[name] == i:
                del asked[name]
                wrong.append(f"{name} is asked and answered in one cell")
            else:
                found.append((asked.pop(name) + 1, _end(children, i), name))
    wrong += [f"{name} is asked, and its section has no answer" for name in asked]
    return list(_nested(found)), wrong


def _end(children: list[nodes.Node], answer: int) -> int:
    """Return the last that belongs to an answer: the first paragraph after it."""
    for i in range(answer + 1, len(children)):
        if isinstance(children[i], nodes.section) or _names(children[i], ASKS):
            return i - 1
        if isinstance(children[i], nodes.paragraph):
            return i
    return len(children) - 1


def _nested(found: list[Gate]) -> Iterator[Gate]:
    """Let a gate that begins within another end there at the latest with it."""
    ordered = sorted(found)
    for i, (first, last, name) in enumerate(ordered):
        for other_first, other_last, _ in ordered[i + 1 :]:
            if first <= other_first <= last:
                last = max(last, other_last)
        yield first, last, name


def close(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put what answers a prediction into a box of its own."""
    if app.builder.format != "html":
        return
    for parent in [doctree, *doctree.findall(nodes.section)]:
        found, wrong = gates(parent)
        for fault in wrong:
            log.warning("%s", fault, location=page)
        for first, last, name in sorted(found, reverse=True):
            begin = nodes.raw("", f'<div class="sl-gated" data-gate="{name}">', format="html")
            parent.insert(last + 1, nodes.raw("", "</div>", format="html"))
            parent.insert(first, begin)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("doctree-resolved", close)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
