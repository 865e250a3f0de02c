"""Every quantity in prose comes out of a cell or out of the ledger."""

import json
from copy import deepcopy

import pytest
from support.orphans import Number, evidence, markdown_cells, orphans, quantities, supports
from support.tree import ROOT, chapters, name_of, notebooks

from scalelab.course.ledger import load

CHAPTERS = {path.stem for path in chapters()}
POOLING = ROOT / "book" / "database" / "connection_pooling.ipynb"


def claims(path):
    if path.stem == "claims":
        return load()
    return load(path.stem) if path.stem in CHAPTERS else []


@pytest.fixture(scope="module")
def read(executed):
    """The executed notebook made from a notebook of the repository, with its evidence."""
    known = {}

    def read(path):
        if path not in known:
            built = executed / path.relative_to(ROOT)
            if not built.exists():
                pytest.fail(f"{name_of(path)} is not in the built book")
            notebook = json.loads(built.read_text(encoding="utf-8"))
            known[path] = notebook, evidence(notebook, claims(path))
        return known[path]

    return read


@pytest.mark.parametrize("path", notebooks(), ids=name_of)
def test_no_orphans(path, read):
    notebook, known = read(path)
    found = orphans(markdown_cells(notebook), known)
    assert not found, "no cell, output or claim gives\n" + "\n".join(map(str, found))


def test_the_chapter_has_many_quantities(read):
    texts = markdown_cells(read(POOLING)[0])
    assert sum(len(quantities(text)) for text in texts) > 50


# A right quantity of the chapter, and what a slip would make of it.
SLIPS = [
    ("3.6 %", "3.7 %"),
    ("59 %", "58 %"),
    ("17 ×", "18 ×"),
    ("1.7 ×", "1.9 ×"),
    ("1.03 ×", "1.04 ×"),
    ("85 ms", "86 ms"),
    ("8.5 s", "8.6 s"),
    ("600 s", "700 s"),
    ("1,800 s", "1,900 s"),
    ("2.5 s", "2.4 s"),
    ("85 ms", "85 s"),
    ("600 s", "600 ms"),
    ("2,000 requests a second", "2,100 requests a second"),
    ("1,400 a second", "1,500 a second"),
    ("Thirty seconds", "Forty seconds"),
    ("24 CPU times", "23 CPU times"),
]


@pytest.mark.parametrize(("right", "wrong"), SLIPS)
def test_a_slip_in_the_chapter_is_caught(right, wrong, read):
    notebook, known = read(POOLING)
    slipped = deepcopy(notebook)
    cell = next(c for c in slipped["cells"] if _holds(c, right))
    cell["source"] = "".join(cell["source"]).replace(right, wrong, 1)
    before = orphans(markdown_cells(notebook), known)
    added = [o for o in orphans(markdown_cells(slipped), known) if o not in before]
    assert len(added) == 1


def _holds(cell, text):
    return cell["cell_type"] == "markdown" and text in "".join(cell["source"])


def test_a_computed_value_that_changes_leaves_an_orphan(read):
    notebook, known = read(POOLING)
    changed = deepcopy(notebook)
    for cell in changed["cells"]:
        for output in cell.get("outputs", []):
            shown = "".join(output.get("data", {}).get("text/plain", ""))
            if "share that waits, %" in shown:
                output["data"] = {"text/plain": shown.replace("58.75", "61.75")}
    before = orphans(markdown_cells(notebook), known)
    found = orphans(markdown_cells(changed), evidence(changed, claims(POOLING)))
    assert [orphan.value for orphan in found if orphan not in before] == [59]


def one(code="", output=None, text=""):
    """The orphans of a notebook with one cell of code, one output and one text."""
    outputs = [{"data": output}] if output else []
    notebook = {"cells": [{"cell_type": "code", "source": code, "outputs": outputs}]}
    return orphans([text], evidence(notebook))


FRAMES = "{&quot;texts&quot;: [&quot;45.0 ms without, 4.5 × faster&quot;]}"


@pytest.mark.parametrize(
    ("code", "output", "text"),
    [
        ("rtt(0.005)", {}, "5 ms"),
        ("rtt(0.005)", {}, "five milliseconds"),
        ("f(timeout_s=0.5)", {}, "half a second"),
        ("f(0.95)", {}, "95 %"),
        ("'2,000 requests a second'", {}, "2,000 callers per second"),
        ("f(rate_per_s=150)", {}, "150 requests/s"),
        ("", {"text/plain": "[5.0, 10.0]"}, "10 ms"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.6 %"),
        ("", {"text/plain": "n | time_s\n10 | 0.0553"}, "55 ms"),
        ("", {"text/plain": "n | all\n10 | 1,000"}, "1,000 requests a second"),
        ("", {"text/plain": "x", "text/html": f'<p data-frames="{FRAMES}">'}, "4.5 ×"),
        ("", {"text/html": "<p>takes 7&#160;ms</p>"}, "7 ms"),
        ("f(70); f(0.8); g('90 %')", {}, "$3 \\times 4$ and 10 connections"),
    ],
)
def test_supported(code, output, text):
    assert one(code, output, text) == []


@pytest.mark.parametrize(
    ("code", "output", "text"),
    [
        ("f(5)", {}, "5 ms"),  # bare numbers in code are seconds
        ("f(n=5)", {}, "5 s"),  # and a named number without a unit is no time
        ("f(timeout_s=5)", {}, "5 %"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.7 %"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.6 ms"),
        ("", {"text/plain": "n | waits, ms\n10 | 3.611"}, "3.6 s"),
        ("", {"text/plain": "n | ± standard error\n10 | 3.6"}, "3.6 ×"),
        ("", {"text/plain": "n\n10", "text/html": "<img src='base64,x/7 ms'>"}, "7 ms"),
        ("'50.5 ms'", {}, "51 ms"),  # a text is rounded already
        ("f(0.7, 0.9)", {}, "70, 80, 90 %"),
        ("f(5)", {}, "5 to 10 times"),
    ],
)
def test_not_supported(code, output, text):
    assert len(one(code, output, text)) >= 1


def test_rounding_is_at_the_digits_shown():
    [shown] = quantities("3.6 %")
    assert supports(Number(3.6499, "share", 0.01), shown)
    assert not supports(Number(3.6501, "share", 0.01), shown)
