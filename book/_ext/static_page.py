"""Pages without a kernel: tell the notebooks, and move the frames of explorers into files.

A notebook holds all frames of an explorer, so that it is whole by itself. A page would load them
all with its text; so they become a script, named after its content, which the page asks for when
the explorer comes near. It is a script because a page opened from a file may fetch nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_FRAMES = re.compile(
    r'(<figure class="sl-explore")(.*?)'
    r'<script type="application/json" class="sl-frames">(.*?)</script>',
    re.DOTALL,
)
FOLDER = "_frames"


def tell_kernels(app: Sphinx) -> None:
    """Kernels inherit these: draw for a page, and keep nobody's progress."""
    os.environ["SCALELAB_RENDER"] = "page"
    os.environ["SCALELAB_PROGRESS"] = "off"


def move_frames(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the frames of a page's explorers as scripts and name those in the page."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    up = "../" * page.count("/")

    def to_file(match: re.Match[str]) -> str:
        name = hashlib.sha256(match[3].encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        script = f'scalelab.frames("{name}",{match[3]});\n'
        (folder / f"{name}.js").write_text(script, encoding="utf-8")
        return f'{match[1]} data-frames="{name}" data-source="{up}{FOLDER}/{name}.js"{match[2]}'

    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "") and _FRAMES.search(raw.astext()):
            raw.children = [nodes.Text(_FRAMES.sub(to_file, raw.astext()))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of the build."""
    app.connect("builder-inited", tell_kernels)
    app.connect("doctree-resolved", move_frames)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
