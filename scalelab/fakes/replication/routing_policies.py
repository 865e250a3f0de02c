"""Where a session of a replicated store reads: policies, from none to causal tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np

from scalelab import _validate as v
from scalelab.fakes.replication.log import START, Position
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import Read, Write

Behind = Literal["wait", "skip"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a read goes, and how far that node must have applied the log."""

    node: str | None
    """None for the primary, whoever it is."""
    at_least: Position | None = None


class Policy(Protocol):
    """Chooses the node of each read of one session."""

    def route(self, store: ReplicatedStore) -> Route:
        """Say where the next read goes."""

    def wrote(self, store: ReplicatedStore, write: Write) -> None:
        """Take note of the session's own write."""

    def saw(self, read: Read) -> None:
        """Take note of the session's own read."""


class _Stateless:
    def wrote(self, store: ReplicatedStore, write: Write) -> None:
        """Take no note."""

    def saw(self, read: Read) -> None:
        """Take no note."""


class PrimaryOnly(_Stateless):
    """Read from the primary, always: all guarantees, and all the load on one node."""

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to the primary."""
        return Route(node=None)


class AnyReplica(_Stateless):
    """Read from a random replica: no guarantee.

    Parameters
    ----------
    rng : numpy.random.Generator
        Chooses the replica.
    """

    def __init__(self, *, rng: np.random.Generator) -> None:
        self._rng = v.generator("AnyReplica", rng)

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to a random replica."""
        return Route(node=_any_of(store.replicas, self._rng))


class StickyReplica(_Stateless):
    """Read from the same replica, drawn once: monotonic reads as long as it lives.

    A replica that becomes primary, or leaves, is replaced by another draw.

    Parameters
    ----------
    rng : numpy.random.Generator
        Chooses the replica.
    """

    def __init__(self, *, rng: np.random.Generator) -> None:
        self._rng = v.generator("StickyReplica", rng)
        self._replica: str | None = None

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to the session's replica."""
        if self._replica not in store.replicas:
            self._replica = _any_of(store.replicas, self._rng)
        return Route(node=self._replica)


class PinAfterWrite:
    """Read from the primary for a while after an own write, then from a random replica.

    The session reads its own writes as long as no replica is behind by more than the window.

    Parameters
    ----------
    window_s : float
        Seconds of virtual time, > 0.
    rng : numpy.random.Generator
        Chooses the replica.
    """

    def __init__(self, window_s: float, *, rng: np.random.Generator) -> None:
        self.window_s = v.number("PinAfterWrite", "window_s", window_s)
        self._rng = v.generator("PinAfterWrite", rng)
        self._until_s = 0.0

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to the primary within the window, else to a random replica."""
        pinned = store.clock.now_s < self._until_s
        return Route(node=None if pinned else _any_of(store.replicas, self._rng))

    def wrote(self, store: ReplicatedStore, write: Write) -> None:
        """Begin the window anew."""
        self._until_s = store.clock.now_s + self.window_s

    def saw(self, read: Read) -> None:
        """Take no note."""


@dataclass(kw_only=True)
class _Token:
    """Reads from a replica that has applied the log up to a token.

    Parameters
    ----------
    behind : {"wait", "skip"}
        Wait at a random replica until it is there, or skip those that are behind, for the
        primary if all are.
    rng : numpy.random.Generator
        Chooses the replica.
    """

    behind: Behind = "wait"
    rng: np.random.Generator
    token: Position = field(default=START, init=False)

    def __post_init__(self) -> None:
        name = type(self).__name__
        v.generator(name, self.rng)
        v.choice(name, "behind", self.behind, get_args(Behind))

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to a replica that has the token, or will have it."""
        if self.behind == "wait":
            return Route(node=_any_of(store.replicas, self.rng), at_least=self.token)
        ready = [node for node in store.replicas if store.has_applied(node, self.token)]
        return Route(node=_any_of(tuple(ready), self.rng) if ready else None)

    def observe(self, token: Position) -> None:
        """Take over a token from elsewhere: what its holder saw must be seen here."""
        if not isinstance(token, Position):
            v.refuse(f"{type(self).__name__}.observe", "token", "be a Position", token)
        self.token = max(self.token, token)

    def wrote(self, store: ReplicatedStore, write: Write) -> None:
        """Move the token to the write."""
        self.observe(write.position)


class WriteToken(_Token):
    """Read what has applied the session's last write: read-your-writes, at any lag.

    It promises nothing about what others wrote; see :class:`CausalToken`.

    Parameters
    ----------
    behind : {"wait", "skip"}
        Wait at a random replica until it is there, or skip those that are behind, for the
        primary if all are.
    rng : numpy.random.Generator
        Chooses the replica.
    """

    def saw(self, read: Read) -> None:
        """Take no note."""


class CausalToken(_Token):
    """Read what has applied all that the session wrote or read: all four guarantees.

    The token of one session can be handed to another, as in a link that a user sends.

    Parameters
    ----------
    behind : {"wait", "skip"}
        As for :class:`WriteToken`.
    rng : numpy.random.Generator
        Chooses the replica.
    """

    def saw(self, read: Read) -> None:
        """Move the token to where the node stood."""
        self.observe(read.position)


def _any_of(names: tuple[str, ...], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]
