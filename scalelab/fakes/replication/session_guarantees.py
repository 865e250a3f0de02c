"""Sessions of a replicated store that see their own writes, and never go back in time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed
from scalelab.fakes.invariants import ensure
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import Read, Write
from scalelab.fakes.replication.routing_policies import Policy


@dataclass(frozen=True, kw_only=True)
class ClientStats:
    """What one session's reads and writes came to; ``reads == from_primary + from_replicas``."""

    reads: int
    """Reads answered."""
    from_primary: int
    """Reads that the primary answered: the load that replicas did not take."""
    from_replicas: int
    """Reads that a replica answered."""
    stale: int
    """Reads that returned an older version than the primary showed when they were sent."""
    writes: int
    """Writes acknowledged."""
    failed: int
    """Reads and writes that failed."""


class Session:
    """One client of a :class:`~scalelab.fakes.replication.replicated_store.ReplicatedStore`.

    Writes go to the primary, reads where the policy says. The guarantees are those of Terry
    et al.; which of them hold depends on the policy:

    ===============  =================  ================
    policy           read your writes   monotonic reads
    ===============  =================  ================
    AnyReplica       no                 no
    StickyReplica    no                 yes
    PinAfterWrite    if lag < window    no
    WriteToken       yes                no
    CausalToken      yes                yes
    PrimaryOnly      yes                yes
    ===============  =================  ================

    Monotonic writes and writes-follow-reads concern the order of writes. One primary orders
    them and every replica applies them in that order; a reader sees as much if its own
    reads are monotonic.

    Parameters
    ----------
    store : ReplicatedStore
        Where it reads and writes; a :class:`~scalelab.real.postgres_store.PostgresStore`
        has the same verbs.
    policy : Policy
        One of :mod:`~scalelab.fakes.replication.routing_policies`; of this session only.
    client : str
        Its name in the store's network.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> from scalelab.fakes.replication.routing_policies import AnyReplica, WriteToken
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> store = ReplicatedStore(VirtualClock(), apply_delay_s=0.1)
    >>> plain = Session(store, AnyReplica(rng=rng), client="ann")
    >>> plain.put("photo", "new")
    >>> plain.get("photo") is None
    True
    >>> careful = Session(store, WriteToken(rng=rng), client="bob")
    >>> careful.put("photo", "newer")
    >>> careful.get("photo")
    'newer'
    """

    def __init__(self, store: ReplicatedStore, policy: Policy, *, client: str = "client") -> None:
        if not callable(getattr(store, "submit_read", None)):
            v.refuse("Session", "store", "have the verbs of a ReplicatedStore", store)
        if not callable(getattr(policy, "route", None)):
            v.refuse("Session", "policy", "choose routes", policy, "see routing_policies")
        if not isinstance(client, str) or not client:
            v.refuse("Session", "client", "be non-empty text", client)
        self.store, self.policy, self.client = store, policy, client
        self._from_primary = self._from_replicas = self._stale = self._writes = self._failed = 0

    def get(self, key: Hashable) -> Any:
        """Value of a key, None where there is nothing; the virtual clock passes meanwhile."""
        return self.store.clock.wait_for(lambda done, failed: self.submit_get(key, done, failed))

    def put(self, key: Hashable, value: Any) -> None:
        """Write a value; the virtual clock passes until the acknowledgement."""
        self.store.clock.wait_for(
            lambda done, failed: self.submit_put(key, value, lambda _: done(None), failed)
        )

    def delete(self, key: Hashable) -> None:
        """Remove a key; as `put`."""
        self.store.clock.wait_for(
            lambda done, failed: self.submit_delete(key, lambda _: done(None), failed)
        )

    def submit_get(
        self, key: Hashable, on_done: Callable[[Any], object], on_failed: OnFailed
    ) -> None:
        """Begin to read; one of the functions is called by the clock, once."""
        route = self.policy.route(self.store)
        newest = self.store.version_of(key)

        def answered(read: Read) -> None:
            from_primary = read.node == self.store.primary
            self._from_primary += from_primary
            self._from_replicas += not from_primary
            self._stale += read.version < newest
            try:
                self.policy.saw(read)  # may be the caller's; the read is answered in any case
            finally:
                on_done(read.value)

        self.store.submit_read(
            key,
            answered,
            self._fail(on_failed),
            node=route.node,
            at_least=route.at_least,
            client=self.client,
        )

    def submit_put(
        self, key: Hashable, value: Any, on_done: Callable[[Write], object], on_failed: OnFailed
    ) -> None:
        """Begin to write; one of the functions is called by the clock, once."""
        self.store.submit_put(
            key, value, self._written(on_done), self._fail(on_failed), client=self.client
        )

    def submit_delete(
        self, key: Hashable, on_done: Callable[[Write], object], on_failed: OnFailed
    ) -> None:
        """Begin to remove a key; as `submit_put`."""
        self.store.submit_delete(
            key, self._written(on_done), self._fail(on_failed), client=self.client
        )

    def stats(self) -> ClientStats:
        """Return the session's books at this moment."""
        return ClientStats(
            reads=self._from_primary + self._from_replicas,
            from_primary=self._from_primary,
            from_replicas=self._from_replicas,
            stale=self._stale,
            writes=self._writes,
            failed=self._failed,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when the session's books do not add up."""
        ensure(self._stale <= self.stats().reads, "more stale reads than reads")
        ensure(min(vars(self.stats()).values()) >= 0, "a count is negative")
        token = getattr(self.policy, "token", None)
        ensure(token is None or isinstance(token, Position), "the token is no position")

    def _written(self, on_done: Callable[[Write], object]) -> Callable[[Write], object]:
        def acknowledged(write: Write) -> None:
            self._writes += 1
            try:
                self.policy.wrote(self.store, write)
            finally:
                on_done(write)

        return acknowledged

    def _fail(self, on_failed: OnFailed) -> OnFailed:
        def failed(error: Exception) -> None:
            self._failed += 1
            on_failed(error)

        return failed
