"""Failovers of real servers: what is lost is the tail, or nothing."""

import pytest

from scalelab.course.chapters.replication import failovers
from scalelab.real.supervised import RealComponentError


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if failovers.drills().recorded:
            pytest.skip("no PostgreSQL server found")

    def test_planned_and_synchronous_failovers_lose_nothing(self):
        it = failovers.drills()
        assert it.planned.acknowledged == 300
        assert (it.planned.lost, it.synchronous.lost) == (0, 0)

    def test_all_after_the_sender_stopped_is_lost_and_nobody_on_the_standby_sees_it(self):
        it = failovers.drills()
        assert it.frozen.acknowledged == it.frozen.lost == failovers.FROZEN
        assert it.all_applied

    def test_an_asynchronous_failover_loses_its_last_writes(self):
        it = failovers.drills().asynchronous
        assert 0 < it.lost < it.acknowledged
        assert it.is_tail

    def test_the_guides_query_grows_while_one_waits(self):
        it = failovers.drills()
        for first, later in (it.waiting_s, it.dead_s):
            assert later - first >= 0.9

    def test_two_primaries_and_the_way_back(self):
        it = failovers.split()
        assert it.both_took_11
        assert it.client_went_to == "old"
        assert not it.setting_kept_out
        assert it.left_took == 0
        assert it.timelines == (1, 2)
        assert it.taken_back == 3
        assert it.rows_alike


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(failovers, "PostgresCluster", missing)
    assert failovers.drills.__wrapped__() is failovers.RECORDED
    assert failovers.split.__wrapped__() is failovers.RECORDED_SPLIT


def test_the_twenty_recorded_runs():
    lossy, safe = failovers.TWENTY["local"], failovers.TWENTY["on"]
    assert len(lossy) == len(safe) == 20
    assert all(0 < lost < acknowledged for acknowledged, _, lost in lossy)
    assert all(lost == 0 for _, _, lost in safe)
