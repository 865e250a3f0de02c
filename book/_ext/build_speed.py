"""The build on all processors: who reads and writes which page, and what a page carries along."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import builders
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

SIDEBARS: dict[Any, str] = {}  # those that this process has made
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
    """Look for garbage seldom: each tree that is unpickled would set it off often."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def share_out(app: Sphinx, environment: BuildEnvironment, pages: list[str]) -> None:
    """Read the chapters first, then what runs shorter, so that all processors end together."""
    pages.sort(key=lambda page: at_once(environment.doc2path(page)))

    def cut(arguments: Sequence[str], nproc: int, maxbatch: int = 10) -> list[Any]:
        return batches(environment, arguments)

    builders.make_chunks = cut


def at_once(path: str) -> int:
    """How many pages of this kind a process reads or writes, before another one is made."""
    if not path.endswith(".ipynb"):
        return 20
    return 4 if Path(path).name.startswith("lab_") else 1


def batches(environment: BuildEnvironment, pages: Sequence[str]) -> list[list[str]]:
    """Cut a list of pages into what a process reads or writes."""
    found = []
    for most, group in groupby(pages, lambda page: at_once(environment.doc2path(page))):
        alike = list(group)
        found += [alike[i : i + most] for i in range(0, len(alike), most)]
    return found


def belong(app: Sphinx, doctree: nodes.document) -> None:
    """Let each node of a page belong to that page alone.

    What autodoc writes is read as a page of its own, whose settings hold all that is known of all
    pages; kept with each page of the reference, that is many times the page.
    """
    for node in doctree.findall():
        node.document = doctree


def one_sidebar(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let the pages of a folder that stand in no table of contents share their sidebar.

    There are hundreds of such pages, of the modules; no line of the sidebar is theirs.
    """
    listed = {child for children in app.env.toctree_includes.values() for child in children}
    make: Callable[..., str] = context["toctree"]
    folder = page if page in listed else page.rpartition("/")[0]

    def made(**options: Any) -> str:
        key = folder, *sorted(options.items())
        if key not in SIDEBARS:
            SIDEBARS[key] = make(**options)
        return SIDEBARS[key]

    context["toctree"] = made


def leave(app: Sphinx, error: Exception | None) -> None:
    """Let the process end without a look through all that it made."""
    gc.freeze()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of the build."""
    app.connect("builder-inited", share_the_work)
    app.connect("builder-inited", collect_rarely)
    app.connect("env-before-read-docs", share_out)
    app.connect("doctree-read", belong)
    app.connect("html-page-context", one_sidebar, priority=400)  # before the theme asks for it
    app.connect("build-finished", leave)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
