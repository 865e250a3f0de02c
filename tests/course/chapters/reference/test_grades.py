"""The page that defines the grades shows an entry of the ledger for each."""

from scalelab.course import ledger
from scalelab.course.chapters.reference.grades import EXAMPLES, grades


def test_every_grade_has_an_example_of_its_own():
    entries = {entry.id: entry for entry in ledger.load()}
    assert list(EXAMPLES) == list(ledger.VERDICTS) == list(ledger.MEANING)
    for verdict, (name, why) in EXAMPLES.items():
        assert entries[name].verdict == verdict
        assert len(why.split()) > 10


def test_the_page_says_what_each_means_and_shows_the_values():
    shown = grades()
    for verdict, (name, why) in EXAMPLES.items():
        assert ledger.MEANING[verdict] in shown.body
        assert f'<li id="{name}" data-verdict="{verdict}"' in shown.body
        assert why in shown.text
    assert shown.body.count("<dl>") == len(EXAMPLES)
