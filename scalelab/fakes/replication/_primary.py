"""What a node does while it is primary: it orders writes, ships the log, acknowledges."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, get_args

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication._node import Node
from scalelab.fakes.replication.log import Entry, Position
from scalelab.fakes.replication.replication_types import (
    FencedError,
    NotPrimaryError,
    Sync,
    VersionConflictError,
    Write,
)

OnWritten = Callable[[Write], object]

NAME = "ReplicatedStore"


@dataclass(frozen=True, kw_only=True)
class ReplicationSettings:
    """What :class:`~scalelab.fakes.replication.replicated_store.ReplicatedStore` was asked for."""

    replicas: int
    sync: Sync
    sync_replicas: int
    flush_s: float
    apply_work_s: float
    retransmit_s: float
    timeout_s: float
    fencing: bool

    def __post_init__(self) -> None:
        v.keep(self, replicas=v.count(NAME, "replicas", self.replicas, maximum=1_000))
        v.choice(NAME, "sync", self.sync, get_args(Sync))
        v.truth(NAME, "fencing", self.fencing)
        if v.count(NAME, "sync_replicas", self.sync_replicas) > self.replicas:
            v.refuse(NAME, "sync_replicas", f"be <= replicas={self.replicas}", self.sync_replicas)
        for name in ("flush_s", "apply_work_s"):
            v.keep(self, **{name: v.number(NAME, name, getattr(self, name), minimum=0)})
        for name in ("retransmit_s", "timeout_s"):
            v.keep(self, **{name: v.number(NAME, name, getattr(self, name))})

    @property
    def acknowledgements(self) -> int:
        """Replicas that must confirm a write before its client is told; 0 if asynchronous."""
        return 0 if self.sync == "async" else self.sync_replicas


@dataclass(eq=False, slots=True)
class _Stream:
    """The log on its way to one replica, and what the replica has confirmed."""

    replica: Node
    sent: int
    received: int
    applied: int
    retry_is_due: bool = False


@dataclass(frozen=True, kw_only=True)
class _Waiter:
    entry: Entry
    on_written: OnWritten
    on_failed: OnFailed


class Primary:
    """The primary of one term.

    A record is *committed* once as many replicas as the settings ask for have confirmed
    it; then the primary applies it and acknowledges the write. A primary cannot tell which
    of the records that it inherited were committed. So it begins its term with an opening
    record, and answers reads once that is committed, and with it everything before: Raft's rule.

    Parameters
    ----------
    node : Node
        Where it runs.
    term : int
        Its number, higher than all before.
    network : FakeNetwork
        The way to the replicas.
    settings : ReplicationSettings
        When a write counts as done.

    References
    ----------
    Ongaro and Ousterhout, "In search of an understandable consensus algorithm", USENIX
    ATC 2014, sec. 5.4 and 8.
    """

    def __init__(
        self, node: Node, term: int, network: FakeNetwork, settings: ReplicationSettings
    ) -> None:
        self.node, self.term = node, term
        self.accepts_writes = True
        self.committed_lsn = node.applied_lsn
        self._network, self._settings = network, settings
        self._versions = node.versions()
        self._streams: dict[str, _Stream] = {}
        self._waiters: deque[_Waiter] = deque()
        node.forget_plans()
        node.role, node.follows = self, None
        self.opening = node.log.last
        if term > 0:
            self.opening = self._append(None, None, version=0).position
        self._commit()

    @property
    def waiting(self) -> int:
        """Writes in the log that are not acknowledged yet."""
        return len(self._waiters)

    def write(
        self,
        key: Hashable,
        value: Any,
        expected_version: int | None,
        on_written: OnWritten,
        on_failed: OnFailed,
    ) -> None:
        """Write the record to disk, append it, and tell the client once it is committed."""

        def flushed() -> None:
            if not self.accepts_writes:
                on_failed(
                    NotPrimaryError(
                        f"ReplicatedStore.put: node must take writes, got {self.node.name}, "
                        "which hands over to another; try again"
                    )
                )
                return
            version = self._versions.get(key, 0)
            if expected_version not in (None, version):
                on_failed(
                    VersionConflictError(
                        f"ReplicatedStore.put: expected_version must be {version}, as of "
                        f"{key!r}, got {expected_version}; read again, then try again"
                    )
                )
                return
            entry = self._append(key, value, version=version + 1)
            self._waiters.append(_Waiter(entry=entry, on_written=on_written, on_failed=on_failed))
            self._ship_to_all()
            self._commit()

        self.node.later(self._settings.flush_s, flushed)

    def attach(self, replica: Node) -> int:
        """Let a replica follow: find where the logs part, discard its own tail, send the rest.

        Returns the number of records discarded. The exchange itself takes no time here.
        """
        is_new = replica.follows is not self
        if is_new:
            replica.forget_plans()  # of what another primary sent
            replica.follows = self
        discarded = replica.rewind(replica.log.fork_lsn(self.node.log))
        if is_new:
            replica.plan_to_apply_the_rest()
        received = replica.received_lsn
        self._streams[replica.name] = stream = _Stream(
            replica, sent=received, received=received, applied=replica.applied_lsn
        )
        self._commit()
        self._ship(stream)
        return discarded

    def step_down(self) -> None:
        """Stop being primary: writes in progress end without a promise either way."""
        self.node.forget_plans()
        self.node.role = None
        waiters, self._waiters = self._waiters, deque()
        for waiter in waiters:
            waiter.on_failed(
                FencedError(
                    f"ReplicatedStore.put: {self.node.name} must be primary until the write is "
                    "acknowledged, got a newer primary; read to see whether the write survived"
                )
            )

    def crash(self) -> None:
        """Forget who waits for an acknowledgement: the connections are gone."""
        self._waiters.clear()

    def hear_from(self, replica: Node) -> None:
        """Send the replica's cursors over the network to here."""
        stream = self._streams[replica.name]
        cursors = (replica.received_lsn, replica.applied_lsn)

        def arrive(cursors: tuple[int, int]) -> None:
            if self._is_active():
                stream.received = max(stream.received, cursors[0])
                stream.applied = max(stream.applied, cursors[1])
                self._commit()

        self._network.send(replica.name, self.node.name, cursors, arrive)

    def check_invariants(self) -> None:
        """Raise AssertionError when the primary believes what is not so."""
        ensure(self.committed_lsn <= len(self.node.log), "committed beyond the log")
        for stream in self._streams.values():
            if stream.replica.follows is self:
                ensure(stream.received <= stream.replica.received_lsn, "received is made up")
                ensure(stream.applied <= stream.replica.applied_lsn, "applied is made up")
                last = stream.replica.log.last
                ensure(last in self.node.log, "a follower has another log")
        ensure(
            all(w.entry.position.lsn > self.committed_lsn for w in self._waiters),
            "a committed write is not acknowledged",
        )

    def _is_active(self) -> bool:
        return self.node.is_up and self.node.role is self

    def _append(self, key: Hashable, value: Any, *, version: int) -> Entry:
        position = Position(term=self.term, lsn=len(self.node.log) + 1)
        entry = Entry(position, key, value, version, self.node.clock.now_s)
        self.node.log.append(entry)
        if entry.is_write:
            self._versions[key] = version
        return entry

    def _commit(self) -> None:
        """Move the commit cursor to where enough replicas are, and acknowledge up to there."""
        needed = self._settings.acknowledgements
        if needed == 0:
            confirmed = len(self.node.log)
        elif len(self._streams) < needed:
            return
        else:
            kind = "applied" if self._settings.sync == "apply" else "received"
            cursors = sorted((getattr(s, kind) for s in self._streams.values()), reverse=True)
            confirmed = cursors[needed - 1]
        if confirmed <= self.committed_lsn:
            return
        self.committed_lsn = confirmed
        self.node.apply_up_to(confirmed)
        while self._waiters and self._waiters[0].entry.position.lsn <= confirmed:
            waiter = self._waiters.popleft()
            waiter.on_written(self._receipt(waiter.entry))

    def _receipt(self, entry: Entry) -> Write:
        return Write(
            key=entry.key,
            value=entry.value,
            version=entry.version,
            position=entry.position,
            node=self.node.name,
        )

    def _ship_to_all(self) -> None:
        for stream in self._streams.values():
            self._ship(stream)

    def _ship(self, stream: _Stream) -> None:
        """Send what was not sent yet."""
        entries = self.node.log.after(stream.sent)
        stream.sent = len(self.node.log)
        if entries:
            self._send(stream, entries)
        self._retry_later(stream)

    def _send(self, stream: _Stream, entries: list[Entry]) -> None:
        replica = stream.replica

        def flushed(entries: list[Entry]) -> None:
            if replica.follows is self:  # else its term is over: the fence
                replica.receive(entries)
                self.hear_from(replica)

        def arrive(entries: list[Entry]) -> None:
            replica.later(self._settings.flush_s, lambda: flushed(entries))

        self._network.send(self.node.name, replica.name, entries, arrive)

    def _retry_later(self, stream: _Stream) -> None:
        if not stream.retry_is_due and self._is_unconfirmed(stream):
            stream.retry_is_due = True
            self.node.later(self._settings.retransmit_s, lambda: self._retry(stream))

    def _retry(self, stream: _Stream) -> None:
        """Send again what was not confirmed; a broken connection is left to the next `attach`."""
        stream.retry_is_due = False
        replica = stream.replica
        is_current = self._streams[replica.name] is stream and replica.follows is self
        reachable = replica.is_up and self._network.connected(self.node.name, replica.name)
        if self._is_active() and is_current and reachable and self._is_unconfirmed(stream):
            self._send(stream, self.node.log.after(stream.received))
            self._retry_later(stream)

    def _is_unconfirmed(self, stream: _Stream) -> bool:
        waits_for_apply = self._settings.sync == "apply"
        confirmed = stream.applied if waits_for_apply else stream.received
        return confirmed < len(self.node.log)
