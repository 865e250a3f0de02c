"""Lost updates, case by case; random histories stand in test_session_checks."""

import pytest

from scalelab.history.lost_updates import check_lost_updates
from scalelab.history.operations import History, Operation


def ops(*rows):
    """One after another: client, kind, value."""
    return [
        Operation(
            client=client, kind=kind, key="k", value=value, invoked=2 * i, responded=2 * i + 1
        )
        for i, (client, kind, value) in enumerate(rows)
    ]


def test_two_who_build_on_the_same_value():
    history = ops(("a", "get", None), ("b", "get", None), ("a", "put", 1), ("b", "put", 2))
    found = check_lost_updates(history)
    assert found.rule == "no lost updates"
    assert [str(o) for o in found] == ["b: get k → nothing", "a: put k = 1", "b: put k = 2"]
    assert found.explanation == "An update of k overwrote a write that it had not seen."


def test_one_after_the_other_loses_nothing():
    rows = [("a", "get", None), ("a", "put", 1), ("b", "get", 1), ("b", "put", 2)]
    assert check_lost_updates(ops(*rows)) is None
    assert check_lost_updates([]) is None


def test_a_write_between_the_reading_and_the_update_is_lost():
    rows = [("a", "get", None), ("b", "put", 1), ("a", "put", 2)]
    assert check_lost_updates(ops(*rows)) is not None
    own = [("a", "get", None), ("a", "put", 1), ("a", "put", 2)]
    assert check_lost_updates(ops(*own)) is None


def test_a_blind_write_is_no_update():
    assert check_lost_updates(ops(("a", "put", 1), ("b", "put", 2))) is None


@pytest.mark.parametrize("dropped", range(3))
def test_without_any_one_operation_there_is_no_fault(dropped):
    """A read goes with the write that builds on it: of a lone write nothing is known."""
    rows = [("a", "get", None), ("b", "get", None), ("a", "put", 1), ("b", "put", 2)]
    found = check_lost_updates(ops(*rows))
    rest = [o for i, o in enumerate(found) if i != dropped]
    assert check_lost_updates(rest) is None


def test_a_counterexample_can_be_had_once_more():
    rows = [("a", "get", None), ("b", "get", None), ("a", "put", 1), ("b", "put", 2)]
    history = History(operations=tuple(ops(*rows)))
    again = History(operations=history.operations, replay=lambda: history)
    assert check_lost_updates(again).replay() == history
    assert check_lost_updates(history).replay is None
