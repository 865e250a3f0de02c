"""What two real servers showed, or what was recorded where there are none."""

import pytest

from scalelab.course.chapters.resharding import measured, servers
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def shown_everywhere():
    _, ax = canvas()
    assert measured.plot_lost(ax) is ax
    return measured.moves_table().body + measured.where("A caption")


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    monkeypatch.setattr(measured, "measured", measured.measured.__wrapped__)
    assert measured.measured() == (measured.RECORDED, False)
    assert shown_everywhere().count("recorded on") == 2
    assert list(measured.RECORDED) == list(servers.SKIPS)


def test_a_row_is_named_where_writes_are_lost():
    assert measured.in_words(measured.RECORDED["nothing"]) == "none"
    it = measured.RECORDED["following the changes"]
    assert measured.in_words(it) == f"{it.worst}: {it.shown}, not {it.owed}"


def test_with_servers_nothing_is_lost_by_a_whole_move(monkeypatch):
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    monkeypatch.setattr(measured, "SKIPS", {"nothing": ""})
    monkeypatch.setattr(measured, "measured", measured.measured.__wrapped__)
    found, now = measured.measured()
    if not now:
        pytest.skip("no PostgreSQL server found")
    assert found["nothing"].lost == 0
