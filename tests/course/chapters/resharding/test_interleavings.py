"""The explorer runs every order once, and does to the places what each turn says."""

from math import comb

import pytest

from scalelab.course.chapters.resharding import interleavings as i

ROW, OLDER = i.Row(2, "new"), i.Row(1, "first")


@pytest.mark.parametrize(
    ("verb", "there", "after"),
    [
        ("set", OLDER, ROW),
        ("set", i.Row(3, "x"), ROW),
        ("add", None, ROW),
        ("add", OLDER, OLDER),
        ("add", i.Row(1, None), i.Row(1, None)),
        ("newer", None, ROW),
        ("newer", OLDER, ROW),
        ("newer", ROW._replace(value="same"), ROW._replace(value="same")),
        ("newer", i.Row(3, None), i.Row(3, None)),
    ],
)
def test_a_row_is_put_or_not(verb, there, after):
    places = {"old": {}, "new": {} if there is None else {"k": there}}
    assert i.apply_turn(places, (verb, "new", "k", ROW)) is None
    assert places == {"old": {}, "new": {"k": after}}


def test_a_row_is_read_and_removed():
    places = {"old": {"k": ROW}, "new": {}}
    assert i.apply_turn(places, ("get", "old", "k")) == ROW
    assert i.apply_turn(places, ("get", "new", "k")) is None
    i.apply_turn(places, ("remove", "old", "k"))
    i.apply_turn(places, ("remove", "new", "k"))
    assert places == {"old": {}, "new": {}}


def writer(key, turns):
    for version in range(turns):
        yield ("set", "new", key, i.Row(version, key))


@pytest.mark.parametrize(("first", "second"), [(1, 1), (2, 2), (3, 2), (0, 2), (4, 4)])
def test_every_order_of_two_tasks_comes_once(first, second):
    runs = list(
        i.orders(lambda: [writer("a", first), writer("b", second)], {"z": ROW}, i.next_turn)
    )
    seen = {tuple(who for who, _ in run.turns) for run in runs}
    assert len(runs) == len(seen) == comb(first + second, first)
    assert all(run.places["old"] == {"z": ROW} for run in runs)
    assert all(who.count(0) == first for who in seen)


def test_three_tasks():
    def tasks():
        return [writer(key, 2) for key in "abc"]

    assert len(list(i.orders(tasks, {}, i.next_turn))) == 90


def test_a_task_that_ends_sooner_in_some_orders():
    def tasks():
        return [i.backfill("k", verb="set"), i.client("k", ROW, verb="set", tombstones=False)]

    assert (
        len(list(i.orders(tasks, {}, i.next_turn))) == 1 + 3
    )  # reads nothing at first, and is done
    assert i.shown({"old": {"k": i.Row(2, None)}}, "old", "k") is None
    assert i.shown({"old": {}}, "old", "k") is None
