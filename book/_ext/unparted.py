"""What belongs together stays together: no line ends between a number and its unit.

Nor does one end within a few letters of code.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from scalelab.quantities import unparted

SHORT = 12  # characters of code
KEPT = (nodes.literal, nodes.literal_block, nodes.raw, nodes.math, nodes.math_block, nodes.comment)


def keep_together(app: Sphinx, doctree: nodes.document) -> None:
    """Put spaces that do not break into the texts of a page, but not into its code."""
    for code in doctree.findall(nodes.literal):
        if len(code.astext()) <= SHORT:
            code["classes"].append("sl-short")
    for text in list(doctree.findall(nodes.Text)):
        ancestor = text.parent
        while ancestor is not None and not isinstance(ancestor, KEPT):
            ancestor = ancestor.parent
        if ancestor is None and (mended := unparted(text)) != text:
            text.parent.replace(text, nodes.Text(mended))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("doctree-read", keep_together)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
