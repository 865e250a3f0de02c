"""The built book and a browser; skipped where one is missing, but not in CI."""

import os
import shutil

import pytest
from plain_markdown import enriched
from playwright.sync_api import sync_playwright
from support.browser import serve
from support.tree import ROOT, cells, name_of, notebooks
from xdist.scheduler import LoadScopeScheduling

IN_ONE_PROCESS = "test_jupyterlab.py"  # one server, and each notebook runs once


class Spread(LoadScopeScheduling):
    """Each test to the process that is free, but for those that share a JupyterLab."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return file if file.endswith(IN_ONE_PROCESS) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Groups of tests by mark, which xdist has, do nothing with this pytest."""
    return Spread(config, log)


def pytest_collection_modifyitems(items):
    """Mark what needs a browser: it has a command of its own."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def missing(reason):
    """Skip, or fail in CI, where nothing may be missing."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def pages():
    """Folder of the built pages."""
    folder = ROOT / "_build" / "html"
    if not (folder / "index.html").exists():
        missing("run make book first")
    return folder


@pytest.fixture(scope="session")
def executed():
    """Folder of the executed notebooks."""
    folder = ROOT / "_build" / "jupyter_execute"
    if not folder.exists():
        missing("run make book first")
    if changed := stale(folder):
        missing(f"run make book again: {', '.join(changed)} changed since")
    return folder


def stale(folder):
    """Return the notebooks that are not what `folder` was made from."""
    made_from = {path: folder / path.relative_to(ROOT) for path in notebooks()}
    return [
        name_of(path)
        for path, built in made_from.items()
        if not built.exists() or as_built(path) != [c["source"] for c in cells(built)]
    ]


def as_built(path):
    """Return the cells of a notebook as the build reads them."""
    return [
        enriched(cell["source"]) if cell["cell_type"] == "markdown" else cell["source"]
        for cell in cells(path)
    ]


@pytest.fixture(scope="session")
def address(pages):
    """Address of a server of the built pages."""
    with serve(pages) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """One headless Chromium for all tests."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        missing("install chromium, or name it in CHROMIUM")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()
