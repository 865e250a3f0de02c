"""The verbs of the replicated store, on PostgreSQL servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, get_args

from scalelab import _validate as v
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replication_types import (
    NotPrimaryError,
    Read,
    ReplicationError,
    StoreTimeoutError,
    Sync,
    VersionConflictError,
    Write,
)
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.postgres_tools import import_psycopg

_LEVELS = {"async": "local", "receive": "on", "apply": "remote_apply"}
_APPLIED = "coalesce(pg_last_wal_replay_lsn(), pg_current_wal_insert_lsn()) - '0/0'::pg_lsn"


class WallClock:
    """Real time, in the words of the virtual clock."""

    @property
    def now_s(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def advance(self, delay_s: float) -> None:
        """Let time pass."""
        time.sleep(delay_s)

    def wait_for(self, begin: Callable[..., object]) -> Any:
        """Begin something that calls back before it returns; return what came, or raise it."""
        outcomes: list[tuple[Any, Exception | None]] = []
        begin(lambda value: outcomes.append((value, None)), lambda e: outcomes.append((None, e)))
        value, error = outcomes[0]
        if error is not None:
            raise error
        return value


class PostgresStore:
    """A :class:`~scalelab.fakes.replication.replicated_store.ReplicatedStore` of real servers.

    The same verbs and answers; keys and values are text, and time is real. A context manager;
    each thread has connections of its own.

    Parameters
    ----------
    replicas : int
        Replicas beside the primary, `node0`; >= 1.
    sync : {"async", "receive", "apply"}
        What a replica must have done with a write before its client is told:
        `synchronous_commit` is `local`, `on` or `remote_apply`.
    sync_replicas : int
        How many replicas, any of them, must have done it; from 1 to `replicas`.
    link_rtt_s : float
        Seconds of a round trip between the primary and each replica, >= 0.
    apply_delay_s : float
        Seconds by which replicas hold back what they have received, >= 0.

    Raises
    ------
    RealComponentError
        PostgreSQL or its client is not installed.
    """

    def __init__(
        self,
        *,
        replicas: int = 2,
        sync: Sync = "async",
        sync_replicas: int = 1,
        link_rtt_s: float = 0.0,
        apply_delay_s: float = 0.0,
    ) -> None:
        replicas = v.count("PostgresStore", "replicas", replicas)
        sync_replicas = v.count("PostgresStore", "sync_replicas", sync_replicas)
        v.choice("PostgresStore", "sync", sync, get_args(Sync))
        link_rtt_s = v.number("PostgresStore", "link_rtt_s", link_rtt_s, minimum=0)
        apply_delay_s = v.number("PostgresStore", "apply_delay_s", apply_delay_s, minimum=0)
        if sync_replicas > replicas:
            v.refuse("PostgresStore", "sync_replicas", f"be <= {replicas}", sync_replicas)
        self._psycopg: Any = import_psycopg()
        self._level = _LEVELS[sync]
        self._acknowledged: list[Write] = []
        self._term = 0
        self._own = threading.local()
        self._connections: list[Any] = []  # of all threads
        self.clock = WallClock()
        self.cluster = PostgresCluster()
        self._links: list[DelayProxy] = []
        try:
            self._make(replicas, sync_replicas, link_rtt_s, apply_delay_s)
        except BaseException:
            self.close()
            raise

    def _make(self, replicas: int, sync_replicas: int, link_rtt_s: float, delay_s: float) -> None:
        first = self.cluster.primary("node0")
        first.rows("create table kv(key text primary key, value text, version bigint not null)")
        self._servers = {"node0": first}
        for name in (f"node{i + 1}" for i in range(replicas)):
            port = first.port
            if link_rtt_s:
                self._links.append(DelayProxy(port, link_rtt_s))
                port = self._links[-1].port
            delay = f"{delay_s * 1000:.0f}ms"
            self._servers[name] = self.cluster.replica(
                first, name, port=port, recovery_min_apply_delay=delay
            )
        self.primary = "node0"
        streaming = "select count(*) from pg_stat_replication where state = 'streaming'"
        wait_for(lambda: first.value(streaming) == replicas)  # a far one takes several round trips
        if self._level != "local":
            names = ", ".join(self.replicas)
            first.configure(synchronous_standby_names=f"ANY {sync_replicas} ({names})")
            in_sync = "select count(*) from pg_stat_replication where sync_state = 'quorum'"
            wait_for(lambda: first.value(in_sync) == replicas)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of all nodes."""
        return tuple(self._servers)

    @property
    def replicas(self) -> tuple[str, ...]:
        """Names of all nodes but the primary."""
        return tuple(name for name in self._servers if name != self.primary)

    def server(self, node: str) -> PostgresServer:
        """Return the server behind a node's name, for what only PostgreSQL can be asked."""
        if not isinstance(node, str) or node not in self._servers:
            v.refuse("PostgresStore", "node", f"be one of {list(self._servers)}", node)
        return self._servers[node]

    def put(
        self,
        key: str,
        value: str,
        *,
        expected_version: int | None = None,
        node: str | None = None,
        client: str = "client",
    ) -> Write:
        """Write a value, and return once it is acknowledged.

        Parameters
        ----------
        key, value : str
        expected_version : int, optional
            Write only if the key has this version; 0 for a new key.
        node : str, optional
            Whom to ask; the primary by default.
        client : str
            Who asks; of no account here.

        Raises
        ------
        StoreTimeoutError
            No acknowledgement came in time; the write may have happened.
        NotPrimaryError
            The node is a replica; nothing happened.
        VersionConflictError
            The key has another version; nothing happened.
        """
        if value is None:
            v.refuse("PostgresStore.put", "value", "be something", value, "use delete")
        return self._write(key, value, expected_version, node)

    def delete(self, key: str, *, node: str | None = None, client: str = "client") -> Write:
        """Remove a key, whether it is there or not; as `put`."""
        return self._write(key, None, None, node)

    def get(self, key: str, *, node: str | None = None, client: str = "client") -> str | None:
        """Value of a key, None where there is nothing; as `read`."""
        return self.read(key, node=node).value

    def read(
        self,
        key: str,
        *,
        node: str | None = None,
        at_least: Position | None = None,
        client: str = "client",
    ) -> Read:
        """Read a key, from the primary by default.

        Parameters
        ----------
        key : str
        node : str, optional
            Whom to ask.
        at_least : Position, optional
            Answer once the node has applied the log up to here.
        client : str
            Who asks; of no account here.

        Raises
        ------
        StoreTimeoutError
            No answer came in time.
        """
        server = self.server(self.primary if node is None else node)
        if at_least is not None:
            wait_for(lambda: self.has_applied(server.name, at_least))
        query = f"select value, version, {_APPLIED} from (select 1) one left join kv on key = %s"
        ((value, version, lsn),) = self._ask(server, query, key)
        position = Position(term=self._term, lsn=int(lsn))
        return Read(key=key, value=value, version=version or 0, position=position, node=server.name)

    def applied(self, node: str) -> Position:
        """How far a node that is up has applied the log.

        Raises
        ------
        StoreTimeoutError
            The node gave no answer.
        """
        ((lsn,),) = self._ask(self.server(node), f"select {_APPLIED}")
        return Position(term=self._term, lsn=int(lsn))

    def has_applied(self, node: str, position: Position) -> bool:
        """Whether a node that is up has applied the log up to a position."""
        return self.server(node).alive and self.applied(node) >= position

    def version_of(self, key: str) -> int:
        """Version of a key that the primary has at this moment."""
        return self.read(key).version

    def submit_read(
        self,
        key: Hashable,
        on_done: Callable[[Read], object],
        on_failed: Callable[[Exception], object],
        **how: Any,
    ) -> None:
        """Read, and call one of the functions before returning; see `read`."""
        self._call(lambda: self.read(str(key), **how), on_done, on_failed)

    def submit_put(
        self,
        key: Hashable,
        value: Any,
        on_done: Callable[[Write], object],
        on_failed: Callable[[Exception], object],
        **how: Any,
    ) -> None:
        """Write, and call one of the functions before returning; see `put`."""
        self._call(lambda: self.put(str(key), value, **how), on_done, on_failed)

    def submit_delete(
        self,
        key: Hashable,
        on_done: Callable[[Write], object],
        on_failed: Callable[[Exception], object],
        **how: Any,
    ) -> None:
        """Remove, and call one of the functions before returning; see `delete`."""
        self._call(lambda: self.delete(str(key), **how), on_done, on_failed)

    def crash(self, node: str) -> None:
        """End a node's processes at once; the link from a primary breaks first.

        What the link held is lost with it, as with a machine that loses its power.
        """
        if node == self.primary:
            for link in self._links:
                link.close()
        self.server(node).kill()

    def promote(self, node: str) -> None:
        """Make a replica the primary; who takes writes from now on is another."""
        self.server(node).promote()
        self.primary = node
        self._term += 1

    def acknowledged_writes(self) -> tuple[Write, ...]:
        """All writes of which a client was told that they are done, in the order of telling."""
        return tuple(self._acknowledged)

    def lost_writes(self) -> tuple[Write, ...]:
        """Acknowledged writes whose version the present primary has not reached."""
        rows = self.server(self.primary).rows("select key, version from kv")
        there = dict(rows)
        return tuple(w for w in self._acknowledged if there.get(str(w.key), 0) < w.version)

    def close(self) -> None:
        """End all servers and remove their files; once is enough."""
        for connection in self._connections:
            connection.close()
        for link in self._links:
            link.close()
        self.cluster.close()

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _write(
        self, key: str, value: str | None, expected_version: int | None, node: str | None
    ) -> Write:
        server = self.server(self.primary if node is None else node)
        statement = (
            "insert into kv values (%s, %s, 1) on conflict (key) do update "
            "set value = excluded.value, version = kv.version + 1{} returning version"
        )
        parameters: tuple[object, ...] = (key, value)
        if expected_version is not None:
            v.count("PostgresStore.put", "expected_version", expected_version, minimum=0)
            statement = statement.format(" where kv.version = %s")
            parameters += (expected_version,)
        else:
            statement = statement.format("")
        if expected_version:  # a new key has none to agree with
            known = self._ask(server, "select 1 from kv where key = %s", key)
            rows = self._ask(server, statement, *parameters) if known else []
        else:
            rows = self._ask(server, statement, *parameters)
        if not rows:
            raise VersionConflictError(f"{key!r} does not have version {expected_version}")
        # After the commit, whose record is part of what a replica must have; and what was
        # inserted, for what was written out is behind where nobody waits for the disk.
        ((lsn,),) = self._ask(server, "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        write = Write(
            key=key,
            value=value,
            version=rows[0][0],
            position=Position(term=self._term, lsn=int(lsn)),
            node=server.name,
        )
        self._acknowledged.append(write)
        return write

    def _ask(self, server: PostgresServer, query: str, *parameters: object) -> list[Any]:
        """Run a statement on this thread's connection to a server; its errors in our words."""
        connections = self._own.__dict__.setdefault("connections", {})
        try:
            connection = connections.get(server.name)
            if connection is None or connection.closed:
                connection = connections[server.name] = server.connect()
                self._connections.append(connection)
                connection.execute(f"set synchronous_commit = {self._level}")
            return connection.execute(query, parameters or None).fetchall()
        except self._psycopg.errors.ReadOnlySqlTransaction:
            raise NotPrimaryError(f"{server.name} is a replica, and takes no writes") from None
        except self._psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise StoreTimeoutError(f"{server.name} did not answer: {reason}") from None

    @staticmethod
    def _call(
        work: Callable[[], Any],
        on_done: Callable[[Any], object],
        on_failed: Callable[[Exception], object],
    ) -> None:
        try:
            answer = work()
        except ReplicationError as error:
            on_failed(error)
        else:
            on_done(answer)
