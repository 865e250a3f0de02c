"""Tables of a text fit a phone: each cell knows its column, and a caption may stand before them.

A paragraph that begins with "Table: " becomes the caption of the table after it. Below some width
the style makes a card of each row, where each cell shows the name of its column.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from scalelab.course.page import attribute, sentence

SIGN = "Table: "
ROLES = {nodes.row: "row", nodes.thead: "rowgroup", nodes.tbody: "rowgroup"}


def caption(app: Sphinx, doctree: nodes.document) -> None:
    """Make captions of the paragraphs that announce a table, and name the columns in the cells."""
    for table in list(doctree.findall(nodes.table)):
        if not any(True for _ in table.findall(nodes.thead)):
            continue
        table["classes"].append("sl-table")
        before = table.previous_sibling()
        if isinstance(before, nodes.paragraph) and before.astext().startswith(SIGN):
            before.parent.remove(before)
            words = sentence(before.astext().removeprefix(SIGN))
            table.insert(0, nodes.raw("", f"<caption>{words}</caption>", format="html"))
        names = [entry.astext() for entry in next(iter(table.findall(nodes.thead)))[0]]
        for row in next(iter(table.findall(nodes.tbody))):
            for entry, name in zip(row, names, strict=False):
                entry["data-label"] = name


def visit_entry(translator: HTML5Translator, node: nodes.entry) -> None:
    """Write a cell as ever, with the name of its column."""
    type(translator).visit_entry(translator, node)
    if (name := node.get("data-label")) is not None:
        tag, _, rest = (
            translator.body[-1].partition(" ")
            if " " in translator.body[-1]
            else (translator.body[-1].partition(">")[0], "", ">")
        )
        translator.body[-1] = f'{tag} role="cell" data-label="{attribute(name)}" {rest}'


def depart_entry(translator: HTML5Translator, node: nodes.entry) -> None:
    """End a cell as ever."""
    type(translator).depart_entry(translator, node)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("doctree-read", caption)
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
