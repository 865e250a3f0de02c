"""Commits on real servers, or what was recorded where there are none."""

import pytest

from scalelab.course.chapters.vertical_limits import servers
from scalelab.course.chapters.vertical_limits.servers import OWN, SLOW
from scalelab.real.supervised import RealComponentError


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if isinstance(servers.commits_and_flushes(), str):
            pytest.skip("no PostgreSQL server found")

    def test_one_client_gets_one_commit_out_of_a_flush(self):
        for disk in (OWN, SLOW):
            assert servers.runs()[disk, 1].for_each_flush == pytest.approx(1, abs=0.1)

    def test_all_clients_share_the_flush_of_a_slow_disk(self):
        for clients in (4, 16):
            share = servers.runs()[SLOW, clients].for_each_flush
            assert 0.6 * clients < share <= 1.05 * clients
        assert servers.times_one_client(SLOW, 16) > 4

    def test_one_client_on_a_slow_disk_leaves_the_cores_idle(self):
        assert servers.runs()[SLOW, 1].cores_busy < 0.7

    def test_what_is_shown(self):
        assert "recorded" not in servers.flush_table().body


def test_without_a_server_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    monkeypatch.setattr(servers, "commits_and_flushes", servers.commits_and_flushes.__wrapped__)
    assert servers.commits_and_flushes() == "no PostgreSQL server found"
    assert servers.runs() is servers.RECORDED
    assert "recorded on two shared cores" in servers.flush_table().body
    assert list(servers.RECORDED) == [(d, n) for d in servers.DISKS for n in servers.CLIENTS]
    assert servers.times_one_client(SLOW, 16) == pytest.approx(2_607 / 210)
