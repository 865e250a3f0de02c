"""What a real primary and its standby showed, or what was recorded where there are none."""

import pytest

from scalelab.course.chapters.replication import commits
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def shown_everywhere():
    """What the page shows of the measured, all of it."""
    _, ax = canvas()
    assert commits.plot_levels(ax) is ax
    assert commits.levels_in_words().count(";") == len(commits.LEVELS) - 1
    return commits.probes_table().text + commits.dead_table().text


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if commits.commits().recorded:
            pytest.skip("no PostgreSQL server found")

    def test_who_waits_for_the_standby_waits_for_a_round_trip(self):
        trips = commits.commits().round_trips
        assert min(trips[level] for level in ("remote_write", "on", "remote_apply")) >= 1
        assert trips["local"] < trips["on"]

    def test_each_probe_in_its_trap(self):
        it = commits.commits()
        naive, repaired, heartbeat, behind = commits.PROBES
        quiet, _, cut = (it.probes[trap] for trap in commits.TRAPS)
        assert quiet[naive] >= commits.QUIET_S - 0.1
        assert (quiet[repaired], quiet[behind]) == (0, 0)
        assert cut[repaired] == 0
        assert it.missing == commits.MISSING
        assert cut[behind] is None
        assert cut[heartbeat] >= 0.9

    def test_a_commit_without_its_standby_hangs_until_somebody_acts(self):
        dead = commits.commits().dead
        assert dead.hung_s > commits.LIMIT_S
        assert dead.readers_saw == 0
        assert dead.warned
        assert dead.there
        assert dead.freed

    def test_what_is_shown(self):
        assert "Recorded on" not in shown_everywhere()


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(commits, "PostgresCluster", missing)
    monkeypatch.setattr(commits, "commits", commits.commits.__wrapped__)
    assert commits.commits() is commits.RECORDED
    shown = shown_everywhere()
    assert "row is missing" in shown
    assert "“success”, with a warning; the row is there" in shown
    assert set(commits.RECORDED.round_trips) == set(commits.LEVELS)
