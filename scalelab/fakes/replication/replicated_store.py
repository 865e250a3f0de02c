"""A key-value store with one primary and replicas that follow its log."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed, key_of
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication._node import Node
from scalelab.fakes.replication._primary import ReplicationSettings
from scalelab.fakes.replication._requests import Requests, Serve, read_at, write_at
from scalelab.fakes.replication.failover import Failover
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replication_types import Lag, Read, RequestStats, Sync, Write


class ReplicatedStore:
    """A primary, `node0` at first, that takes writes, and replicas that may serve reads.

    A client's request travels over the network to a node and back. The primary writes a
    record to its log, ships it, and acknowledges at once (`sync="async"`) or when
    `sync_replicas` replicas have it on disk ("receive", PostgreSQL's `on`) or have applied
    it ("apply", its `remote_apply`). A replica's log and data are two places: what was
    received is safe, what was applied can be read.

    `put`, `get`, `read` and `delete` block, which lets the virtual clock pass; `submit_put`
    and so on return at once and call back from the clock.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    replicas : int
        Replicas beside the primary, >= 1.
    network : FakeNetwork, optional
        The way between clients and nodes, on the same clock; one without delays by default.
    sync : {"async", "receive", "apply"}
        What a replica must have done with a write before its client is told.
    sync_replicas : int
        How many replicas, any of them, must have done it; from 1 to `replicas`.
    apply_delay_s : float or callable
        Seconds from receiving a record to applying it, or a function that draws them.
    apply_work_s : float
        Seconds that a replica takes to apply one record, one after another, >= 0.
    flush_s : float
        Seconds to write a record to a node's disk, >= 0.
    retransmit_s : float
        Seconds after which unconfirmed records are sent again, > 0.
    timeout_s : float
        Seconds after which a client gives up, > 0.
    fencing : bool
        Whether a promotion stops the old primary for good, as by its power switch, and all
        nodes refuse its records. Without it a primary that is cut off goes on as before.
    rng : numpy.random.Generator, optional
        Needed for drawn delays.

    Notes
    -----
    With "receive" or "apply", fencing, and promotions without `allow_loss`, no acknowledged
    write is ever lost, and reads of the primary are linearizable. See
    :class:`~scalelab.fakes.replication.failover.Failover` for crashes and promotions.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> store = ReplicatedStore(clock, replicas=1, apply_delay_s=0.1)
    >>> store.put("photo", "new").version
    1
    >>> store.get("photo"), store.get("photo", node="node1")
    ('new', None)
    >>> clock.advance(0.1)
    >>> store.get("photo", node="node1")
    'new'
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        replicas: int = 2,
        network: FakeNetwork | None = None,
        sync: Sync = "async",
        sync_replicas: int = 1,
        apply_delay_s: Delay = 0.0,
        apply_work_s: float = 0.0,
        flush_s: float = 0.0,
        retransmit_s: float = 0.2,
        timeout_s: float = 1.0,
        fencing: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.settings = ReplicationSettings(
            replicas=replicas,
            sync=sync,
            sync_replicas=sync_replicas,
            flush_s=flush_s,
            apply_work_s=apply_work_s,
            retransmit_s=retransmit_s,
            timeout_s=timeout_s,
            fencing=fencing,
        )
        self.clock = clock
        self.network = FakeNetwork(clock) if network is None else network
        if not isinstance(self.network, FakeNetwork) or self.network.clock is not clock:
            v.refuse("ReplicatedStore", "network", "be a FakeNetwork on the same clock", network)
        delay = delay_source("ReplicatedStore", "apply_delay_s", apply_delay_s, rng)
        names = [f"node{i}" for i in range(replicas + 1)]
        self.network.add(names)
        nodes = {name: Node(name, clock, delay, apply_work_s) for name in names}
        self.failover = Failover(nodes, self.network, self.settings)
        self._nodes = nodes
        self._requests = Requests(self.network)
        self._acknowledged: list[Write] = []

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of all nodes."""
        return tuple(self._nodes)

    @property
    def primary(self) -> str:
        """Name of the node that was promoted last, up or not."""
        return self.failover.primary.node.name

    @property
    def replicas(self) -> tuple[str, ...]:
        """Names of all other nodes."""
        return tuple(name for name in self._nodes if name != self.primary)

    def put(
        self,
        key: Hashable,
        value: Any,
        *,
        expected_version: int | None = None,
        node: str | None = None,
        client: str = "client",
    ) -> Write:
        """Write a value; the virtual clock passes until the acknowledgement.

        Parameters
        ----------
        key : hashable
        value : object
            Anything but None, which stands for nothing.
        expected_version : int, optional
            Write only if the key has this version: compare and set. 0 for a new key.
        node : str, optional
            Whom to ask; the primary by default.
        client : str
            Who asks; its name in the network.

        Returns
        -------
        Write
            With the version, and the position that a later read can ask for.

        Raises
        ------
        StoreTimeoutError
            No acknowledgement came in time; the write may have happened.
        NotPrimaryError
            The node is not primary; nothing happened.
        VersionConflictError
            The key has another version; nothing happened.
        FencedError
            Another node became primary meanwhile; the write may survive.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_put(
                key,
                value,
                done,
                failed,
                expected_version=expected_version,
                node=node,
                client=client,
            )
        )

    def submit_put(
        self,
        key: Hashable,
        value: Any,
        on_done: Callable[[Write], object],
        on_failed: OnFailed,
        *,
        expected_version: int | None = None,
        node: str | None = None,
        client: str = "client",
    ) -> None:
        """Begin to write; one of the functions is called by the clock, once; see `put`."""
        if value is None:
            v.refuse("ReplicatedStore.put", "value", "be something", value, "use delete")
        self._submit_write("put", key, value, on_done, on_failed, expected_version, node, client)

    def delete(self, key: Hashable, *, node: str | None = None, client: str = "client") -> Write:
        """Remove a key, whether it is there or not; as `put`."""
        return self.clock.wait_for(
            lambda done, failed: self.submit_delete(key, done, failed, node=node, client=client)
        )

    def submit_delete(
        self,
        key: Hashable,
        on_done: Callable[[Write], object],
        on_failed: OnFailed,
        *,
        node: str | None = None,
        client: str = "client",
    ) -> None:
        """Begin to remove a key; as `submit_put`."""
        self._submit_write("delete", key, None, on_done, on_failed, None, node, client)

    def get(self, key: Hashable, *, node: str | None = None, client: str = "client") -> Any:
        """Value of a key, None where there is nothing; as `read`."""
        return self.read(key, node=node, client=client).value

    def submit_get(
        self,
        key: Hashable,
        on_done: Callable[[Any], object],
        on_failed: OnFailed,
        *,
        node: str | None = None,
        client: str = "client",
    ) -> None:
        """Begin to read a key's value; as `submit_read`."""
        self.submit_read(key, lambda r: on_done(r.value), on_failed, node=node, client=client)

    def read(
        self,
        key: Hashable,
        *,
        node: str | None = None,
        at_least: Position | None = None,
        client: str = "client",
    ) -> Read:
        """Read a key, from any node; the virtual clock passes until the answer.

        Parameters
        ----------
        key : hashable
        node : str, optional
            Whom to ask; by default the primary, which then must still be one.
        at_least : Position, optional
            The node answers once it has applied the log up to here.
        client : str
            Who asks.

        Raises
        ------
        StoreTimeoutError
            No answer came in time.
        NotPrimaryError
            The primary was asked for, and the node is none any more.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_read(
                key, done, failed, node=node, at_least=at_least, client=client
            )
        )

    def submit_read(
        self,
        key: Hashable,
        on_done: Callable[[Read], object],
        on_failed: OnFailed,
        *,
        node: str | None = None,
        at_least: Position | None = None,
        client: str = "client",
    ) -> None:
        """Begin to read; one of the functions is called by the clock, once; see `read`."""
        key_of("ReplicatedStore.read", key)
        if not isinstance(at_least, Position | None):
            v.refuse("ReplicatedStore.read", "at_least", "be a Position", at_least)
        server = self._node("read", self.primary if node is None else node)

        serve = read_at(server, key, at_least, as_primary=node is None)
        self._send("read", client, server, serve, on_done, on_failed)

    def lag(self, node: str) -> Lag:
        """How far a node is behind the primary's log, up or not.

        Raises
        ------
        ValueError
            There is no such node.
        """
        replica, log = self._node("lag", node), self.failover.primary.node.log
        fork = log.fork_lsn(replica.log)
        missing = log.after(min(replica.applied_lsn, fork))
        now_s, last_s = self.clock.now_s, replica.last_commit_s
        return Lag(
            entries=len(missing),
            in_flight=len(log) - fork,
            seconds=now_s - missing[0].committed_at_s if missing else 0.0,
            naive_s=math.inf if last_s is None else now_s - last_s,
        )

    def version_of(self, key: Hashable) -> int:
        """Version of a key that the primary shows at this moment; no request is made."""
        key_of("ReplicatedStore.version_of", key)
        return self.failover.primary.node.look_up(key)[1]

    def applied(self, node: str) -> Position:
        """How far a node has applied the log, up or not."""
        return self._node("applied", node).applied

    def has_applied(self, node: str, position: Position) -> bool:
        """Whether a node that is up has applied the log up to a position."""
        server = self._node("has_applied", node)
        if not isinstance(position, Position):
            v.refuse("ReplicatedStore.has_applied", "position", "be a Position", position)
        return server.is_up and server.applied >= position

    def acknowledged_writes(self) -> tuple[Write, ...]:
        """All writes of which a client was told that they are done, in the order of telling."""
        return tuple(self._acknowledged)

    def lost_writes(self) -> tuple[Write, ...]:
        """Acknowledged writes that are not in the log of the present primary."""
        log = self.failover.primary.node.log
        return tuple(write for write in self._acknowledged if write.position not in log)

    def stats(self) -> RequestStats:
        """Return the books of requests at this moment."""
        return self._requests.stats()

    def check_invariants(self) -> None:
        """Raise AssertionError when logs, data and promises do not agree."""
        self.network.check_invariants()
        self._requests.check_invariants()
        self.failover.check_invariants()
        safe = self.settings.acknowledgements > 0 and self.settings.fencing
        if safe and not self.failover.risked_loss:
            ensure(not self.lost_writes(), "a safe store lost an acknowledged write")

    def _submit_write(
        self,
        verb: str,
        key: Hashable,
        value: Any,
        on_done: Callable[[Write], object],
        on_failed: OnFailed,
        expected_version: int | None,
        node: str | None,
        client: str,
    ) -> None:
        key_of(f"ReplicatedStore.{verb}", key)
        if expected_version is not None:
            v.count("ReplicatedStore.put", "expected_version", expected_version, minimum=0)
        server = self._node(verb, self.primary if node is None else node)

        def acknowledge(write: Write) -> None:
            self._acknowledged.append(write)
            on_done(write)

        serve = write_at(server, verb, key, value, expected_version)
        self._send(verb, client, server, serve, acknowledge, on_failed)

    def _send(
        self,
        what: str,
        client: str,
        server: Node,
        serve: Serve,
        on_done: Callable[[Any], object],
        on_failed: OnFailed,
    ) -> None:
        if not isinstance(client, str) or not client or client in self._nodes:
            v.refuse(f"ReplicatedStore.{what}", "client", "be a name that no node has", client)
        timeout_s = self.settings.timeout_s
        self._requests.send(what, client, server, serve, on_done, on_failed, timeout_s)

    def _node(self, verb: str, name: str) -> Node:
        if not isinstance(name, str) or name not in self._nodes:
            v.refuse(f"ReplicatedStore.{verb}", "node", f"be one of {list(self._nodes)}", name)
        return self._nodes[name]
