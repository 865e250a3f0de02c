"""How tables, outputs and controls stand on a page, by the styles alone, without a built book."""

import pytest
from support.tree import ROOT

from scalelab.course.estimates import estimates
from scalelab.course.page import STATIC, note, table

STYLES = (STATIC / "scalelab.css", STATIC / "figure.css", ROOT / "book" / "_static" / "theme.css")
THEME = """
dl:not(.docutils) { margin-bottom: 3rem; }
dl[class]:not(.option-list, .simple) dd { margin-left: 2rem; }
"""  # what the theme says of any list of terms
CAPTION = "How far a line may always leave its calm mean"


@pytest.fixture
def shown(browser, monkeypatch):
    """Show HTML as the output of a cell, on a page of some width."""
    monkeypatch.setenv("SCALELAB_RENDER", "page")
    style = "".join(path.read_text(encoding="utf-8") for path in STYLES)
    contexts = []

    def made(body, width):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        page.set_content(
            f"<!doctype html><html class='sl-js'><style>{THEME}{style}</style>"
            "<div class='bd-content'><article class='bd-article'><div class='cell'>"
            f"<div class='cell_output'>{body}</div></div><p id='next'>Next.</p></article></div>"
        )
        return page

    yield made
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1400, 768, 601])
def test_a_narrow_table_does_not_break_its_caption(shown, width):
    page = shown(table([{"line": "hits", "least": 0.15}], CAPTION).body, width)
    caption, head = (page.locator(what).bounding_box() for what in ("caption", "thead"))
    assert caption["height"] < 1.5 * head["height"]
    assert head["width"] < 200 < caption["width"]  # the table itself does not grow
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_a_caption_stays_in_the_page(shown):
    page = shown(table([{"line": "hits", "least": 0.15}], 3 * f"{CAPTION} ").body, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [1400, 390])
def test_what_a_lab_prints_wraps(shown, width):
    text = "traits={'high availability', 'stateful'}; token=" + 200 * "x"
    page = shown(f'<div class="output text_plain"><pre>{text}</pre></div>', width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _middle(box):
    return box["y"] + box["height"] / 2


def test_the_buttons_of_the_estimates_are_alike(shown):
    page = shown(estimates().body, 1400)
    saves, clears, label = (
        page.locator(what).bounding_box() for what in (".sl-export", ".sl-clear", ".sl-file")
    )
    assert saves["height"] == clears["height"]
    assert _middle(saves) == pytest.approx(_middle(label), abs=1)


def test_the_words_of_a_verdict_stand_beside_its_label(shown):
    page = shown(
        '<dl class="sl-verdict"><dt>Still to do</dt><dd>Replace the dots.</dd></dl>', width=768
    )
    label, words = (page.locator(what).bounding_box() for what in ("dt", "dd"))
    assert words["x"] - label["x"] - label["width"] == pytest.approx(16, abs=1)


def test_what_follows_a_verdict_is_as_near_as_after_a_note(shown):
    verdict = '<div><div role="status"><dl class="sl-verdict"><dt>Still to do</dt></dl></div></div>'
    gaps = []
    for body, what in ((verdict, ".sl-verdict"), (note("Still to do.").body, ".sl-note")):
        page = shown(body, 1400)
        box = page.locator(what).bounding_box()
        gaps.append(page.locator("#next").bounding_box()["y"] - box["y"] - box["height"])
    assert gaps[0] == pytest.approx(gaps[1], abs=4)
