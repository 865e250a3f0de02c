"""Every work that the package cites stands in the book's bibliography."""

from pybtex.database import parse_file
from support.citations import BIBLIOGRAPHY, cited, entries, missing, plain

CITES = '''
def law():
    """Say so.

    References
    ----------
    Takács, *Introduction*, 1962, ch. 3; de Boor et al., *Box Splines*, 1993; RFC 8259 (JSON).
    """
'''


def test_every_work_that_is_cited_is_in_the_bibliography():
    assert missing() == []


def test_what_is_cited_is_found():
    works = [("RFC", "8259"), ("Takacs", "1962"), ("de Boor", "1993")]
    assert list(cited(CITES)) == works
    assert ("Takacs", "1962") in entries()
    assert ("Takacs", "1961") not in entries()
    assert plain(r"H{\"u}bschle") == plain("Hübschle") == "Hubschle"


def test_most_papers_have_an_identifier():
    papers = [e for e in parse_file(BIBLIOGRAPHY).entries.values() if e.type == "article"]
    assert sum("doi" in entry.fields for entry in papers) >= 0.85 * len(papers)
