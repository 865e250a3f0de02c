"""Pages without a kernel: tell the notebooks, and move their images into files.

A notebook shows figures as data addresses, so that it is whole by itself. A
page would load every frame of every explorer with it; so each image becomes a
file, named after its content and fetched when it is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_IMAGE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/]+=*)")
FOLDER = "_frames"


def tell_kernels(app: Sphinx) -> None:
    """Kernels inherit these: draw for a page, and keep nobody's progress."""
    os.environ["SCALELAB_RENDER"] = "page"
    os.environ["SCALELAB_PROGRESS"] = "off"


def move_images(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the images of a page's raw HTML as files and point the HTML at them."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    up = "../" * page.count("/")

    def to_file(match: re.Match[str]) -> str:
        content = base64.b64decode(match[1])
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.svg"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        return f"{up}{FOLDER}/{name}"

    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "") and _IMAGE.search(raw.astext()):
            raw.children = [nodes.Text(_IMAGE.sub(to_file, raw.astext()))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of the build."""
    app.connect("builder-inited", tell_kernels)
    app.connect("doctree-resolved", move_images)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
