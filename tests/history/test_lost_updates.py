"""Lost updates against their definition, and known histories."""

import pytest
from history.rules import agrees_with_the_definition, broken, ops
from history.values import DIFFERENT, SAME

from scalelab.history.lost_updates import check_lost_updates


@pytest.mark.parametrize("versions", [False, True])
def test_agrees_with_the_definition(versions):
    assert agrees_with_the_definition("no_lost_updates", versions)


def test_two_tabs_one_cart():
    history = ops(
        ("tab 1", "get", "cart", None),
        ("tab 2", "get", "cart", None),
        ("tab 1", "put", "cart", "tea"),
        ("tab 2", "put", "cart", "milk"),
    )
    assert broken(history) == {"no_lost_updates"}
    in_turn = ops(
        ("tab 1", "get", "cart", None),
        ("tab 1", "put", "cart", "tea"),
        ("tab 2", "get", "cart", "tea"),
        ("tab 2", "put", "cart", "tea, milk"),
    )
    assert broken(in_turn) == set()


def two_updates(written, read, other):
    """Two clients read what a third one wrote, and each writes something built on it."""
    return ops(
        ("shop", "put", "cart", written),
        ("tab 1", "get", "cart", read),
        ("tab 2", "get", "cart", other),
        ("tab 1", "put", "cart", "one"),
        ("tab 2", "put", "cart", "two"),
    )


@pytest.mark.parametrize(("written", "read"), SAME)
def test_a_basis_is_known_again_by_its_parts(written, read):
    assert (
        len(check_lost_updates(two_updates(written, written, read))) == 4
    )  # one of the reads may go


@pytest.mark.parametrize(("written", "read"), DIFFERENT)
def test_another_basis_was_written_by_nobody(written, read):
    with pytest.raises(ValueError, match="must hold the write of every value read"):
        check_lost_updates(two_updates(written, written, read))


def test_a_value_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="value read, got 'ann: get x"):
        check_lost_updates(ops(("ann", "get", "x", 1)))
