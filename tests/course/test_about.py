"""Every chapter says what a reader gets, needs, spends and keeps, and says it truly."""

import re

import pytest
from support.tree import cells, chapters

from scalelab.course.about import About, about, foot, head
from scalelab.course.contents import CHAPTERS

WORDS_A_MINUTE = 170  # of a text with formulas and figures


def source(path):
    return ["".join(cell["source"]) for cell in cells(path)]


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_a_chapter_has_head_and_foot(path):
    chapter = path.stem
    it = about(chapter)
    texts = source(path)
    assert texts[0].startswith(f"# {it.title}\n") or texts[0].strip() == f"# {it.title}"
    for call in ("head", "foot"):
        assert any(f'{call}("{chapter}")' in text for text in texts), f"no {call}"
    assert 2 <= len(it.outcomes) <= 4
    assert all(need in CHAPTERS and need != chapter for need in it.needs)
    order = list(CHAPTERS)
    assert all(order.index(need) < order.index(chapter) for need in it.needs)
    assert it.question.endswith("?")


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_the_minutes_are_those_of_the_words(path):
    words = sum(
        len(re.sub(r"`[^`]*`|\$[^$]*\$", "x", "".join(cell["source"])).split())
        for cell in cells(path)
        if cell["cell_type"] == "markdown"
    )
    assert about(path.stem).minutes == pytest.approx(words / WORDS_A_MINUTE, abs=3)


def test_what_is_shown(page):
    shown = head("horizontal")
    assert "After this you can" in shown.body
    assert 'href="../introduction.html"' in shown.body
    assert "minutes to read" in shown.text
    assert foot("horizontal").body.count("<li>") == 5


def test_in_a_notebook_a_chapter_leads_to_notebooks(notebook):
    assert 'href="../introduction.ipynb"' in head("horizontal").body


def test_four_rules_are_too_few():
    with pytest.raises(ValueError, match=r"^About: rules must be 5, got 4"):
        About(
            title="t",
            question="q?",
            outcomes=(),
            needs=(),
            rules=("r",) * 4,
            minutes=1,
            lab_minutes=0,
        )
