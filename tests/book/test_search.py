"""Whoever searches finds chapters and labs before the pages of the modules."""

import re
from urllib.parse import urlencode

import pytest

SAID = "() => /\\bfound\\b/i.test(document.querySelector('#search-results')?.innerText)"
LEARNERS = re.compile(r"/(book/(?!reference)|labs/)[^?#]*\.html")


@pytest.fixture(scope="module")
def found(browser, address):
    """The addresses of what a search finds, in its order."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()

    def search(words):
        page.goto("about:blank")
        page.goto(f"{address}/search.html?{urlencode({'q': words})}")
        page.wait_for_function(SAID)
        return page.locator("#search-results li a").evaluate_all(
            "links => links.map((link) => link.href)"
        )

    yield search
    context.close()


@pytest.mark.parametrize("words", ["Erlang", "USL", "sharding", "sticky", "N + 1"])
def test_the_first_hits_are_learners_pages(words, found):
    pages = dict.fromkeys(re.split(r"[?#]", link)[0] for link in found(words))
    first = list(pages)[:3]
    assert len(first) == 3
    assert [link for link in first if not LEARNERS.search(link)] == []


def test_a_name_of_the_package_is_found_too(found):
    assert any("/api/" in link for link in found("erlang_c"))
