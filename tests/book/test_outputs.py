"""What the pages show: sentences, figures, tables and scenes, never a value of Python."""

import re

import pytest
from support.tree import ROOT, cells, name_of, notebooks

PAGES = [path for path in notebooks() if ROOT / "book" in path.parents]
LABS = [path for path in notebooks() if ROOT / "labs" in path.parents]


def raw_outputs(notebook):
    """Outputs of code that are no HTML of ours, and tables of pandas."""
    for cell in notebook:
        for output in cell["outputs"]:
            html = "".join(output.get("data", {}).get("text/html", ""))
            if not html or 'class="dataframe"' in html:
                said = output.get("data", {}).get("text/plain") or output.get("text", "")
                yield "".join(said)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_value_of_python_is_shown(path, executed):
    assert list(raw_outputs(cells(executed / path.relative_to(ROOT), "code"))) == []


@pytest.mark.parametrize("path", LABS, ids=name_of)
def test_of_a_lab_only_the_question_to_try_is_plain(path, executed):
    shown = [
        cell
        for cell in cells(executed / path.relative_to(ROOT), "code")
        if "lab.example(" not in "".join(cell["source"])
        and "Listing(" not in "".join(cell["source"])
    ]
    assert list(raw_outputs(shown)) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_figure_and_table_has_a_caption(path, executed):
    for cell in cells(executed / path.relative_to(ROOT), "code"):
        for output in cell["outputs"]:
            html = "".join(output.get("data", {}).get("text/html", ""))
            assert html.count("<figure") == html.count("<figcaption")
            assert len(re.findall("<table", html)) == html.count("<caption>")


def test_a_value_would_be_seen():
    output = {"data": {"text/plain": "[1, 2]"}}
    frame = {"data": {"text/html": '<table class="dataframe">', "text/plain": "a b"}}
    assert list(raw_outputs([{"outputs": [output, frame]}])) == ["[1, 2]", "a b"]
