"""The log of a node: its order, where two of them part, and what breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.replication.log import START, Entry, Log, Position


def log_of(terms):
    """A log whose records have these terms, in order."""
    made = Log()
    for number, term in enumerate(terms, 1):
        made.append(Entry(Position(term=term, lsn=number), "x", number, number, 0.0))
    return made


def test_a_later_term_comes_after_whatever_the_numbers():
    assert START < Position(term=1, lsn=9) < Position(term=2, lsn=1)


@given(
    shared=st.lists(st.integers(0, 2), max_size=6).map(sorted),
    tails=st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_two_logs_part_after_what_they_share(shared, tails):
    first, second = (log_of([*shared, *[term] * n]) for term, n in zip((3, 4), tails, strict=True))
    assert first.fork_lsn(second) == second.fork_lsn(first) == len(shared)
    assert first.last in first
    assert (second.last in first) == (tails[1] == 0)


def test_a_tail_can_be_discarded():
    made = log_of([0, 0, 1, 1])
    assert made.discard_after(2) == 2
    assert (len(made), made.last) == (2, Position(term=0, lsn=2))
    assert [entry.position.lsn for entry in made.after(1)] == [2]
    assert log_of([]).last == START
    made.check_invariants()


@pytest.mark.parametrize(
    ("positions", "why"), [([(0, 1), (0, 3)], "the log has gaps"), ([(1, 1), (0, 2)], "terms go")]
)
def test_the_invariants_can_fail(positions, why):
    made = Log()
    for term, lsn in positions:
        made.append(Entry(Position(term=term, lsn=lsn), "x", 1, 1, 0.0))
    with pytest.raises(AssertionError, match=why):
        made.check_invariants()


def test_an_opening_record_writes_nothing():
    assert not Entry(Position(term=1, lsn=1), None, None, 0, 0.0).is_write
