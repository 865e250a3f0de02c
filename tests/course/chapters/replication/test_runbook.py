"""Drills on the store and on real servers: what happens, what is seen, what is done."""

import pytest

from scalelab.course.chapters.replication import runbook
from scalelab.course.examine import UnansweredError
from scalelab.fakes.clock import VirtualClock
from scalelab.real.supervised import RealComponentError

SERVERS = ["x", "y", "z"]


class Careful:
    """A runbook that fences, and takes the longest log."""

    def __init__(self, servers, needed, patience):
        self.servers, self.patience, self.silent = servers, patience, 0

    def step(self, primary, positions, fenced):
        if positions[primary] is not None:
            self.silent = 0
            return f"rejoin {fenced[0]}" if fenced else "wait"
        self.silent += 1
        if self.silent < self.patience:
            return "wait"
        if primary not in fenced:
            return f"fence {primary}"
        there = {s: positions[s] for s in self.servers if positions[s] is not None}
        return f"promote {max(there, key=there.get)}"


class Bold(Careful):
    """Without a fence."""

    def step(self, primary, positions, fenced):
        return super().step(primary, positions, [primary])


def busy(actions):
    return {i + 1: action for i, action in enumerate(actions) if action != "wait"}


def test_a_dead_primary_is_fenced_replaced_and_comes_back():
    events = [(4, "kill", "x"), (11, "start", "x")]
    actions, drill, most = runbook.play(Careful, SERVERS, 1, 3, events, 14)
    done = busy(actions)
    assert {done[6], done[7]} == {"fence x"}
    assert done[8] == "promote y"
    assert set(list(done.values())[3:]) == {"rejoin x"}
    assert max(done) == 11
    assert (drill.primary, most) == ("y", 1)
    assert drill.store.lost_writes() == ()
    assert drill.view()[2] == []


def test_the_standby_that_lacks_writes_is_seen_to():
    events = [(2, "cut", "y"), (6, "kill", "x"), (6, "join", "y")]
    actions, drill, _ = runbook.play(Careful, SERVERS, 1, 2, events, 14)
    assert "promote z" in actions
    assert drill.store.lost_writes() == ()


def test_without_a_fence_there_are_two_primaries():
    _, _, most = runbook.play(Bold, SERVERS, 1, 2, [(4, "hide", "x")], 10)
    assert most == 2
    assert runbook.play(Careful, SERVERS, 1, 2, [(4, "hide", "x")], 12)[2] == 1


def test_a_runbook_that_dies_counts_anew():
    without = busy(runbook.play(Careful, SERVERS, 1, 4, [(3, "kill", "x")], 14)[0])
    events = [(3, "kill", "x"), (5, "operator", "")]
    with_it = busy(runbook.play(Careful, SERVERS, 1, 4, events, 14)[0])
    assert (min(without), min(with_it)) == (6, 8)


def test_what_cannot_be_done_is_not_done():
    clock = VirtualClock()
    drill = runbook.Drill(runbook.store_for(clock, SERVERS, 1), SERVERS, [])
    drill.begin()
    for action in ("wait", "promote x", "promote nobody", "rejoin y", "dance", ""):
        drill.act(action)
    assert drill.primary == "x"
    assert drill.view() == ("x", dict.fromkeys(SERVERS, (0, 0)), [])


def test_a_stub_is_no_runbook():
    with pytest.raises(UnansweredError):
        runbook.asked(lambda *_: ..., SERVERS, 1, 1)


class Stub(Careful):
    def step(self, primary, positions, fenced):
        return ...


class Crashing(Careful):
    def step(self, primary, positions, fenced):
        return {}[primary]


def test_a_learners_runbook_meets_real_servers():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    said = runbook.own_runbook_on_postgres(Careful).text
    if "the checker's cases have to do" in said:
        pytest.skip(said)
    assert "fence a, then promote c, then rejoin a" in said
    assert "has 40 of 40 confirmed rows" in said


def test_a_stub_is_told_and_so_are_missing_servers(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(runbook, "PostgresCluster", missing)
    assert "stub" in runbook.own_runbook_on_postgres(Stub).text
    assert "stub" in runbook.own_runbook_on_postgres(lambda *_: ...).text
    assert "no PostgreSQL" in runbook.own_runbook_on_postgres(Careful).text
    assert "KeyError came out of your Runbook" in runbook.own_runbook_on_postgres(Crashing).text
    assert "AttributeError came" in runbook.own_runbook_on_postgres(lambda *_: 3).text


def test_an_alarm_gets_three_nights():
    def rings(looks, limit_mb, patience_s):
        bad = [t for t, end, there in looks if there is None or end - there > limit_mb]
        return bad[0] + patience_s if bad else None

    said = runbook.own_alarm(rings).text
    assert [line.split(" | ")[1] for line in said.splitlines()[1:]] == [
        "never",
        "at 50 s",
        "at 90 s",
    ]
    assert "stub" in runbook.own_alarm(lambda *_: ...).text
    assert "ZeroDivisionError came out" in runbook.own_alarm(lambda *_: 1 / 0).text
