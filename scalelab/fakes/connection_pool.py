"""A connection pool on a virtual clock, with the settings that real pools have."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalelab._validate import number
from scalelab.fakes.clock import Event, VirtualClock
from scalelab.fakes.database import FakeConnection, FakeDatabase
from scalelab.fakes.invariants import ensure
from scalelab.fakes.pool_settings import PoolSettings, Validate
from scalelab.fakes.pool_types import (
    Lease,
    PoolClosedError,
    PoolError,
    PoolFullError,
    PoolStats,
    PoolTimeoutError,
    SuspectedLeak,
)
from scalelab.fakes.waiting_line import Ticket, WaitingLine

CONNECT_RETRY_S = 0.25
"""Seconds between a refused connect and the next attempt."""


@dataclass(eq=False, slots=True)
class _Member:
    """A connection of the pool, and what the pool knows about it."""

    connection: FakeConnection
    idle_since_s: float
    expired: bool = False
    expiry: Event | None = None


class FakeConnectionPool:
    """A pool of connections to a :class:`~scalelab.fakes.database.FakeDatabase`.

    It opens `min_size` connections at once and more, up to `max_size`, while
    requests wait. Requests are served first come, first served; the idle
    connection that was used last is lent first, so that a surplus grows old and
    is closed. `acquire` blocks, which lets the virtual clock pass; `request` is
    the same in event style.

    Parameters
    ----------
    database : FakeDatabase
        Where the connections go.
    clock : VirtualClock
        The database's clock.
    min_size, max_size : int
        Connections always kept (>= 0), and connections at most (>= 1).
    acquire_timeout_s : float
        Seconds a request waits before :class:`PoolTimeoutError`, > 0.
    idle_timeout_s : float, optional
        Connections above `min_size` are closed after so many idle seconds.
    max_lifetime_s : float, optional
        Connections are replaced at this age, a borrowed one at its release.
    lifetime_jitter : float
        The share of the lifetime, in [0, 1], by which it is shortened at
        random, each connection's on its own.
    validate : {"never", "on_borrow", "after_idle"}
        When a connection is tested before it is lent: a round trip each.
    validate_after_idle_s : float
        For "after_idle": tested only after so many idle seconds.
    max_waiters : int, optional
        Requests in line for a connection that others hold; more are refused
        with :class:`PoolFullError`.
    leak_after_s : float, optional
        Leases out for longer count as suspected leaks.
    rng : numpy.random.Generator, optional
        Needed for jitter only.

    Raises
    ------
    ValueError
        A setting is out of range, or the settings contradict each other.

    Notes
    -----
    A refused connect is tried again every `CONNECT_RETRY_S`; requests go on
    waiting meanwhile, for their timeout or a released connection. At the
    server the pool never takes more than `max_size` slots: one that is being
    closed counts until it is closed.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> pool = FakeConnectionPool(
    ...     FakeDatabase(clock), clock, min_size=2, max_size=10, acquire_timeout_s=30.0
    ... )
    >>> pool.warm_up()
    >>> before_s = clock.now_s
    >>> with pool.acquire() as lease:
    ...     lease.query(cpu_s=0.005)
    >>> round(clock.now_s - before_s, 3)
    0.005
    """

    def __init__(
        self,
        database: FakeDatabase,
        clock: VirtualClock,
        *,
        min_size: int,
        max_size: int,
        acquire_timeout_s: float,
        idle_timeout_s: float | None = None,
        max_lifetime_s: float | None = None,
        lifetime_jitter: float = 0.0,
        validate: Validate = "never",
        validate_after_idle_s: float = 0.5,
        max_waiters: int | None = None,
        leak_after_s: float | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.settings = PoolSettings(
            min_size=min_size,
            max_size=max_size,
            acquire_timeout_s=acquire_timeout_s,
            idle_timeout_s=idle_timeout_s,
            max_lifetime_s=max_lifetime_s,
            lifetime_jitter=lifetime_jitter,
            validate=validate,
            validate_after_idle_s=validate_after_idle_s,
            max_waiters=max_waiters,
            leak_after_s=leak_after_s,
            rng=rng,
        )
        self._database = database
        self._clock = clock
        self._line = WaitingLine(clock)
        self._numbers = itertools.count(1)
        self._idle: deque[_Member] = deque()  # the longest idle first
        self._borrowed: dict[Lease, _Member] = {}
        self._opening = self._validating = self._closing = 0
        self._connect_retry: Event | None = None
        self._idle_check: Event | None = None
        self._refused_by: Exception | None = None
        self._is_closed = False
        self._requested = self._granted = self._timed_out = self._rejected = 0
        self._opened = self._closed = self._connect_failures = 0
        self._validations = self._max_borrowed = 0
        self._serve()

    def warm_up(self) -> None:
        """Let the clock pass until the first `min_size` connections are open."""
        self._clock.run_until(lambda: len(self._idle) + len(self._borrowed) >= self._min_size)

    @property
    def _min_size(self) -> int:
        return self.settings.min_size

    @property
    def _size(self) -> int:
        return len(self._idle) + len(self._borrowed) + self._opening + self._validating

    # Borrowing and giving back

    def acquire(self, timeout_s: float | None = None, *, holder: str = "unnamed") -> Lease:
        """Borrow a connection; the virtual clock passes until there is one.

        Parameters
        ----------
        timeout_s : float, optional
            Seconds to wait at most, > 0; the pool's `acquire_timeout_s` by default.
        holder : str
            Who asks; named in `suspected_leaks`.

        Returns
        -------
        Lease
            Release it, or use it in a `with` statement.

        Raises
        ------
        PoolTimeoutError
            No connection came free in time.
        PoolFullError
            The line has `max_waiters` already.
        PoolClosedError
            The pool is closed, or was closed during the wait.
        """
        tickets: list[Ticket] = []
        try:
            return self._clock.wait_for(
                lambda granted, failed: tickets.append(
                    self._join("acquire", granted, failed, timeout_s, holder)
                )
            )
        except BaseException:
            for ticket in tickets:  # somebody else's event failed while we waited
                self._withdraw(ticket)
            raise

    def request(
        self,
        on_granted: Callable[[Lease], object],
        on_failed: Callable[[Exception], object],
        *,
        timeout_s: float | None = None,
        holder: str = "unnamed",
    ) -> None:
        """Ask for a connection; one of the functions is called by the clock, once.

        `on_granted` gets a :class:`Lease`, `on_failed` one of the errors that
        `acquire` raises.
        """
        self._join("request", on_granted, on_failed, timeout_s, holder)

    def release(self, lease: Lease) -> None:
        """Take a lease back; the oldest request in line gets the connection.

        A connection that broke, or that is past its lifetime, is replaced.

        Raises
        ------
        PoolError
            The lease was released before, or is another pool's.
        """
        if lease.pool is not self:
            raise PoolError(f"{_name('release')}: lease must be of this pool, got {lease!r}")
        lease.end()
        member = self._borrowed.pop(lease)
        # A connection with an answer outstanding would give it to the next borrower.
        if member.expired or member.connection.known_broken or member.connection.busy:
            self._retire(member)
        else:
            self._put_idle(member)
        self._serve()

    def _join(
        self,
        verb: str,
        on_granted: Callable[[Lease], object],
        on_failed: Callable[[Exception], object],
        timeout_s: float | None,
        holder: str,
    ) -> Ticket:
        if timeout_s is None:
            timeout_s = self.settings.acquire_timeout_s
        else:
            timeout_s = number(_name(verb), "timeout_s", timeout_s)
        self._requested += 1
        ticket = Ticket(next(self._numbers), holder, on_granted, on_failed, self._clock.now_s)
        error = self._reason_to_reject(verb)
        if error is not None:
            self._rejected += 1
            self._line.fail(ticket, error)
            return ticket
        self._line.join(ticket)
        self._serve()
        if ticket in self._line:
            self._line.give_up_after(ticket, timeout_s, self._time_out)
        return ticket

    def _reason_to_reject(self, verb: str) -> PoolError | None:
        if self._is_closed:
            return PoolClosedError(f"{_name(verb)}: the pool must be open, got a closed one")
        limit = self.settings.max_waiters
        on_their_way = len(self._idle) + self._opening + self._validating + self._room()
        if limit is None or len(self._line) - on_their_way < limit:
            return None
        return PoolFullError(
            f"{_name(verb)}: requests in line must number at most max_waiters={limit}, "
            "got one more; shed load or shorten the queries"
        )

    def _time_out(self, ticket: Ticket) -> None:
        self._timed_out += 1
        waited_s = self._clock.now_s - ticket.since_s
        because = f"; the server said: {self._refused_by}" if self._refused_by else ""
        ticket.on_failed(
            PoolTimeoutError(
                f"{_name('acquire')}: a connection must come free within {waited_s:g} s, got none "
                f"({len(self._borrowed)} of {self.settings.max_size} borrowed, "
                f"{len(self._line)} more in line){because}"
            )
        )

    def _withdraw(self, ticket: Ticket) -> None:
        if ticket in self._line:
            self._line.leave(ticket)
            self._timed_out += 1
        elif ticket.granted is not None and not ticket.granted.released:
            self.release(ticket.granted)

    # From the idle connections to the line

    def _serve(self) -> None:
        """Lend idle connections to the line, and open more where they are short."""
        if self._is_closed:
            return
        while self._idle and len(self._line) > self._validating:
            member = self._idle.pop()
            if self.settings.wants_validation(self._clock.now_s - member.idle_since_s):
                self._validate(member)
            else:
                self._lend(member)
        if self._connect_retry is None:
            wanted = max(
                len(self._line) - self._opening - self._validating, self._min_size - self._size
            )
            for _ in range(min(wanted, self._room())):
                self._opening += 1
                self._database.submit_connect(self._has_opened, self._was_refused)
        self._plan_idle_check()

    def _room(self) -> int:
        return self.settings.max_size - self._size - self._closing

    def _lend(self, member: _Member) -> None:
        def grant(ticket: Ticket) -> Lease:
            lease = Lease(
                self,
                member.connection,
                number=ticket.number,
                holder=ticket.holder,
                granted_at_s=self._clock.now_s,
            )
            self._borrowed[lease] = member
            return lease

        self._line.grant_first(grant)
        self._granted += 1
        self._max_borrowed = max(self._max_borrowed, len(self._borrowed))

    def _has_opened(self, connection: FakeConnection) -> None:
        self._opening -= 1
        self._opened += 1
        self._refused_by = None
        member = _Member(connection, self._clock.now_s)
        lifetime_s = self.settings.lifetime_s()
        if lifetime_s is not None:
            member.expiry = self._clock.schedule(lifetime_s, lambda: self._expire(member))
        self._lend_or_keep(member)

    def _was_refused(self, error: Exception) -> None:
        self._opening -= 1
        self._connect_failures += 1
        self._refused_by = error
        if self._connect_retry is None and not self._is_closed:
            self._connect_retry = self._clock.schedule(CONNECT_RETRY_S, self._connect_again)

    def _connect_again(self) -> None:
        self._connect_retry = None
        self._serve()

    def _validate(self, member: _Member) -> None:
        self._validating += 1
        self._validations += 1
        self._database.submit(
            member.connection,
            on_done=lambda: self._has_validated(member),
            on_failed=lambda error: self._has_validated(member),
        )

    def _has_validated(self, member: _Member) -> None:
        self._validating -= 1
        if member.expired or member.connection.known_broken:
            self._retire(member)
            self._serve()
        else:
            self._lend_or_keep(member)

    def _lend_or_keep(self, member: _Member) -> None:
        """Use a connection that needs no test: it has just been opened or tested."""
        if self._is_closed:
            self._retire(member)
        elif len(self._line):
            self._lend(member)
        else:
            self._put_idle(member)
        self._serve()

    # Ageing

    def _put_idle(self, member: _Member) -> None:
        member.idle_since_s = self._clock.now_s
        self._idle.append(member)

    def _plan_idle_check(self) -> None:
        """Look again when the longest idle connection is due; one event for all of them."""
        after_s = self.settings.idle_timeout_s
        if after_s is None or self._idle_check is not None or not self._has_surplus():
            return
        due_s = self._idle[0].idle_since_s + after_s
        self._idle_check = self._clock.schedule_at(due_s, self._close_surplus)

    def _has_surplus(self) -> bool:
        return bool(self._idle) and self._size > self._min_size

    def _close_surplus(self) -> None:
        self._idle_check = None
        after_s = self.settings.idle_timeout_s or 0.0
        while self._has_surplus() and self._idle[0].idle_since_s + after_s <= self._clock.now_s:
            self._retire(self._idle.popleft())
        self._plan_idle_check()

    def _expire(self, member: _Member) -> None:
        member.expired = True
        if member in self._idle:
            self._idle.remove(member)
            self._retire(member)
            self._serve()

    def _retire(self, member: _Member) -> None:
        if member.expiry is not None:
            member.expiry.cancel()
        self._closing += 1
        self._closed += 1
        self._database.submit_close(member.connection, self._has_closed)

    def _has_closed(self) -> None:
        self._closing -= 1
        self._serve()

    # The whole pool

    def close(self, *, force: bool = False) -> None:
        """Close every connection and refuse all further requests; once is enough.

        Parameters
        ----------
        force : bool
            Take borrowed connections away from their holders, whose leases end.

        Raises
        ------
        PoolError
            Connections are borrowed, and `force` is not set; the pool stays
            open and goes on as before.
        """
        if self._borrowed and not force:
            holders = sorted({lease.holder for lease in self._borrowed})
            raise PoolError(
                f"{_name('close')}: every connection must be back, got {len(self._borrowed)} "
                f"borrowed by {', '.join(holders)}; release them, or close(force=True)"
            )
        self._is_closed = True
        self._rejected += len(self._line)
        self._line.fail_all(
            PoolClosedError(f"{_name('acquire')}: the pool must stay open, got closed meanwhile")
        )
        for event in (self._connect_retry, self._idle_check):
            if event is not None:
                event.cancel()
        while self._borrowed:
            lease, member = self._borrowed.popitem()
            lease.end(by="close(force=True) of its pool")
            self._retire(member)
        while self._idle:
            self._retire(self._idle.pop())

    def suspected_leaks(self) -> list[SuspectedLeak]:
        """Leases that have been out for longer than `leak_after_s`, the longest first."""
        after_s, now_s = self.settings.leak_after_s, self._clock.now_s
        if after_s is None:
            return []
        return [
            self._suspect(lease) for lease in self._borrowed if now_s - lease.granted_at_s > after_s
        ]

    def stats(self) -> PoolStats:
        """Return the books of the pool at this moment."""
        return PoolStats(
            size=self._size,
            idle=len(self._idle),
            borrowed=len(self._borrowed),
            opening=self._opening + self._validating,
            waiting=len(self._line),
            requested=self._requested,
            granted=self._granted,
            timed_out=self._timed_out,
            rejected=self._rejected,
            opened=self._opened,
            closed=self._closed,
            connect_failures=self._connect_failures,
            validations=self._validations,
            max_borrowed=self._max_borrowed,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when the pool's books do not add up."""
        stats = self.stats()
        ensure(stats.size + self._closing <= self.settings.max_size, "more than max_size")
        ensure(stats.size == stats.opened - stats.closed + self._opening, "a connection got lost")
        outcomes = stats.granted + stats.timed_out + stats.rejected + stats.waiting
        ensure(stats.requested == outcomes, "a request got lost")
        members = [*self._idle, *self._borrowed.values()]
        distinct = {member.connection for member in members}
        ensure(len(distinct) == len(members), "a connection is in two places")
        ensure(not any(m.connection.closed for m in members), "a closed connection is kept")
        ensure(not any(lease.released for lease in self._borrowed), "a released lease is kept")
        ensure(not any(m.expired for m in self._idle), "an idle connection is past its lifetime")
        ensure(not self._line.overtaken(), "a request was overtaken")
        unserved = len(self._line) > self._validating and bool(self._idle)
        ensure(not unserved, "a request waits beside an idle connection")
        ensure(stats.borrowed <= stats.max_borrowed, "more borrowed than the most")


def _name(verb: str) -> str:
    return f"FakeConnectionPool.{verb}"
