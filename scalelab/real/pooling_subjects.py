"""Components on which pooling is measured: Redis or Valkey, PostgreSQL.

Each offers the same request in two forms, over a connection of its own
(`fresh`) and over one of a pool (`pooled`), and the server's own count of the
connections it has accepted.
"""

from __future__ import annotations

import contextlib
import time
from typing import Any, Protocol

from scalelab.fakes.pooling.database import BrokenConnectionError
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_tools import guarded_connect, import_psycopg
from scalelab.real.redis_pool import RedisPool
from scalelab.real.servers import ThrowawayServer, import_redis
from scalelab.real.supervised import LOCALHOST, RealComponentError


class PoolingSubject(Protocol):
    """What :func:`scalelab.real.measure.compare_pooling` measures."""

    name: str
    """What the component calls itself."""
    rtt_s: float
    """The round trip to it, in seconds."""
    errors: tuple[type[Exception], ...]
    """What its client raises when the server is gone."""

    def fresh(self) -> None:
        """Connect, query, close."""

    def pooled(self) -> None:
        """Borrow, query, give back."""

    def now_s(self) -> float:
        """Return the time in seconds, on whatever clock the component runs."""

    def connections_received(self) -> int:
        """Return how many connections the server has accepted so far, by its own count."""

    def close(self) -> None:
        """Close all connections."""


class RedisPooling:
    """Pooling with redis-py, in its default configuration; the query is a PING.

    With redis-py 8 a fresh connection takes six round trips: TCP, HELLO, three
    CLIENT commands, the query. A bare client needs two of them.

    Parameters
    ----------
    server : ThrowawayServer
        The server.
    proxy : DelayProxy, optional
        The way to it, if not the straight one.
    """

    def __init__(self, server: ThrowawayServer, proxy: DelayProxy | None = None) -> None:
        self._redis = import_redis()
        self.name = server.name
        self.rtt_s = 0.0 if proxy is None else proxy.rtt_s
        self.errors: tuple[type[Exception], ...] = (
            self._redis.RedisError,
            BrokenConnectionError,
            RealComponentError,
        )
        self._settings = server.settings(proxy)
        self._pool = RedisPool(server, proxy=proxy, max_size=1, acquire_timeout_s=5.0)
        self._observer = server.client()  # not through the proxy

    def fresh(self) -> None:
        """Connect, query, close."""
        client = self._redis.Redis(single_connection_client=True, **self._settings)
        client.ping()
        client.close()

    def pooled(self) -> None:
        """Borrow, query, give back."""
        with self._pool.acquire() as lease:
            lease.query("PING")

    def now_s(self) -> float:
        """Return the time of the machine's steady clock."""
        return time.perf_counter()

    def connections_received(self) -> int:
        """Return ``total_connections_received`` of INFO."""
        return self._observer.info("stats")["total_connections_received"]

    def close(self) -> None:
        """Close all connections."""
        self._pool.close(force=True)
        self._observer.close()


class PostgresPooling:
    """Pooling with psycopg; the query is ``select 1``.

    psycopg brings no pool of its own: one connection kept open stands for it.
    Both forms commit by themselves, so that a query is one round trip.

    Over TLS 1.3 a fresh connection takes seven round trips: TCP, SSLRequest,
    TLS, three of the start-up with SCRAM, the query. It takes eight where the
    server refuses the key that the client guesses and asks for another
    (HelloRetryRequest): PostgreSQL 15 accepts P-256, and clients guess X25519.

    Parameters
    ----------
    dsn : str
        The server's address, with user and password.
    proxy : DelayProxy, optional
        The way to it, if not the straight one.
    name : str
        What the server calls itself.
    """

    def __init__(
        self, dsn: str, proxy: DelayProxy | None = None, *, name: str = "PostgreSQL"
    ) -> None:
        psycopg = import_psycopg()
        self.name = name
        self.rtt_s = 0.0 if proxy is None else proxy.rtt_s
        self.errors: tuple[type[Exception], ...] = (psycopg.Error,)
        self._connect = guarded_connect
        straight: dict[str, Any] = {"dsn": dsn, "autocommit": True, "connect_timeout": 5}
        way = {} if proxy is None else {"hostaddr": LOCALHOST, "port": proxy.port}
        self._settings = straight | way
        self._kept_open = self._connect(**self._settings)
        self._observer = self._connect(**straight)

    def fresh(self) -> None:
        """Connect, query, close."""
        connection = self._connect(**self._settings)
        connection.execute("select 1").fetchone()
        connection.close()

    def pooled(self) -> None:
        """Query over the connection that is kept open."""
        self._kept_open.execute("select 1").fetchone()

    def now_s(self) -> float:
        """Return the time of the machine's steady clock."""
        return time.perf_counter()

    def connections_received(self) -> int:
        """Return ``sessions`` of pg_stat_database, once it has come to rest.

        A server process reports its session when it ends, a moment after its client left.
        """
        before, now = -1, self._sessions()
        while before != now:
            time.sleep(0.1)
            before, now = now, self._sessions()
        return now

    def _sessions(self) -> int:
        row = self._observer.execute("select sum(sessions) from pg_stat_database").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close all connections."""
        for connection in (self._kept_open, self._observer):
            with contextlib.suppress(*self.errors):
                connection.close()
