"""The real parts of the chapter on CQRS, and what stands there without a server."""

import pytest

from scalelab.course.chapters.cqrs import servers
from scalelab.real.supervised import RealComponentError

TABLES = (servers.killed_table, servers.rates_table, servers.trigger_table)


@pytest.fixture
def no_server(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    servers.measured.cache_clear()
    yield
    servers.measured.cache_clear()


def test_real_servers_show_what_the_page_says():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    it = servers.measured()
    if it.recorded:
        pytest.skip("no PostgreSQL server")
    assert it.polled == [2]
    assert it.committed == it.in_log_order == [2, 1]
    assert it.counted == {"apart": 2 * servers.ORDERS, "together": servers.ORDERS}
    assert it.stale == {"events, read at once": servers.ORDERS, "trigger": 0}
    assert it.per_s["a batch at a time"] > 5 * it.per_s["one by one"]
    assert it.trigger_cost > 1


def test_without_a_server_the_figures_are_recorded(no_server):
    for shown in TABLES:
        assert "Recorded on" in shown().body
    said = servers.polled_note().text
    assert "got 2, and never 1." in said
    assert said.endswith("2026.")


def test_what_was_recorded_is_of_the_kind_that_is_measured():
    assert servers.RECORDED.polled != servers.RECORDED.committed
    assert servers.RECORDED.counted["apart"] == 2 * servers.RECORDED.counted["together"]
