"""Whoever searches finds chapters and labs before the pages of the modules."""

import re

import pytest

LEARNERS = re.compile(r"/(book/(?!reference)|labs/)[^?#]*\.html")


@pytest.fixture(scope="module")
def found(browser, address):
    """The addresses of what a search finds, in its order."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()

    def search(words):
        page.goto(f"{address}/search.html")  # so that the same page searches anew
        page.locator("main input[name=q], form.bd-search input[name=q]").first.wait_for(
            state="attached"
        )
        page.goto(f"{address}/search.html?q={words.replace('+', '%2B').replace(' ', '+')}")
        page.locator(
            "#search-results .search-summary:not(:empty), #search-results li"
        ).first.wait_for()
        page.wait_for_function(
            "() => /found|finished|match/i.test(document.querySelector('#search-results')?.innerText)"
        )
        page.wait_for_timeout(300)  # the hits come one by one
        links = page.locator("#search-results li a")
        return links.evaluate_all("links => links.map((link) => link.href)")

    yield search
    context.close()


@pytest.mark.parametrize("words", ["Erlang", "USL", "sharding", "sticky", "N + 1"])
def test_the_first_hits_are_learners_pages(words, found):
    first = list(dict.fromkeys(link.partition("#")[0].partition("?")[0] for link in found(words)))[
        :3
    ]
    assert len(first) == 3
    assert [link for link in first if not LEARNERS.search(link)] == []


def test_a_name_of_the_package_is_found_too(found):
    assert any("/api/" in link for link in found("erlang_c"))
