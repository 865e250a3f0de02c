"""The connection pool of redis-py, with the verbs of `FakeConnectionPool`."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from typing import Any

from scalelab import _validate as v
from scalelab.fakes.invariants import ensure
from scalelab.fakes.pooling.database import BrokenConnectionError
from scalelab.fakes.pooling.pool_types import (
    Lease,
    PoolClosedError,
    PoolError,
    PoolStats,
    PoolTimeoutError,
)
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.servers import ThrowawayServer, import_redis
from scalelab.real.supervised import RealComponentError


class RedisPool:
    """redis-py's `ConnectionPool` behind the verbs of the fake.

    It opens and reuses as the library does: connections are opened when they are
    first needed and never for their own sake, and the one used last is lent first.
    The leases, the books and the line of those who wait are ours. Threads may share it.

    Parameters
    ----------
    server : ThrowawayServer
        The server.
    proxy : DelayProxy, optional
        The way to it, if not the straight one.
    max_size : int
        Connections at most, >= 1.
    acquire_timeout_s : float
        Seconds a request waits before :class:`PoolTimeoutError`, > 0.

    Raises
    ------
    RealComponentError
        The Python client for Redis is missing.
    """

    def __init__(
        self,
        server: ThrowawayServer,
        *,
        proxy: DelayProxy | None = None,
        max_size: int,
        acquire_timeout_s: float,
    ) -> None:
        self.max_size = v.count("RedisPool", "max_size", max_size)
        self.acquire_timeout_s = v.number("RedisPool", "acquire_timeout_s", acquire_timeout_s)
        self._redis = import_redis()
        self._connections: list[Any] = []
        self._pool = self._redis.ConnectionPool(
            connection_class=_connection_class(self._redis, self._connections),
            max_connections=self.max_size,
            **server.settings(proxy),
        )
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._connecting = 0
        self._borrowed: dict[Lease, Any] = {}
        self._numbers = itertools.count(1)
        self._is_closed = False
        self._requested = self._granted = self._timed_out = self._rejected = 0
        self._connect_failures = self._max_borrowed = 0

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
        with self._changed:
            self._requested += 1
            self._wait_for_turn()
            self._connecting += 1
        try:
            connection = self._pool.get_connection()
        except BaseException as error:
            with self._changed:
                self._connecting -= 1
                self._rejected += 1
                self._connect_failures += isinstance(error, self._redis.RedisError)
                self._changed.notify_all()
            if isinstance(error, self._redis.RedisError):
                reason = f"the server refused a connection: {error}"
                raise RealComponentError(reason) from None
            raise
        return self._lend(connection, holder)

    def _wait_for_turn(self) -> None:
        """Wait, in the order of coming, until there may be one more connection."""
        me = object()
        self._line.append(me)

        def is_over() -> bool:
            taken = len(self._borrowed) + self._connecting
            return self._is_closed or (self._line[0] is me and taken < self.max_size)

        try:
            in_time = self._changed.wait_for(is_over, self.acquire_timeout_s)
            if self._is_closed:
                raise PoolClosedError("RedisPool.acquire: the pool must be open, got a closed one")
            if not in_time:
                raise PoolTimeoutError(
                    "RedisPool.acquire: a connection must come free within "
                    f"{self.acquire_timeout_s:g} s, got none "
                    f"({len(self._borrowed)} of {self.max_size} borrowed)"
                )
        except BaseException as error:  # an interrupt too
            if isinstance(error, PoolTimeoutError):
                self._timed_out += 1
            else:
                self._rejected += 1
            raise
        finally:
            self._line.remove(me)
            self._changed.notify_all()  # whoever is first now looks again

    def _lend(self, connection: Any, holder: str) -> Lease:
        with self._changed:
            self._connecting -= 1
            if self._is_closed:  # meanwhile
                self._rejected += 1
                connection.disconnect()
                raise PoolClosedError("RedisPool.acquire: the pool must be open, got a closed one")
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
        with self._changed:
            if lease.pool is not self:
                raise PoolError(f"RedisPool.release: lease must be of this pool, got {lease!r}")
            lease.end()
            connection = self._borrowed[lease]
            if connection.unread:  # the next holder would read an answer that is not its own
                connection.disconnect()
            self._pool.release(connection)
            del self._borrowed[lease]
            self._changed.notify_all()

    def close(self, *, force: bool = False) -> None:
        """Close every connection and refuse all further requests; once is enough.

        Raises
        ------
        PoolError
            Connections are borrowed, and `force` is not set; the pool stays
            open and goes on as before.
        """
        with self._changed:
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
            self._changed.notify_all()
        self._pool.disconnect()

    def stats(self) -> PoolStats:
        """Return the books of the pool at this moment."""
        with self._changed:
            borrowed = set(self._borrowed.values())
            idle = sum(c.is_up for c in self._connections if c not in borrowed)
            return PoolStats(
                size=idle + len(borrowed),
                idle=idle,
                borrowed=len(borrowed),
                opening=0,
                waiting=len(self._line) + self._connecting,
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


def _connection_class(redis: Any, everyone: list[Any]) -> type:
    """Make a class of connections that count themselves and can `query`."""

    class CountedConnection(redis.Connection):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.is_up = False
            self.times_opened = 0
            self.unread = 0
            self.register_connect_callback(self.has_connected)
            everyone.append(self)

        def has_connected(self, _: Any) -> None:
            self.is_up = True
            self.times_opened += 1

        def disconnect(self, *args: Any, **kwargs: Any) -> None:
            super().disconnect(*args, **kwargs)
            self.is_up = False
            self.unread = 0

        def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
            self.unread += 1
            super().send_packed_command(*args, **kwargs)

        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            try:
                answer = super().read_response(*args, **kwargs)
            except redis.ResponseError:  # an answer like any other
                self.unread -= 1
                raise
            self.unread -= 1
            return answer

        def query(self, *command: Any) -> Any:
            try:
                self.send_command(*(command or ("PING",)))
                return self.read_response()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                raise BrokenConnectionError(f"the server is gone: {error}") from None

    return CountedConnection
