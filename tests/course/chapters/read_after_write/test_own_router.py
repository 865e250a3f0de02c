import random

import pytest

from scalelab.course.chapters.read_after_write import own_router
from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError
from scalelab.real.limits import TheirError
from scalelab.real.supervised import RealComponentError


class OwnWrites:
    """Keeps what its user wrote."""

    def __init__(self):
        self.needs = 0

    def wrote(self, position):
        self.needs = max(self.needs, position)

    def choose(self, applied):
        ready = [name for name in applied if applied[name] >= self.needs]
        return random.Random(self.needs).choice(ready) if ready else "primary"


class AllSeen(OwnWrites):
    saw = OwnWrites.wrote


class Careless(OwnWrites):
    def choose(self, applied):
        return min(applied, key=applied.get)


class Timid(OwnWrites):
    def choose(self, applied):
        return "primary"


class Stub:
    def wrote(self, position):
        pass

    def choose(self, applied):
        return ...


def broken(router, runs=10, **how):
    """Names of the guarantees that any run breaks."""
    found = set()
    for seed in range(runs):
        faults = own_router.play_router(router, seed=seed, **how).faults
        found |= {name for name, fault in faults.items() if fault}
    return found


def test_a_router_keeps_what_it_remembers():
    assert broken(AllSeen) == set()
    assert broken(OwnWrites) == {"monotonic reads"}
    assert "read your writes" in broken(Careless)
    assert broken(Careless, lag_s=0.0, replicas=1) <= {
        "read your writes"
    }  # the network's 1 ms is left


def test_what_only_had_luck_is_noted():
    played = own_router.play_router(AllSeen)
    assert (played.first("behind"), played.first("needless")) == ("", "")
    assert 0 < played.at_primary()[0] < played.at_primary()[1]
    careless, timid = own_router.play_router(Careless), own_router.play_router(Timid)
    assert "was asked" in careless.first("behind")
    assert careless.at_primary()[0] == 0
    assert "the replicas were at" in timid.first("needless")
    assert timid.at_primary()[0] == timid.at_primary()[1]


def test_the_same_seed_gives_the_same_history():
    one, two = (own_router.play_router(AllSeen, seed=3).history for _ in range(2))
    assert one == two


@pytest.mark.parametrize("chosen", [None, 3, "r9", ["r1"]])
def test_what_is_no_replica_is_refused(chosen):
    class Router(OwnWrites):
        def choose(self, applied):
            return chosen

    with pytest.raises(NotThatError):
        own_router.chosen_of(Router(), {"r1": 1})
    assert "came back" in own_router.own_router_timeline(Router).text


def test_the_stub_and_a_crash_are_sentences():
    with pytest.raises(UnansweredError):
        own_router.play_router(Stub)
    with pytest.raises(TheirError):
        own_router.play_router(object)
    assert "Still to do" in own_router.own_router_timeline(Stub).text
    assert "AttributeError" in own_router.own_router_timeline(object).text
    assert "Still to do" in own_router.own_router_table(Stub).text


def test_the_smallest_history_is_drawn():
    shown = own_router.own_router_timeline(OwnWrites).text
    assert "Broken: monotonic reads" in shown
    assert shown.count("client") <= 4
    assert "nobody went back" in own_router.own_router_timeline(AllSeen, runs=5).text


def missing(**settings):
    raise RealComponentError("no PostgreSQL server found")


def test_without_servers_the_fake_is_left_and_lags_are_recorded(monkeypatch):
    monkeypatch.setattr(own_router, "PostgresStore", missing)
    shown = own_router.own_router_table(AllSeen).text
    assert "the fake" in shown
    assert "PostgreSQL |" not in shown

    def share(pauses_s, lags_s, window_s):
        pairs = zip(pauses_s, lags_s, strict=True)
        return sum(window_s <= p < lag for p, lag in pairs) / len(pauses_s)

    table = own_router.timers_table(share)
    assert "Recorded on" in table.body
    assert "Still to do" in own_router.timers_table(lambda *given: ...).text
    assert "came back" in own_router.timers_table(lambda *given: None).text


def test_a_right_router_keeps_its_promises_on_real_servers():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    try:
        played = own_router.play_on_postgres(AllSeen, operations=30)
    except RealComponentError as error:
        pytest.skip(str(error))
    assert list(played.faults.values()) == [None, None]
    assert (played.first("behind"), played.first("needless")) == ("", "")


def test_an_import_makes_the_lag_longer():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    if isinstance(lags := own_router.measured_lags(), str):
        pytest.skip(lags)
    assert {len(measured) for measured in lags.values()} == {own_router.WRITES}
    quiet, loaded = (sorted(lags[name])[own_router.WRITES // 2] for name in lags)
    assert loaded > 1.5 * quiet
