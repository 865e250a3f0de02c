"""Pages that show themselves first: the index of the search is loaded after the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INDEX = re.compile(r'<script src="([^"]*searchindex\.js)"></script>')
LATER = (
    '<script>addEventListener("load", () => document.head.append(Object.assign('
    'document.createElement("script"), {{src: "{}"}})));</script>'
)


def lighten(page: str) -> str:
    """Let a page ask for the index of the search once it is there."""
    return INDEX.sub(lambda match: LATER.format(match[1]), page)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Mend all pages but that of the search, which needs the index at once."""
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if path.name != "search.html" and (lighter := lighten(page)) != page:
            path.write_text(lighter, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
