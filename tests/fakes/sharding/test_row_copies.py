"""Rows in two places: which move, how the copies differ, and what readers see."""

import pytest

from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.row_copies import RowCopies, VersionedRow, value_in


@pytest.fixture
def copies():
    """Key 3 stays on a, key 1 moves from b to c."""
    before = ModuloRouter(["a", "b"], hash_of=lambda key: key % 2)
    after = ModuloRouter(["a", "c"], hash_of=lambda key: key == 1)
    return RowCopies(before, after)


def test_a_row_moves_where_the_routers_disagree(copies):
    assert [copies.moves(key) for key in (0, 1, 2)] == [False, True, False]
    assert copies.old(0) is copies.new(0)


def test_both_sides_must_be_looked_at_to_find_a_row_too_many(copies):
    copies.new(1)[1] = VersionedRow("late", 2)
    assert copies.compare([0, 1], both_ways=False).is_equal
    found = copies.compare([0, 1], both_ways=True)
    assert (found.compared, found.only_new, found.is_equal) == (1, (1,), False)


@pytest.mark.parametrize(("by_new", "right"), [(False, "old"), (True, "new")])
def test_a_repair_sets_one_copy_to_the_other(copies, by_new, right):
    copies.old(1)[1], copies.new(1)[1] = VersionedRow("old", 1), VersionedRow("new", 2)
    assert copies.compare([1], both_ways=True).differing == (1,)
    copies.repair(1, by_new=by_new)
    assert value_in(copies.old(1), 1) == value_in(copies.new(1), 1) == right


def test_an_audit_names_each_kind_of_fault(copies):
    truth = {
        0: VersionedRow("right", 1),
        2: VersionedRow("newer", 2),
        4: VersionedRow(None, 2),
        6: VersionedRow("written", 1),
    }
    rows = {0: truth[0], 2: VersionedRow("older", 1), 4: VersionedRow("deleted", 1)}
    found = copies.audit(truth, lambda key: rows)
    assert (found.keys, found.wrong) == (4, 3)
    assert (found.corrupted, found.resurrected, found.missing) == ((2,), (4,), (6,))


def test_a_tombstone_shows_nothing():
    assert value_in({1: VersionedRow(None, 3)}, 1) is None
