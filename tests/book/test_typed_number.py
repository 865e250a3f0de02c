"""The script of the page reads typed numbers as the package does."""

import pytest
from support.typed import TYPED

from scalelab.course.page import STATIC


@pytest.fixture(scope="module")
def parse(browser):
    page = browser.new_page()
    page.add_script_tag(content=(STATIC / "base.js").read_text(encoding="utf-8"))
    yield lambda text: page.evaluate("text => scalelab.parse(text)", text)
    page.close()


@pytest.mark.parametrize(("text", "value"), TYPED.items(), ids=map(repr, TYPED))
def test_the_page_reads_what_the_terminal_reads(parse, text, value):
    assert parse(text) == value
