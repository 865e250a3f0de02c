"""Every model agrees with an authority that is not ours, and the book's table says so truly."""

import sys
from dataclasses import replace
from functools import cache

import pytest
from support import validity
from support.validity import Case, cases, difference, read, texts

CASES = list(cases())


def label(topic, case):
    return f"{topic}: {case.model}, {case.case}"


@cache
def values(case):
    """Both values of a case, computed once for all tests."""
    return case.values()


@pytest.mark.parametrize(
    ("topic", "case"), [pytest.param(*entry, id=label(*entry)) for entry in CASES]
)
def test_ours_is_theirs(topic, case):
    if not case.can_run():
        pytest.skip(f"{case.needs} is not here: make peers")
    ours, theirs = values(case)
    assert difference(ours, theirs) <= case.tolerance, f"{ours} is not {theirs}"


def test_no_case_stands_twice():
    names = [label(*entry) for entry in CASES]
    assert len(set(names)) == len(names) > 10


def test_the_book_shows_what_the_tests_find():
    """`make validity` writes the table anew."""
    table = read()
    wanted = [texts(*entry) for entry in CASES]
    assert [{key: line[key] for key in wanted[0]} for line in table] == wanted
    for line, entry in zip(table, CASES, strict=True):
        if entry[1].can_run():
            for shown, found in zip((line["ours"], line["theirs"]), values(entry[1]), strict=True):
                assert float(shown) == pytest.approx(found, rel=1e-4, abs=1e-12), label(*entry)


def test_a_library_that_is_missing_or_broken_is_gone_without(monkeypatch):
    needing = replace(CASES[0][1], needs="libcachesim")
    monkeypatch.setitem(sys.modules, "libcachesim", None)
    assert not needing.can_run()
    assert replace(needing, needs="").can_run()


def test_a_wrong_model_is_noticed():
    wrong = Case(model="m", authority="a", case="c", ours=1.1, theirs=lambda: 1.0, tolerance=0.01)
    assert difference(*wrong.values()) > wrong.tolerance
    assert difference(0.5, 0.0) == 0.5


def test_the_table_can_be_written(tmp_path, monkeypatch):
    possible = [entry for entry in CASES if entry[1].can_run()][:2]
    monkeypatch.setattr(validity, "TABLE", tmp_path / "validity.csv")
    monkeypatch.setattr(validity, "cases", lambda: iter(possible))
    assert validity.write() == 2
    assert [line["model"] for line in read()] == [case.model for _, case in possible]
