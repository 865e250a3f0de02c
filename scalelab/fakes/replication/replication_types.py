"""What requests to a replicated store come to: answers, errors, books."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal

from scalelab.fakes.replication.log import Position

Sync = Literal["async", "receive", "apply"]


class ReplicationError(RuntimeError):
    """What a replicated store refuses, or cannot do."""


class StoreTimeoutError(ReplicationError):
    """No answer came in time; a write may or may not have happened."""


class NotPrimaryError(ReplicationError):
    """The node that was asked is not primary; nothing happened."""


class FencedError(ReplicationError):
    """The primary was replaced before it could acknowledge; a write may survive or not."""


class VersionConflictError(ReplicationError):
    """The key has another version than the writer expected; nothing happened."""


class UnsafePromotionError(ReplicationError):
    """The promotion could lose acknowledged writes."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """An acknowledged write."""

    key: Hashable
    """What was written to."""
    value: Any
    """What was written; None for a deletion."""
    version: int
    """How often the key was written so far, >= 1."""
    position: Position
    """Where it stands in the log: a token for reads that must see it."""
    node: str
    """The primary that took it."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a node answered."""

    key: Hashable
    """What was asked for."""
    value: Any
    """None where there is nothing."""
    version: int
    """Version of the key at this node; 0 where it was never written."""
    position: Position
    """How far the node had applied the log."""
    node: str
    """Who answered."""


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How far a replica is behind the primary."""

    entries: int
    """Log records of the primary that the replica has not applied."""
    in_flight: int
    """Those of them that it has not received either: what a failover to it now would lose."""
    seconds: float
    """Age of the oldest such record; 0 where there is none."""
    naive_s: float
    """Now less the commit time of the last write applied. It grows while nobody writes, and is
    infinite before the first write."""


@dataclass(frozen=True, kw_only=True)
class RequestStats:
    """A store's books; ``requested == answered + refused + timed_out + pending``."""

    requested: int
    """Requests of clients so far."""
    answered: int
    """Requests whose client got what it asked for."""
    refused: int
    """Requests whose client got an error from a node."""
    timed_out: int
    """Requests whose client gave up."""
    pending: int
    """Requests without an outcome so far."""
