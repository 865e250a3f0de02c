"""A learner's functions put to use: right ones, stubs, wrong ones and those that raise."""

import pytest

from scalelab.course.chapters.vertical_limits import own_answers, servers
from scalelab.course.chapters.vertical_limits.own_answers import (
    own_disks,
    own_first_full_on_postgres,
    own_plan,
)
from scalelab.real.supervised import RealComponentError


def stub(*_):
    return ...


def broken(*_):
    raise KeyError("cores")


def one_flush_each(ready_ms, flush_ms):
    done = []
    for ready in ready_ms:
        done.append(max([ready, *done[-1:]]) + flush_ms)
    return done


class TestDisks:
    def test_a_function_that_shares_nothing(self):
        shown = own_disks(one_flush_each).text
        assert shown.count("600") >= 3  # flushes, as many as records

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (stub, "Still to do"),
            (broken, "KeyError came out"),
            (lambda *_: None, "no time for each"),
            (lambda *_: [1, 2], "no time for each"),
            (lambda *_: [], "no time for each"),
        ],
    )
    def test_what_cannot_be_used_is_said(self, answer, said):
        assert said in own_disks(answer).text


class TestPlan:
    @staticmethod
    def cheapest(machines, cores, memory_gb):
        fit = [m for m in machines if m[1] * m[2] >= 100 * cores and m[3] >= memory_gb]
        return min(fit, key=lambda m: m[4])[0] if fit else None

    def test_the_bills_that_the_second_function_gets(self):
        asked = []
        own_plan(self.cheapest, lambda *bills: asked.append(bills))
        one, many, move = asked[0]
        assert one[0] == 140
        assert one[-1] is None  # 8 % a month for five years are beyond 96 cores
        assert many[0] == 140 + 1_000
        assert (len(one), len(many), move) == (60, 60, 20_000)

    @pytest.mark.parametrize(
        ("leaves", "said"), [(7, "in month 7"), (None, "never"), ("x", "never")]
    )
    def test_the_month_is_drawn(self, leaves, said):
        assert f"comes {said}" in own_plan(self.cheapest, lambda *_: leaves).text

    @pytest.mark.parametrize(
        ("first", "second", "said"),
        [
            (stub, stub, "your cheapest_machine is the stub"),
            (lambda *_: "m5.large", stub, "your month_to_leave is the stub"),
            (broken, stub, "KeyError came out"),
            (lambda *_: None, broken, "KeyError came out"),
            (lambda *_: [], lambda *_: 3, "in month 3"),
        ],
    )
    def test_what_cannot_be_used_is_said(self, first, second, said):
        assert said in own_plan(first, second).text


class TestServer:
    def test_a_stub_and_an_error_need_no_server(self, monkeypatch):
        monkeypatch.setattr(own_answers, "PostgresCluster", None)
        assert "Still to do" in own_first_full_on_postgres(stub).text
        assert "KeyError came out" in own_first_full_on_postgres(broken).text

    def test_no_server(self, monkeypatch):
        def missing():
            raise RealComponentError("no PostgreSQL server found")

        monkeypatch.setattr(own_answers, "PostgresCluster", missing)
        answer = own_first_full_on_postgres(lambda *_: ("cores", 1.0)).text
        assert answer == "no PostgreSQL server found; the checker's cases have to do."

    def test_what_it_is_asked_and_what_is_said(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if isinstance(servers.commits_and_flushes(), str):
            pytest.skip("no PostgreSQL server found")
        asked = []

        def first_full(machine, load):
            asked.append((machine, load))
            return "log disk", machine["flushes_per_s"] * load["commits_per_flush"]

        said = own_first_full_on_postgres(first_full).text
        assert "log disk full at" in said
        machine, load = asked[-1]
        assert 10 < machine["flushes_per_s"] < 260  # a flush takes 4 ms and more
        assert load["commits_per_flush"] == own_answers.CLIENTS

    def test_no_pair(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if isinstance(servers.commits_and_flushes(), str):
            pytest.skip("no PostgreSQL server found")
        assert "no part with a rate" in own_first_full_on_postgres(lambda *_: None).text
