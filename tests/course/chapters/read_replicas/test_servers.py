"""The races and rules on real servers, or what was recorded where there are none."""

import pytest

from scalelab.course.chapters.read_replicas import servers
from scalelab.fakes.replication.routing_policies import AnyReplica, PinAfterWrite, WriteToken
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def shown_everywhere():
    """What the page shows of the measured, all of it."""
    for plot in (servers.plot_levels, servers.plot_behind):
        _, ax = canvas()
        assert plot(ax) is ax
    assert servers.levels_in_words().count("quiet") == len(servers.LEVELS)
    return servers.rules_on_servers()


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if servers.measured().recorded:
            pytest.skip("no PostgreSQL server found")

    def test_only_what_is_applied_is_seen_at_once(self):
        it = servers.measured()
        assert it.quiet["applied by the replicas"] == 0
        assert it.under_load["applied by the replicas"] == 0
        assert it.under_load["on the replicas' disks"] > 0
        assert it.under_load["nobody"] > 0

    def test_the_import_puts_replicas_behind_and_they_come_back(self):
        behind = servers.measured().behind
        assert max(megabytes for _, megabytes in behind) > 0.1
        assert behind[0][0] < servers.BURST_S[0] < behind[-1][0]

    def test_a_position_is_kept_at_any_lag_and_a_timer_is_not(self):
        rules = servers.measured().rules
        for lag in servers.LAGS_MS:
            assert rules[f"{lag}, position of the write"] == (0, 0)
        assert rules["75, any replica"][0] > rules["75, primary for 50 ms"][0] > 0
        assert rules["75, primary for 50 ms"][1] > 0

    def test_what_is_shown(self):
        assert "recorded" not in shown_everywhere().body


def test_without_servers_the_page_shows_what_was_recorded(monkeypatch):
    def missing(**_):
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresStore", missing)
    monkeypatch.setattr(servers, "measured", servers.measured.__wrapped__)
    assert servers.measured() is servers.RECORDED
    assert "Recorded on" in shown_everywhere().body
    assert set(servers.RECORDED.rules) == {
        f"{lag}, {rule}" for lag in servers.LAGS_MS for rule in servers.RULES
    }


@pytest.mark.parametrize(
    ("lag", "rule", "share"),
    [
        (10, "any replica", 10 / 120),
        (75, "any replica", 75 / 120),
        (10, "primary for 50 ms", 0),
        (75, "primary for 50 ms", 25 / 120),
        (75, "position of the write", 0),
    ],
)
def test_the_formula(lag, rule, share):
    assert servers.expected_stale(lag, rule) == pytest.approx(share)


def test_each_rule_has_its_policy(rng):
    kinds = [type(servers.policy_of(rule, rng)) for rule in servers.RULES]
    assert kinds == [AnyReplica, PinAfterWrite, WriteToken]


class FromThePrimary:
    """A router of the lab's that never errs and never helps."""

    answer = "primary"

    def __init__(self, replicas):
        self.replicas = replicas

    def wrote(self, user, device, position):
        assert position > 0

    def read(self, user, device, applied):
        assert set(applied) == set(self.replicas)
        return self.answer


class Stub(FromThePrimary):
    answer = ...


class Crashing(FromThePrimary):
    def read(self, user, device, applied):
        return {}[user]


class Nowhere(FromThePrimary):
    answer = "node7"


def test_a_learners_router_meets_real_replicas():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    said = servers.own_router_on_postgres(FromThePrimary).text
    if "the checker's cases have to do" in said:
        pytest.skip(said)
    assert "0 missed the comment by your router" in said
    assert "the primary answered 40" in said
    assert "not 'node7'" in servers.own_router_on_postgres(Nowhere).text


def test_a_stub_is_told_and_so_are_missing_servers(monkeypatch):
    def missing(**_):
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresStore", missing)
    assert "stub" in servers.own_router_on_postgres(Stub).text
    assert "stub" in servers.own_router_on_postgres(lambda replicas: ...).text
    assert "no PostgreSQL" in servers.own_router_on_postgres(FromThePrimary).text
    assert "KeyError came out of your Router" in servers.own_router_on_postgres(Crashing).text
    assert "AttributeError came" in servers.own_router_on_postgres(lambda replicas: 3).text
