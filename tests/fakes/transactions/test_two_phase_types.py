"""What a two-phase commit reports."""

from typing import get_args

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit
from scalelab.fakes.transactions.two_phase_types import (
    CrashPoint,
    TransactionAbortedError,
    TransactionError,
    UnknownOutcomeError,
)


def test_one_except_catches_every_end_but_a_commit():
    assert issubclass(TransactionAbortedError, TransactionError)
    assert issubclass(UnknownOutcomeError, TransactionError)
    assert len(set(get_args(CrashPoint))) == len(get_args(CrashPoint)) == 6


def test_every_transaction_is_in_one_column_of_the_books():
    made = TwoPhaseCommit(
        FakeNetwork(VirtualClock(), delay_s=0.01), {"s1": {"ann": 10}, "s2": {"bob": 0}}
    )
    receipt = made.transfer("ann", "bob", 4)
    with pytest.raises(TransactionAbortedError):
        made.transfer("ann", "bob", 7)
    made.clock.advance(1.0)
    books = made.stats()
    assert (books.begun, books.committed, books.aborted, books.undecided) == (2, 1, 1, 0)
    assert (books.completed, books.in_doubt) == (1, 0)
    assert receipt.begun_s < receipt.decided_s
