"""Pages without a kernel: tell the notebooks, and move the frames of explorers into files.

A notebook holds all frames of an explorer, so that it is whole by itself. A page would load them
all with its text; so they become a script, named after its content, which the page asks for when
the explorer comes near. It is a script because a page opened from a file may fetch nothing else.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import builders
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

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


# Extensions that do not say that processes may share their work: two number chapters and write
# LaTeX, which comes after all of it; one changes the text of a page by what is known beforehand
SHARED = ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex", "sphinx_codeautolink")


def share_the_work(app: Sphinx) -> None:
    """Let processes execute notebooks and write pages; the command of the build has no option.

    There is one more than processors, because a notebook with a real server often waits for it.
    """
    app.parallel = (os.cpu_count() or 1) + 1
    for name in SHARED:
        app.extensions[name].parallel_read_safe = True
        app.extensions[name].parallel_write_safe = True


def collect_rarely(app: Sphinx) -> None:
    """Look for garbage seldom: each of the large trees that are unpickled would set it off often.

    This halves the time of writing; the build takes 3.8 GB then, and 2.1 without.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def share_out(app: Sphinx, environment: BuildEnvironment, pages: list[str]) -> None:
    """Read the chapters first, then what runs shorter, so that all processors end together."""
    pages.sort(key=lambda page: (not _runs(environment, page), page.startswith("labs/")))
    builders.make_chunks = lambda pages, processes: batches(environment, pages)


def _runs(environment: BuildEnvironment, page: str) -> bool:
    return environment.doc2path(page).endswith(".ipynb")


def batches(environment: BuildEnvironment, pages: Sequence[str]) -> list[list[str]]:
    """Cut what a process reads or writes at once: a notebook alone, other pages in tens."""
    found = []
    for runs, group in groupby(pages, lambda page: _runs(environment, page)):
        alike = list(group)
        most = 1 if runs else 10
        found += [alike[i : i + most] for i in range(0, len(alike), most)]
    return found


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
    app.connect("builder-inited", share_the_work)
    app.connect("builder-inited", collect_rarely)
    app.connect("env-before-read-docs", share_out)
    app.connect("doctree-resolved", move_frames)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
