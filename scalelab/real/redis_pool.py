"""The connection pool of redis-py, with the verbs of `FakeConnectionPool`."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from typing import Any

from scalelab._validate import count, number
from scalelab.fakes.invariants import ensure
from scalelab.fakes.pooling.database import BrokenConnectionError
from scalelab.fakes.pooling.pool_types import (
    Lease,
    PoolClosedError,
    PoolError,
    PoolStats,
    PoolTimeoutError,
)
from scalelab.real.servers import ThrowawayServer, client_settings, import_redis
from scalelab.real.supervised import RealComponentError


class RedisPool:
    """redis-py's `BlockingConnectionPool` behind the verbs of the fake.

    It lends, waits and reuses as the library does: connections are opened when
    they are first needed and never for their own sake, the one used last is
    lent first, and one timeout holds for all requests. Only the leases and the
    books are ours. Threads may share it.

    Parameters
    ----------
    server : ThrowawayServer or int
        The server, or a port on 127.0.0.1, such as a delay proxy's.
    max_size : int
        Connections at most, >= 1.
    acquire_timeout_s : float
        Seconds a request waits before :class:`PoolTimeoutError`, > 0.

    Raises
    ------
    ValueError
        A setting is out of range.
    RealComponentError
        The Python client for Redis is missing.
    """

    def __init__(
        self, server: ThrowawayServer | int, *, max_size: int, acquire_timeout_s: float
    ) -> None:
        self.max_size = count("RedisPool", "max_size", max_size)
        self.acquire_timeout_s = number("RedisPool", "acquire_timeout_s", acquire_timeout_s)
        port = server.port if isinstance(server, ThrowawayServer) else server
        port = count("RedisPool", "server", port)
        self._redis = import_redis()
        self._connections: list[Any] = []
        self._pool = self._redis.BlockingConnectionPool(
            connection_class=_connection_class(self._redis, self._connections),
            max_connections=self.max_size,
            timeout=self.acquire_timeout_s,
            **client_settings(port),
        )
        self._lock = threading.Lock()
        self._borrowed: dict[Lease, Any] = {}
        self._numbers = itertools.count(1)
        self._is_closed = False
        self._requested = self._granted = self._timed_out = self._rejected = 0
        self._waiting = self._connect_failures = self._max_borrowed = 0

    def acquire(self, *, holder: str = "unnamed") -> Lease:
        """Borrow a connection, waiting for one if need be.

        Parameters
        ----------
        holder : str
            Who asks.

        Returns
        -------
        Lease
            Release it, or use it in a `with` statement. Its `query` takes a
            command of Redis in words: ``lease.query("SET", "key", "value")``.

        Raises
        ------
        PoolTimeoutError
            No connection came free in time.
        PoolClosedError
            The pool is closed.
        RealComponentError
            The server refused the connection, or is gone.
        """
        with self._lock:
            self._requested += 1
            if self._is_closed:
                self._rejected += 1
                raise PoolClosedError("RedisPool.acquire: the pool must be open, got a closed one")
            self._waiting += 1
        try:
            connection = self._pool.get_connection()
        except self._redis.RedisError as error:
            self._count_failure(error)
            raise self._explain(error) from None
        with self._lock:
            self._waiting -= 1
            self._granted += 1
            lease = Lease(
                self,
                connection,
                number=next(self._numbers),
                holder=holder,
                granted_at_s=time.monotonic(),
            )
            self._borrowed[lease] = connection
            self._max_borrowed = max(self._max_borrowed, len(self._borrowed))
        return lease

    def release(self, lease: Lease) -> None:
        """Take a lease back.

        Raises
        ------
        PoolError
            The lease was released before, or is another pool's.
        """
        with self._lock:
            if lease.pool is not self:
                raise PoolError(f"RedisPool.release: lease must be of this pool, got {lease!r}")
            lease.end()
            connection = self._borrowed.pop(lease)
        self._pool.release(connection)

    def close(self, *, force: bool = False) -> None:
        """Close every connection and refuse all further requests; once is enough.

        Raises
        ------
        PoolError
            Connections are borrowed, and `force` is not set; the pool stays
            open and goes on as before.
        """
        with self._lock:
            if self._borrowed and not force:
                holders = sorted({lease.holder for lease in self._borrowed})
                raise PoolError(
                    f"RedisPool.close: every connection must be back, got {len(self._borrowed)} "
                    f"borrowed by {', '.join(holders)}; release them, or close(force=True)"
                )
            self._is_closed = True
            for lease in self._borrowed:
                lease.end(by="close(force=True) of its pool")
            self._borrowed.clear()
        self._pool.disconnect()

    def stats(self) -> PoolStats:
        """Return the books of the pool at this moment."""
        with self._lock:
            borrowed = set(self._borrowed.values())
            idle = sum(c.is_up for c in self._connections if c not in borrowed)
            return PoolStats(
                size=idle + len(borrowed),
                idle=idle,
                borrowed=len(borrowed),
                opening=0,
                waiting=self._waiting,
                requested=self._requested,
                granted=self._granted,
                timed_out=self._timed_out,
                rejected=self._rejected,
                opened=sum(c.times_opened for c in self._connections),
                closed=sum(c.times_opened - c.is_up for c in self._connections),
                connect_failures=self._connect_failures,
                validations=0,
                max_borrowed=self._max_borrowed,
            )

    def check_invariants(self) -> None:
        """Raise AssertionError when the pool's books do not add up."""
        stats = self.stats()
        ensure(stats.size <= self.max_size, "more than max_size")
        outcomes = stats.granted + stats.timed_out + stats.rejected + stats.waiting
        ensure(stats.requested == outcomes, "a request got lost")
        distinct = set(self._borrowed.values())
        ensure(len(distinct) == len(self._borrowed), "a connection is lent twice")
        ensure(not any(lease.released for lease in self._borrowed), "a released lease is kept")

    def _count_failure(self, error: Exception) -> None:
        with self._lock:
            self._waiting -= 1
            if _is_timeout(error):
                self._timed_out += 1
            else:
                self._rejected += 1
                self._connect_failures += 1

    def _explain(self, error: Exception) -> Exception:
        if not _is_timeout(error):
            return RealComponentError(f"the server refused a connection: {error}")
        return PoolTimeoutError(
            "RedisPool.acquire: a connection must come free within "
            f"{self.acquire_timeout_s:g} s, got none "
            f"({len(self._borrowed)} of {self.max_size} borrowed)"
        )


def _is_timeout(error: Exception) -> bool:
    """Whether the library gave up waiting; it raises the same class when a connect fails."""
    return isinstance(error.__context__, queue.Empty)


def _connection_class(redis: Any, everyone: list[Any]) -> type:
    """Make a class of connections that count themselves and can `query`."""

    class CountedConnection(redis.Connection):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.is_up = False
            self.times_opened = 0
            self.register_connect_callback(self.has_connected)
            everyone.append(self)

        def has_connected(self, _: Any) -> None:
            self.is_up = True
            self.times_opened += 1

        def disconnect(self, *args: Any, **kwargs: Any) -> None:
            super().disconnect(*args, **kwargs)
            self.is_up = False

        def query(self, *command: Any) -> Any:
            try:
                self.send_command(*(command or ("PING",)))
                return self.read_response()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                raise BrokenConnectionError(f"the server is gone: {error}") from None

    return CountedConnection
