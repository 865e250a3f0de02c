"""A learner's functions put to use: right ones, stubs, wrong ones and those that raise."""

import pytest

from scalelab.course.chapters.query_optimization import own_answers, servers
from scalelab.course.chapters.query_optimization.own_answers import (
    own_bill,
    own_inserts,
    own_plans_on_postgres,
)
from scalelab.course.chapters.query_optimization.shop import OldShop
from scalelab.real.supervised import RealComponentError


def stub(*_):
    return ...


def broken(*_):
    raise KeyError("Plans")


class Stub(OldShop):
    def latest(self, customer):
        return ...


class Wrong(OldShop):
    def latest(self, customer):
        return "none"


class Broken(OldShop):
    def __init__(self, db):
        raise KeyError("db")


class Indexed(OldShop):
    def __init__(self, db):
        super().__init__(db)
        db.rows("create index latest_of on orders(customer, created)")


class TestBill:
    def test_old_budget_and_own(self):
        shown = own_bill(Indexed).text
        assert "yours" in shown
        assert "latest, steps" in shown

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Stub, "budget"),
            (Wrong, "a list from latest() is needed"),
            (Broken, "KeyError came out"),
        ],
    )
    def test_what_cannot_be_used_is_said(self, answer, said):
        shown = own_bill(answer).text
        assert said in shown
        assert "yours" not in shown


class TestInserts:
    def test_an_index_is_steps(self):
        lines = own_inserts(Indexed, more=("amount",)).text.splitlines()[1:]
        steps = [int(line.split("|")[-1]) for line in lines]
        assert steps == sorted(steps)
        assert len(set(steps)) == 3

    def test_an_error_is_told(self):
        assert "KeyError came out" in own_inserts(Broken).text


class TestServer:
    def test_a_stub_and_an_error_need_no_server(self, monkeypatch):
        monkeypatch.setattr(own_answers, "PostgresCluster", None)
        assert "Still to do" in own_plans_on_postgres(stub).text
        assert "KeyError came out" in own_plans_on_postgres(broken).text

    def test_no_server(self, monkeypatch):
        def missing():
            raise RealComponentError("no PostgreSQL server found")

        monkeypatch.setattr(own_answers, "PostgresCluster", missing)
        answer = own_plans_on_postgres(lambda *_: None).text
        assert answer == "no PostgreSQL server found; the checker's plans have to do."

    @pytest.fixture
    def server(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if servers.measured().recorded:
            pytest.skip("no PostgreSQL server")

    def test_real_plans_are_read(self, server):
        seen = []

        def read(plan):
            seen.append(plan)
            return "orders", 99_000

        shown = own_plans_on_postgres(read).text
        assert shown.count("orders 99,000") == 4
        assert "Rows Removed by Filter" in str(seen[1])

    def test_no_pair(self, server):
        assert "no table with its rows" in own_plans_on_postgres(lambda _: 7).text
