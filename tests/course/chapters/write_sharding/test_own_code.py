import numpy as np
import pytest

from scalelab.course.chapters.write_sharding import own_code
from scalelab.real.supervised import RealComponentError


def score(questions, key, shards):
    known = [question[key] for question in questions if key in question]
    return len(set(known)), 1.0, len(known) / len(questions)


def test_a_day_has_what_the_page_says():
    day = own_code.a_day(np.random.default_rng(1), 2_000)
    share = {key: np.mean([key in question for question in day]) for key in own_code.KEYS}
    assert share["tenant"] == pytest.approx(0.9, abs=0.03)
    assert share["user"] == pytest.approx(0.4, abs=0.04)
    assert share["order"] == pytest.approx(0.1, abs=0.03)
    sizes = np.bincount([q["tenant"] for q in day if "tenant" in q])
    assert sizes[0] / sizes[1] == pytest.approx(2, abs=0.4)


def test_a_learners_scorecard_judges_the_day():
    said = own_code.own_scorecard(score).text
    assert said.splitlines()[1].startswith("tenant | 12 | 1 |")
    assert "score is the stub" in own_code.own_scorecard(lambda *_: ...).text
    assert "three numbers" in own_code.own_scorecard(lambda *_: 1).text
    assert "ZeroDivisionError came" in own_code.own_scorecard(lambda *_: 1 / 0).text


class OneShard:
    """A router of the lab's that writes everything to the first shard, and asks it."""

    asked = ("first",)

    def __init__(self, shards):
        assert shards == ["first", "second"]

    def wrote(self, tenant):
        return "first"

    def ask(self, tenants):
        return list(self.asked)


class Stub(OneShard):
    def wrote(self, tenant):
        return ...


class Nowhere(OneShard):
    def wrote(self, tenant):
        return "third"


class AsksTheOther(OneShard):
    asked = ("second",)


class Crashing(OneShard):
    def wrote(self, tenant):
        return {}[tenant]


def skip_without_servers(said):
    if "the checker's cases have to do" in said:
        pytest.skip(said)


def test_a_learners_router_meets_real_servers():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    said = own_code.own_router_on_postgres(OneShard).text
    skip_without_servers(said)
    assert "200 on one server and 0 on the other" in said
    assert "with 12 requests, your router found 200 of 200 rows" in said
    assert "found 0 of 200 rows" in own_code.own_router_on_postgres(AsksTheOther).text
    assert "not 'third'" in own_code.own_router_on_postgres(Nowhere).text


def test_a_learners_decision_is_carried_out():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    said = own_code.own_outcome_on_postgres(lambda states, record: "roll back").text
    skip_without_servers(said)
    lines = said.splitlines()[1:]
    assert [line.split(" | ")[-1] for line in lines] == ["200", "200", "200", "190"]
    assert {line.split(" | ")[-2] for line in lines} == {"0"}
    waits = own_code.own_outcome_on_postgres(lambda states, record: "wait").text.splitlines()[1:]
    assert [line.split(" | ")[-2] for line in waits] == ["1", "2", "2", "1"]


def test_a_stub_is_told_and_so_are_missing_servers(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(own_code, "two_shards", missing)
    assert "stub" in own_code.own_router_on_postgres(Stub).text
    assert "stub" in own_code.own_router_on_postgres(lambda shards: ...).text
    assert "no PostgreSQL" in own_code.own_router_on_postgres(OneShard).text
    assert "KeyError came out of your Router" in own_code.own_router_on_postgres(Crashing).text
    assert "AttributeError came" in own_code.own_router_on_postgres(lambda shards: 3).text
    assert "stub" in own_code.own_outcome_on_postgres(lambda states, record: ...).text
    assert "no PostgreSQL" in own_code.own_outcome_on_postgres(lambda states, record: "wait").text
    assert "ZeroDivisionError" in own_code.own_outcome_on_postgres(lambda s, r: 1 / 0).text
