"""Stampedes on a real Valkey server, or what was recorded where there is none."""

import pytest

from scalelab.course.chapters.caching import servers
from scalelab.real.supervised import RealComponentError


@pytest.fixture
def no_server(monkeypatch):
    def missing(**_):
        raise RealComponentError("no Redis or Valkey server found")

    monkeypatch.setattr(servers, "start_server", missing)
    for name in ("measured", "look_up_costs"):
        monkeypatch.setattr(servers, name, getattr(servers, name).__wrapped__)


def loads(it, case, way):
    return it.by_case[f"{case}, {way}"].loads


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("redis", reason="the client for Redis is not installed")
        if servers.measured().recorded:
            pytest.skip("no Valkey server found")

    def test_a_lock_leaves_one_load_a_key(self):
        it = servers.measured()
        each, one = servers.WAYS
        for case, keys in zip(servers.CASES, (1, servers.KEYS), strict=True):
            assert loads(it, case, one) <= keys
            assert loads(it, case, each) > loads(it, case, one)
        assert loads(it, servers.CASES[0], one) == 1
        assert "recorded" not in servers.stampede_table().body

    def test_a_report_costs_more_than_a_look_up(self):
        it = servers.look_up_costs()
        if it.recorded:
            pytest.skip("no PostgreSQL server found")
        assert it.report > 10 * it.select
        assert "recorded" not in servers.costs_in_words()


@pytest.mark.usefixtures("no_server")
def test_without_a_server_the_page_shows_what_was_recorded():
    assert servers.measured() is servers.RECORDED
    assert servers.look_up_costs() is servers.RECORDED_COSTS
    assert "recorded on" in servers.stampede_table().body
    assert "recorded on" in servers.costs_in_words()
    assert "no Redis" in servers.own_front_on_valkey(OneLoad).text


class OneLoad:
    """A front that lets the first load, and everybody else wait."""

    def __init__(self, life_s, grace_s, lock_s):
        self.asked = False

    def ask(self, key, now_s):
        said, self.asked = "wait" if self.asked else "load", True
        return said

    def loaded(self, key, began_s, now_s):
        self.asked = False

    def deleted(self, key, now_s):
        pass


class Everybody(OneLoad):
    def ask(self, key, now_s):
        return "load"


class Stub(OneLoad):
    def ask(self, key, now_s):
        return ...


class Crashing(OneLoad):
    def ask(self, key, now_s):
        return {}[key]


def test_a_learners_front_meets_real_clients():
    pytest.importorskip("redis", reason="the client for Redis is not installed")
    said = servers.own_front_on_valkey(Everybody).text
    if "the checker's cases have to do" in said:
        pytest.skip(said)
    assert f"Loads: {servers.CLIENTS}" in said


def test_a_stub_and_an_error_are_told():
    assert "stub" in servers.own_front_on_valkey(Stub).text
    assert "stub" in servers.own_front_on_valkey(lambda *_: ...).text
    assert "KeyError came out" in servers.own_front_on_valkey(Crashing).text
