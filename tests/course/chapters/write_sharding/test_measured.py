"""Questions and transfers on two real servers, or what was recorded where there are none."""

import pytest

from scalelab.course.chapters.write_sharding import measured, servers
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def shown_everywhere():
    """What the page shows of the measured, all of it."""
    _, ax = canvas()
    assert measured.plot_trips(ax) is ax
    bodies = [measured.queries_table().body, measured.killed_table().body]
    return "".join([*bodies, measured.where("A caption")])


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if measured.measured().recorded:
            pytest.skip("no PostgreSQL server found")

    def test_what_is_counted_is_what_was_recorded(self):
        now, then = measured.measured(), measured.RECORDED
        assert now.queries == then.queries
        assert now.killed == then.killed
        assert now.sums == then.sums
        assert now.survived == then.survived

    def test_two_phases_take_longer_than_one_shard(self):
        trips = list(measured.measured().trips.values())
        # a busy processor adds to each as it likes, and takes nothing from any
        assert all(took > steps - 0.1 for took, steps in zip(trips, (1, 4, 6, 8), strict=True))
        statement, one_shard, _, two_phases = trips
        assert statement < one_shard < two_phases

    def test_one_server_has_one_snapshot_and_two_shards_have_not(self):
        on_one, on_two = measured.measured().wrong
        assert on_one == 0
        assert on_two > 0

    def test_what_is_shown(self):
        assert "recorded" not in shown_everywhere()


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    monkeypatch.setattr(measured, "measured", measured.measured.__wrapped__)
    assert measured.measured() is measured.RECORDED
    assert shown_everywhere().count("recorded on") == 3
    assert list(measured.RECORDED.killed) == list(servers.POINTS)


def test_rows_of_the_other_server_are_counted_wherever_they_stand_in_a_plan():
    scan = {"Node Type": "Foreign Scan", "Actual Rows": 5, "Actual Loops": 2}
    own = {"Node Type": "Seq Scan", "Actual Rows": 99, "Actual Loops": 1}
    plan = {"Node Type": "Append", "Actual Rows": 0, "Actual Loops": 1, "Plans": [own, scan]}
    assert measured._foreign_rows({**own, "Plans": [plan, scan]}) == [10, 10]
