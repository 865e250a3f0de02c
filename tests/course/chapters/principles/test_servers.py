"""Two real servers behind a cut link do what the words say."""

import pytest

from scalelab.course.chapters.principles import servers
from scalelab.real.supervised import RealComponentError


def test_real_servers_wait_or_lose():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    it = servers.cut()
    if it.recorded:
        pytest.skip("no PostgreSQL server found")
    assert it.hung
    assert it.readers == servers.BEFORE
    assert (it.alone, it.kept) == (servers.ALONE, 0)
    assert it.both
    assert it.taken_back == servers.ALONE + 2


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    assert servers.cut.__wrapped__() is servers.RECORDED
    monkeypatch.setattr(servers, "cut", lambda: servers.RECORDED)
    assert servers.cut_note().text.startswith("Recorded on two cores, Linux, 29 November 2026")
