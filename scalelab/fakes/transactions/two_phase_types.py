"""What goes in and out of a two-phase commit: steps, votes, results, errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CrashPoint = Literal[
    "before prepare",
    "after prepare",
    "before decision",
    "after decision",
    "after first send",
    "before end",
]
"""Where a coordinator can be told to crash: before anything is sent; with the prepares sent;
with all votes in and nothing decided; with the commit on its disk and nothing sent; with one
participant told; with all participants told and their answers in."""

Decision = Literal["commit", "abort"]


class TransactionError(RuntimeError):
    """What a transaction ends with when it does not commit."""


class TransactionAbortedError(TransactionError):
    """The transaction was rolled back everywhere; nothing happened."""


class UnknownOutcomeError(TransactionError):
    """The coordinator went down; the transaction may commit, or abort, or hang."""


@dataclass(frozen=True, kw_only=True)
class CommitReceipt:
    """A transaction that was decided to commit."""

    number: int
    """Which transaction."""
    begun_s: float
    """When the coordinator was asked."""
    decided_s: float
    """When it decided; the participants hear of it half a round trip later."""


@dataclass(frozen=True, kw_only=True)
class TwoPhaseStats:
    """Books of all transactions; ``begun == committed + aborted + undecided``."""

    begun: int
    """Transactions that were asked for."""
    committed: int
    """Decided to commit."""
    aborted: int
    """Decided to abort, or presumed to be when the coordinator came back."""
    undecided: int
    """Neither so far."""
    completed: int
    """Committed, and all participants have said that they did."""
    in_doubt: int
    """Parts of transactions that are prepared and wait for a decision at this moment."""
    in_doubt_s: float
    """Seconds that parts have waited for a decision, all together."""
    longest_in_doubt_s: float
    """The longest wait of one part."""
    blocked: int
    """Votes against a transaction because another one held a lock that it needed."""
