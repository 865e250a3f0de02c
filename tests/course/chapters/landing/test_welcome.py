"""The landing page counts the whole ledger, and has a card for each chapter."""

from support.tree import ROOT

from scalelab.course import ledger
from scalelab.course.chapters.landing import welcome
from scalelab.course.contents import CHAPTERS


def test_the_bar_counts_every_claim(page):
    shown = welcome.verdicts()
    entries = ledger.load()
    assert f"<strong>{len(entries)} claims" in shown.body
    for verdict, n in ledger.tally(entries).items():
        assert f">{ledger.VERDICTS[verdict]}</span> {n}<" in shown.body or not n
    for address in (welcome.START, welcome.ARGUE):
        assert (ROOT / "book" / address).with_suffix(".ipynb").exists()
        assert f'href="{address}"' in shown.body


def test_each_chapter_has_its_card_with_a_picture(page):
    shown = welcome.cards().body
    assert shown.count("<li>") == len(CHAPTERS)
    assert shown.count("<polyline") >= len(CHAPTERS)
    assert 'href="scaling/horizontal.html"' in shown
    assert 'href="introduction.html"' in shown


def test_the_source_is_named_only_where_the_package_names_one(monkeypatch):
    class Metadata(dict):
        def get_all(self, name):
            return self.get(name)

    facts = {"Author": "A. Nobody", "Version": "1.2"}
    monkeypatch.setattr(welcome, "metadata", lambda _: Metadata(facts))
    assert "<a" not in welcome.colophon().body
    assert "A. Nobody, Scalability, measured, version 1.2" in welcome.colophon().text
    facts["Project-URL"] = ["Source, https://example.org/scalelab"]
    assert 'href="https://example.org/scalelab"' in welcome.colophon().body
