"""Formulas as MathML, written at build time: no script, no font, no CDN."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def inline(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own; one too wide for the page scrolls."""
    formula = convert(node.astext(), display="block")
    attributes = {
        "class": "sl-math",
        "tabindex": "0",
        "role": "group",
        "aria-label": "Formula",
    }
    translator.body.append(translator.starttag(node, "div", **attributes) + formula + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer under the name that the configuration asks for."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
