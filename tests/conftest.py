"""What every test may ask for."""

import os
import re
import tomllib

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from support.tree import ROOT
from xdist.scheduler import LoadScopeScheduling

from scalelab.course import progress

# Derandomised: a test passes twenty times in a row, or fails twenty times in a row.
settings.register_profile(
    "course",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")
collect_ignore = ["argument_cases", "labs/readings", "sim/kernel_cases", "support", "validity"]
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("SCALELAB_PROGRESS", "off")  # a doctest is not the reader's guess


COMPUTE_CLAIMS = re.compile(r"/test_(claims|ledger|claim_records|__main__)\.py$")


class ByFile(LoadScopeScheduling):
    """A file to the process that is free.

    But what computes the claims goes to one, which keeps them; and the file of the labs, which
    takes longest by far, lab by lab.
    """

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if COMPUTE_CLAIMS.search(file):
            return "claims"
        lab = re.search(r"\[([a-z_]+)", test) if file.endswith("labs/test_labs.py") else None
        return f"{file}[{lab[1]}]" if lab else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out, unless a folder has its own way."""
    return ByFile(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep the progress of this test in a file of its own; the value is that progress."""
    monkeypatch.setenv("SCALELAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_shared", {})
    return progress.current()


@pytest.fixture
def page(monkeypatch):
    """Render as the book's build does."""
    monkeypatch.setenv("SCALELAB_RENDER", "page")


@pytest.fixture(scope="module")
def page_of():
    """Return a function that makes something as the book's build does, and gives its HTML."""

    def make(build):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCALELAB_RENDER", "page")
            return build()._repr_mimebundle_()["text/html"]

    return make


@pytest.fixture
def notebook(monkeypatch):
    """Render as a notebook with a kernel does."""
    monkeypatch.delenv("SCALELAB_RENDER", raising=False)


@pytest.fixture(scope="session")
def project():
    """Return what pyproject.toml says of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
