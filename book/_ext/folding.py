"""Code is folded on a page unless its cell is tagged ``show``: open is what is worth reading."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

SHOW = "show"
PROMPT = "the code"


class FoldCode(SphinxPostTransform):
    """Ask for what the tag ``hide-input`` asks for, before that is done."""

    default_priority = 190
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Mark the cells of a notebook."""
        for node in self.document.findall(nodes.container):
            if node.get("nb_element") != "cell_code":
                continue
            if SHOW not in node.get("cell_metadata", {}).get("tags", []):
                node["hide_mode"] = node.get("hide_mode") or "input"
                node["prompt_show"] = node["prompt_hide"] = PROMPT


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the transform."""
    app.add_post_transform(FoldCode)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
