"""A page is light before a reader does anything; how fast it is, `support.weight` tells."""

import pytest
from support.browser import pages_of, serve
from support.tree import ROOT
from support.weight import bytes_of

MOST = 500_000  # bytes, compressed
SEEN_FIRST = 200_000  # bytes that come before the first words: a second of a slow network
PAGES = [
    path
    for path in pages_of(ROOT / "_build" / "html")
    if path.startswith(("book/", "labs/")) and "/reference/api/" not in path
]


@pytest.fixture(scope="module")
def compressed(pages):
    """Address of a server that compresses."""
    with serve(pages, compressed=True) as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(path, browser, compressed):
    sizes = bytes_of(browser, compressed, path)
    assert path in sizes
    assert 50_000 < sum(sizes.values()) <= MOST, sizes
    first = {n: size for n, size in sizes.items() if n.endswith((".css", ".html")) or n == path}
    assert sum(first.values()) <= SEEN_FIRST, first
