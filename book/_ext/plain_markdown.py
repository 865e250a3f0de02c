"""Notebooks are plain Markdown, which reads well in JupyterLab; the build makes more of it.

A link to an entry of the bibliography becomes a citation, and a `<details>` a block that folds.
The sentence that promises the run times becomes their table.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sphinx.application import Sphinx

LINK = r"\[\[[^][]+\]\]\((?:\.\./)*(?:book/)?references\.bib#(\w+)\)"
CITATIONS = re.compile(rf"{LINK}(?:,\s+{LINK})*")
KEY = re.compile(r"references\.bib#(\w+)")
ASIDE = re.compile(r"^<details><summary>(.+?)</summary>$(.*?)^</details>$", re.M | re.S)

TIMES = "*In the book the run times of all pages stand here.*"


def enriched(text: str) -> str:
    """Return the text of a cell as the build wants it.

    Citations beside each other become one.
    """
    text = CITATIONS.sub(lambda match: f"{{cite:p}}`{','.join(KEY.findall(match[0]))}`", text)
    text = text.replace(TIMES, "```{nb-exec-table}\n```")
    return ASIDE.sub(r":::{dropdown} \1\2:::", text)


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Change what is read of a notebook."""
    if not app.env.doc2path(page).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = enriched("".join(cell["source"]))
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("source-read", read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
