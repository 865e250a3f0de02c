"""What every connection pool has in common: errors, leases, statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class PoolError(RuntimeError):
    """A pool was used in a way it refuses."""


class PoolTimeoutError(PoolError):
    """No connection came free in time."""


class PoolFullError(PoolError):
    """The line for a connection is at its limit, so the request fails at once."""


class PoolClosedError(PoolError):
    """The pool is closed."""


@dataclass(frozen=True, kw_only=True)
class PoolStats:
    """A pool's books at one moment; counts, all >= 0.

    ``requested == granted + timed_out + rejected + waiting`` always, and
    ``size == idle + borrowed + opening``.
    """

    size: int
    """Connections the pool has, those on their way included."""
    idle: int
    """Connections that nobody uses."""
    borrowed: int
    """Connections out on a lease."""
    opening: int
    """Connections being opened or tested before they are lent."""
    waiting: int
    """Requests in line."""
    requested: int
    """Requests so far."""
    granted: int
    """Requests that got a connection so far."""
    timed_out: int
    """Requests that gave up waiting so far."""
    rejected: int
    """Requests refused at once so far: the line was full, or the pool closed."""
    opened: int
    """Connections opened so far."""
    closed: int
    """Connections closed so far."""
    connect_failures: int
    """Attempts to open one that the server refused so far."""
    validations: int
    """Tests of a connection before it was lent so far."""
    max_borrowed: int
    """The most connections that were out at once."""


@dataclass(frozen=True, kw_only=True)
class SuspectedLeak:
    """A lease that has been out for suspiciously long."""

    holder: str
    """Who asked for it."""
    granted_at_s: float
    """When it was granted, in seconds of the pool's clock."""
    held_s: float
    """For how long it has been out, in seconds."""


class _LendingPool(Protocol):
    def release(self, lease: Lease) -> None: ...


class Lease:
    """The right to use one connection until it is released; a context manager.

    Parameters
    ----------
    pool : object
        The pool that lends, whose `release` takes the lease back.
    connection : object
        The connection, which has a `query` method.
    number : int
        Counts the pool's leases.
    holder : str
        Who asked for it.
    granted_at_s : float
        When, in seconds of the pool's clock.
    """

    def __init__(
        self, pool: _LendingPool, connection: Any, *, number: int, holder: str, granted_at_s: float
    ) -> None:
        self.pool = pool
        self.number = number
        self.holder = holder
        self.granted_at_s = granted_at_s
        self._connection = connection
        self._ended_by: str | None = None

    @property
    def released(self) -> bool:
        """Whether the lease is over."""
        return self._ended_by is not None

    @property
    def connection(self) -> Any:
        """The connection.

        Raises
        ------
        PoolError
            The lease is over: the connection may be somebody else's by now.
        """
        self._refuse_after_end("Lease.connection")
        return self._connection

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """Run a query on the connection, whose `query` says what it takes.

        Raises
        ------
        PoolError
            The lease is over: the connection may be somebody else's by now.
        """
        self._refuse_after_end("Lease.query")
        return self._connection.query(*args, **kwargs)

    def release(self) -> None:
        """Give the connection back.

        Raises
        ------
        PoolError
            It was given back before.
        """
        self.pool.release(self)

    def end(self, by: str = "its release") -> Any:
        """For the pool: end the lease, and take the connection out of it.

        Raises
        ------
        PoolError
            The lease is over already.
        """
        self._refuse_after_end("Lease.release")
        self._ended_by = by
        return self._connection

    def _refuse_after_end(self, what: str) -> None:
        if self._ended_by is not None:
            remedy = "release once" if what.endswith("release") else "acquire a new one"
            raise PoolError(
                f"{what}: the lease must be in force, got lease {self.number} of "
                f"{self.holder!r}, ended by {self._ended_by}; {remedy}"
            )

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if not self.released:
            self.release()

    def __repr__(self) -> str:
        state = "released" if self.released else "in force"
        return f"<Lease {self.number} of {self.holder!r}, {state}>"
