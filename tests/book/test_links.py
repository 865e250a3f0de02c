"""From a name in the code of a page to its entry in the reference, and to its source."""

import ast
import importlib
import inspect

import pytest
from support.tree import ROOT, cells, name_of, notebooks

HTML = ROOT / "_build" / "html"
PAGES = [path for path in notebooks() if path.parent.name != "reference" and path.stem != "index"]


def imported(notebook):
    """Functions and classes that the code on a page imports, each with its module."""
    shown = [
        c for c in cells(notebook, "code") if "remove-input" not in c["metadata"].get("tags", [])
    ]
    code = "\n".join(cell["source"] for cell in shown)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scalelab."):
            for alias in node.names:
                item = getattr(importlib.import_module(node.module), alias.name, None)
                if inspect.isfunction(item) or inspect.isclass(item):
                    yield item.__module__, item.__name__


def missing(html, names):
    """Names without a link to their entry."""
    return [f"{module}.{name}" for module, name in names if f"#{module}.{name}" not in html]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_imported_name_leads_to_its_entry(path):
    html = (HTML / path.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
    names = sorted(set(imported(path)))
    assert names
    assert missing(html, names) == []
    assert missing("", names) != []  # it can fail


def test_an_entry_leads_to_its_source():
    entry = HTML / "book" / "reference" / "api" / "models" / "scaling_law.html"
    assert "_modules/scalelab/models/scaling_law.html" in entry.read_text(encoding="utf-8")
    source = HTML / "_modules" / "scalelab" / "models" / "scaling_law.html"
    assert "amdahl_through" in source.read_text(encoding="utf-8")
