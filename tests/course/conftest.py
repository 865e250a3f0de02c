"""Fixtures for the course layer: a progress file of the test's own, a page or a notebook."""

import pytest

from scalelab.course import progress


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


@pytest.fixture
def notebook(monkeypatch):
    """Render as a notebook with a kernel does."""
    monkeypatch.delenv("SCALELAB_RENDER", raising=False)
