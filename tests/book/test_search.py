"""Whoever searches finds chapters and labs before the pages of the modules."""

import re
from urllib.parse import urlencode

import pytest

SAID = "() => /\\bfound\\b/i.test(document.querySelector('#search-results')?.innerText)"
LEARNERS = re.compile(r"/(book/(?!reference)|labs/)[^?#]*\.html")


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def shown(page):
    """What is shown of the first pages that were found."""

    def read():
        page.locator("#search-results li .context").nth(2).wait_for()
        return page.locator("#search-results li .context").all_inner_texts()[:3]

    return read


@pytest.fixture(scope="module")
def found(page, address):
    """The addresses of what a search finds, in its order."""

    def search(words):
        page.goto("about:blank")
        page.goto(f"{address}/search.html?{urlencode({'q': words})}")
        page.wait_for_function(SAID)
        return page.locator("#search-results li a").evaluate_all(
            "links => links.map((link) => link.href)"
        )

    return search


@pytest.mark.parametrize("words", ["Erlang", "USL", "sharding", "sticky", "N + 1"])
def test_the_first_hits_are_learners_pages(words, found):
    pages = dict.fromkeys(re.split(r"[?#]", link)[0] for link in found(words))
    first = list(pages)[:3]
    assert len(first) == 3
    assert [link for link in first if not LEARNERS.search(link)] == []


def test_what_is_shown_of_a_page_are_its_words(found, shown):
    found("pool")
    said = " ".join(shown())
    assert "connection" in said
    assert [code for code in ("import ", ".ipynb", "Contents") if code in said] == []


def test_a_name_of_the_package_is_found_too(found):
    assert any("/api/" in link for link in found("erlang_c"))
