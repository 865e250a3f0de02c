"""A learner's code of the lab on the explorer, on a ring, and on two real servers."""

from typing import ClassVar

import pytest

from scalelab.course.chapters.resharding import own_code
from scalelab.real.supervised import RealComponentError

ROWS, COPY = {"k": (1, "first")}, ("copy", "k")
JOBS = [COPY, ("write", "k", 2, "oak"), ("write", "k", 3, None)]


class Right:
    verb = "newer"

    def write(self, key, row):
        yield ("newer", "old", key, row)
        yield ("newer", "new", key, row)

    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield (self.verb, "new", key, row)


class Late(Right):
    verb = "set"


class Stub:
    def write(self, key, row):
        return ...

    def copy(self, key):
        return ...


def test_what_ends_wrong_is_said_once_for_each_ending():
    assert own_code.explored(Right, ROWS, JOBS) == own_code.RIGHT
    said = own_code.explored(Late, ROWS, JOBS)
    assert said == "new place, k: 'first', not nothing; new place, k: 'oak', not nothing"
    assert own_code.explored(Stub, ROWS, [("write", "k", 2, "oak")]) is ...
    assert own_code.explored(lambda: ..., ROWS, JOBS) is ...


def yielding(*turns):
    class Odd(Right):
        def copy(self, key):
            for turn in turns:  # noqa: UP028  # a tuple cannot be answered
                yield turn

    return Odd


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ("get", "no turn"),
        (("put", "old", "k", (1, "x")), "no turn"),
        (("get", "there", "k"), "no turn"),
        (("get", "old", "k", (1, "x")), "no turn"),
        (("set", "old", "k"), "no turn"),
        (("set", "old", "k", "x"), "must be a pair"),
        (("set", "old", "k", None), "must be a pair"),
        ((), "no turn"),
        (None, "no turn"),
    ],
)
def test_what_is_no_turn_is_said(turn, said):
    assert said in own_code.explored(yielding(turn), ROWS, [COPY])


def test_limits_are_said():
    many = yielding(*[("get", "old", "k")] * (own_code.MOST_TURNS + 1))
    assert "more than 12 turns" in own_code.explored(many, ROWS, [COPY])
    long = [("get", "old", "k")] * 8
    right = yielding(*long, ("newer", "new", "k", ROWS["k"]))
    assert "more than 2,000 orders" in own_code.explored(right, ROWS, [COPY] * 3)
    found = own_code.explored(yielding(*long), ROWS, [COPY] * 3)
    assert found == "new place, k: nothing, not 'first'"  # many orders, and wrong already

    class NoGenerator(Right):
        def copy(self, key):
            return [("get", "old", key)]

    assert "copy returned list" in own_code.explored(NoGenerator, ROWS, [COPY])


def test_the_first_bad_order_is_shown_turn_by_turn():
    said = own_code.own_explorer(Late, ROWS, JOBS).text
    assert said.count("\n") == 6
    assert "90 orders" in own_code.own_explorer(Right, ROWS, JOBS).text
    assert "still to do" in own_code.own_explorer(Stub, ROWS, JOBS).text.lower()
    assert "no turn" in own_code.own_explorer(yielding(1), ROWS, JOBS).text
    assert "ZeroDivisionError" in own_code.own_explorer(lambda: 1 / 0, ROWS, JOBS).text


def test_a_ring_moves_keys_to_the_new_server_only():
    def owner(points, place):
        return min(points, key=lambda point: (point[0] - place) % 360)[1]

    lines = own_code.own_ring(owner).text.splitlines()[1:]
    assert len(lines) == 3
    assert all(line.endswith("100") or line.endswith("100.0") for line in lines)
    assert "stub" in own_code.own_ring(lambda *_: ...).text
    assert "ZeroDivisionError" in own_code.own_ring(lambda *_: 1 / 0).text


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        try:
            with own_code.two_servers():
                pass
        except RealComponentError as error:
            pytest.skip(str(error))

    def test_a_right_move_loses_nothing_and_a_late_copy_is_named(self):
        assert "places: 0" in own_code.own_move_on_postgres(Right).text
        assert "One of them: new place" in own_code.own_move_on_postgres(Late).text


def test_a_stub_needs_no_server(monkeypatch):
    monkeypatch.setattr(own_code, "two_servers", lambda: 1 / 0)
    assert "stub" in own_code.own_move_on_postgres(Stub).text


def test_without_servers_the_check_has_to_do(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(own_code, "two_servers", missing)
    assert "have to do" in own_code.own_move_on_postgres(Right).text


class Remembers(Right):
    done: ClassVar[set[str]] = set()

    def copy(self, key):
        if key not in self.done:
            self.done.add(key)
            yield from super().copy(key)


def test_what_is_kept_from_run_to_run_is_told():
    Remembers.done.clear()
    assert own_code.explored(Remembers, ROWS, JOBS) == own_code.OTHER_TURNS


class ForgetsToYield(Right):
    def copy(self, key):
        row = ("get", "old", key)
        yield ("newer", "new", key, row)


def test_a_turn_that_was_not_yielded_is_told():
    assert "row = yield" in own_code.explored(ForgetsToYield, ROWS, JOBS)
