"""A database server that counts its connections and queues for its cores."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure

OnDone = Callable[[], object]


class DatabaseError(RuntimeError):
    """What the database refuses."""


class TooManyConnectionsError(DatabaseError):
    """The server has no slot left: PostgreSQL's "sorry, too many clients already"."""


class BrokenConnectionError(DatabaseError):
    """The server's end of the connection is gone."""


@dataclass(eq=False, slots=True)
class _Query:
    connection: FakeConnection
    cpu_s: float
    wait_s: float
    on_done: OnDone
    on_failed: OnFailed | None
    event: Timer | None = None  # what the query waits for now; none while it queues for a core


class FakeConnection:
    """One connection to a :class:`FakeDatabase`, made by its `connect`."""

    def __init__(self, database: FakeDatabase, number: int) -> None:
        self.number = number
        self.opened_at_s = database.clock.now_s
        self.known_broken = False  # set once the client has seen an error, not before
        self._database = database
        self._query: _Query | None = None
        self._server_end = True
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a query is on its way."""
        return self._query is not None

    @property
    def closed(self) -> bool:
        """Whether the client has closed it."""
        return self._closed

    def query(self, *, cpu_s: float = 0.0, wait_s: float = 0.0) -> None:
        """Run a query and let the virtual clock pass until its answer; see `submit`.

        Raises
        ------
        BrokenConnectionError
            The server went away, before or during the query.
        DatabaseError
            The connection is closed, or busy with another query.
        """
        self._database.clock.wait_for(
            lambda done, failed: self._database.submit(
                self, cpu_s=cpu_s, wait_s=wait_s, on_done=lambda: done(None), on_failed=failed
            )
        )

    def close(self) -> None:
        """Close the connection, which takes the database's `close_s`; once is enough."""
        self._database.clock.wait_for(
            lambda done, failed: self._database.submit_close(self, lambda: done(None))
        )

    def __repr__(self) -> str:
        state = "closed" if self._closed else "broken" if self.known_broken else "open"
        return f"<FakeConnection {self.number}, {state}>"


class FakeDatabase:
    """A database server with costly connections, few cores and a limit of clients.

    A query travels for half a round trip, takes `cpu_s` on one of the cores
    (first come, first served), waits `wait_s` for disks, locks or other
    machines, which is no contention here, and travels back. Blocking calls
    (`connect`, `connection.query`) let the virtual clock pass; the `submit`
    family returns at once and calls back from the clock.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    setup_s : float
        Seconds to open a connection, network included, >= 0. A refusal takes
        as long: a server says no only after the handshakes.
    close_s : float
        Seconds to close one, >= 0; the server's slot is taken until then.
    round_trip_s : float
        Network round trip of one query in seconds, >= 0.
    cores : int
        Queries that compute at the same time, >= 1.
    max_connections : int
        Connections the server accepts, those being opened or closed included.

    Notes
    -----
    The defaults are the round figures of the chapter on pooling: 70 ms to
    open, 10 ms to close.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> database = FakeDatabase(clock)
    >>> connection = database.connect()
    >>> connection.query(cpu_s=0.005)
    >>> connection.close()
    >>> round(clock.now_s, 3)
    0.085
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        setup_s: float = 0.070,
        close_s: float = 0.010,
        round_trip_s: float = 0.0,
        cores: int = 4,
        max_connections: int = 100,
    ) -> None:
        name = "FakeDatabase"
        self.clock = clock
        self.setup_s = v.number(name, "setup_s", setup_s, minimum=0)
        self.close_s = v.number(name, "close_s", close_s, minimum=0)
        self.round_trip_s = v.number(name, "round_trip_s", round_trip_s, minimum=0)
        self.cores = v.count(name, "cores", cores)
        self.max_connections = v.count(name, "max_connections", max_connections)
        self.connects = self.refused = self.queries = self.peak_connections = 0
        self._connections: set[FakeConnection] = set()
        self._opening: dict[Timer, OnFailed] = {}
        self._unanswered: set[_Query] = set()
        self._line_for_core: deque[_Query] = deque()
        self._busy_cores = 0

    @property
    def open_connections(self) -> int:
        """Slots taken at the server, those being opened or closed included."""
        return len(self._connections) + len(self._opening)

    def connect(self) -> FakeConnection:
        """Open a connection; `setup_s` of virtual time passes.

        Raises
        ------
        TooManyConnectionsError
            All `max_connections` slots are taken.
        BrokenConnectionError
            The server restarted in the middle of it.
        """
        return self.clock.wait_for(self.submit_connect)

    def submit_connect(
        self, on_open: Callable[[FakeConnection], object], on_failed: OnFailed
    ) -> None:
        """Start to open a connection; one of the two functions is called `setup_s` later."""
        if self.open_connections >= self.max_connections:
            self.refused += 1
            error = TooManyConnectionsError(
                "FakeDatabase.connect: clients must number at most "
                f"max_connections={self.max_connections}, got one more; "
                "close some, or share them through a pool"
            )
            self.clock.schedule(self.setup_s, lambda: on_failed(error))
            return

        def finish() -> None:
            del self._opening[event]
            self.connects += 1
            connection = FakeConnection(self, self.connects)
            self._connections.add(connection)
            on_open(connection)

        event = self.clock.schedule(self.setup_s, finish)
        self._opening[event] = on_failed
        self.peak_connections = max(self.peak_connections, self.open_connections)

    def submit(
        self,
        connection: FakeConnection,
        *,
        cpu_s: float = 0.0,
        wait_s: float = 0.0,
        on_done: OnDone,
        on_failed: OnFailed | None = None,
    ) -> None:
        """Send a query; `on_done()` is called when its answer is back.

        Parameters
        ----------
        connection : FakeConnection
            Open and not busy.
        cpu_s, wait_s : float
            Seconds of a core and seconds of waiting, >= 0.
        on_done : callable
            Called without arguments.
        on_failed : callable, optional
            Called with the error when the connection breaks. Without it the
            error comes out of the clock's run.

        Raises
        ------
        DatabaseError
            The connection is closed, or busy with another query.
        """
        name = "FakeDatabase.submit"
        _check_seconds(name, "cpu_s", cpu_s)
        _check_seconds(name, "wait_s", wait_s)
        if connection.closed or connection.busy:
            got = "a closed one" if connection.closed else "one with a query in flight"
            raise DatabaseError(f"{name}: connection must be open and free, got {got}")
        query = _Query(connection, cpu_s, wait_s, on_done, on_failed)
        connection._query = query
        self._unanswered.add(query)
        self.queries += 1
        query.event = self.clock.schedule(self.round_trip_s / 2, lambda: self._arrive(query))

    def submit_close(self, connection: FakeConnection, on_done: OnDone | None = None) -> None:
        """Start to close a connection; the server's slot is free `close_s` later.

        A query in flight goes on at the server, and its answer is lost.
        """
        takes_s = 0.0 if connection.closed or not connection._server_end else self.close_s
        connection._closed = True

        def finish() -> None:
            self._connections.discard(connection)
            if on_done is not None:
                on_done()

        self.clock.schedule(takes_s, finish)

    def restart(self) -> None:
        """Break every connection, as a crash or a fail-over does.

        Queries in flight fail. An idle connection looks healthy to its client
        until it is used: that first query raises :class:`BrokenConnectionError`.
        """
        for connection in self._connections:
            connection._server_end = False
        self._connections.clear()
        self._line_for_core.clear()
        self._busy_cores = 0
        for event, on_failed in self._opening.items():
            event.cancel()
            self.clock.schedule(0.0, partial(on_failed, _broken("connect")))
        self._opening.clear()
        for query in sorted(self._unanswered, key=lambda query: query.connection.number):
            if query.event is not None:
                query.event.cancel()
            self._send_back(query, _broken("query"))

    def check_invariants(self) -> None:
        """Raise AssertionError when the server's books do not add up."""
        ensure(self.open_connections <= self.max_connections, "more clients than the limit")
        ensure(self.open_connections <= self.peak_connections, "a peak below the present")
        ensure(0 <= self._busy_cores <= self.cores, "more queries computing than cores")
        all_busy = self._busy_cores == self.cores
        ensure(all_busy or not self._line_for_core, "a query queues beside a free core")
        for query in self._unanswered:
            ensure(query.connection._query is query, "two queries share a connection")
        for connection in self._connections:
            ensure(connection._server_end, "a broken connection holds a slot")

    def _arrive(self, query: _Query) -> None:
        if not query.connection._server_end:
            self._send_back(query, _broken("query"))
        elif query.cpu_s == 0:
            self._send_back(query)
        elif self._busy_cores < self.cores:
            self._compute(query)
        else:
            query.event = None
            self._line_for_core.append(query)

    def _compute(self, query: _Query) -> None:
        self._busy_cores += 1
        query.event = self.clock.schedule(query.cpu_s, lambda: self._leave_core(query))

    def _leave_core(self, query: _Query) -> None:
        self._busy_cores -= 1
        if self._line_for_core:
            self._compute(self._line_for_core.popleft())
        self._send_back(query)

    def _send_back(self, query: _Query, error: Exception | None = None) -> None:
        takes_s = self.round_trip_s / 2 + (query.wait_s if error is None else 0.0)
        query.event = self.clock.schedule(takes_s, lambda: self._answer(query, error))

    def _answer(self, query: _Query, error: Exception | None) -> None:
        self._unanswered.discard(query)
        query.connection._query = None
        if error is None and query.connection.closed:
            error = BrokenConnectionError(
                "FakeConnection.query: connection must stay open, got closed by its own client"
            )
        if error is None:
            query.on_done()
            return
        query.connection.known_broken = True
        if query.on_failed is None:
            raise error
        query.on_failed(error)


def _check_seconds(function: str, argument: str, value: float) -> None:
    # number() finds the words, but is slow for a check that every query needs.
    if not (isinstance(value, float) and 0 <= value < math.inf):
        v.number(function, argument, value, minimum=0)


def _broken(verb: str) -> BrokenConnectionError:
    return BrokenConnectionError(
        f"FakeConnection.{verb}: the server must be at the other end, got a connection "
        "that it dropped; open a new one"
    )
