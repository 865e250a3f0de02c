"""A connection pool on a virtual clock, with the settings that real pools have."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_members import PooledConnection, PoolMembers, PoolSettings
from scalelab.fakes.pooling.pool_types import (
    Lease,
    PoolClosedError,
    PoolError,
    PoolFullError,
    PoolStats,
    PoolTimeoutError,
    SuspectedLeak,
)
from scalelab.fakes.pooling.waiting_line import Ticket, WaitingLine


@dataclass(eq=False, repr=False)
class FakeConnectionPool(PoolSettings):
    """A pool of connections to a :class:`~scalelab.fakes.pooling.database.FakeDatabase`.

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
        Connections always kept, from 0 to `max_size`, and connections at most, >= 1.
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

    Notes
    -----
    A refused connect is tried again every quarter of a second; requests go on
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

    database: FakeDatabase
    clock: VirtualClock

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clock is not self.database.clock:
            v.refuse("FakeConnectionPool", "clock", "be the database's clock", self.clock)
        self._line = WaitingLine(self.clock)
        self._members = PoolMembers(self.database, self, on_change=self._serve)
        self._numbers = itertools.count(1)
        self._borrowed: dict[Lease, PooledConnection] = {}
        self._is_closed = False
        self._requested = self._granted = self._timed_out = self._rejected = 0
        self._max_borrowed = 0
        self._serve()

    def warm_up(self) -> None:
        """Let the clock pass until the first `min_size` connections are open."""
        self.clock.run_until(lambda: self._members.opened >= self.min_size)

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
            return self.clock.wait_for(
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
        self._members.take_back(self._borrowed.pop(lease))
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
            timeout_s = self.acquire_timeout_s
        else:
            timeout_s = v.number(_name(verb), "timeout_s", timeout_s)
        self._requested += 1
        ticket = Ticket(next(self._numbers), holder, on_granted, on_failed, self.clock.now_s)
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
        limit = self.max_waiters
        free = self._members.size - len(self._borrowed) + self._members.room
        if limit is None or len(self._line) - free < limit:
            return None
        return PoolFullError(
            f"{_name(verb)}: requests in line must number at most max_waiters={limit}, "
            "got one more; shed load or shorten the queries"
        )

    def _time_out(self, ticket: Ticket) -> None:
        self._timed_out += 1
        waited_s = self.clock.now_s - ticket.since_s
        refused_by = self._members.refused_by
        because = f"; the server said: {refused_by}" if refused_by else ""
        ticket.on_failed(
            PoolTimeoutError(
                f"{_name('acquire')}: a connection must come free within {waited_s:g} s, got none "
                f"({len(self._borrowed)} of {self.max_size} borrowed, "
                f"{len(self._line)} more in line){because}"
            )
        )

    def _withdraw(self, ticket: Ticket) -> None:
        if ticket in self._line:
            self._line.leave(ticket)
            self._timed_out += 1
        elif ticket.granted is not None and not ticket.granted.released:
            self.release(ticket.granted)

    def _serve(self) -> None:
        """Lend connections to the line, the oldest request first, and open more if needed."""
        while (member := self._members.lend(len(self._line))) is not None:
            self._grant(member)
        self._members.replenish(len(self._line))

    def _grant(self, member: PooledConnection) -> None:
        def lease_for(ticket: Ticket) -> Lease:
            lease = Lease(
                self,
                member.connection,
                number=ticket.number,
                holder=ticket.holder,
                granted_at_s=self.clock.now_s,
            )
            self._borrowed[lease] = member
            return lease

        self._line.grant_first(lease_for)
        self._granted += 1
        self._max_borrowed = max(self._max_borrowed, len(self._borrowed))

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
        for lease in self._borrowed:
            lease.end(by="close(force=True) of its pool")
        self._borrowed.clear()
        self._members.close()

    def suspected_leaks(self) -> list[SuspectedLeak]:
        """Return the leases that are out for longer than `leak_after_s`, the longest first."""
        after_s = self.leak_after_s
        if after_s is None:
            return []
        held = ((lease, self.clock.now_s - lease.granted_at_s) for lease in self._borrowed)
        return [
            SuspectedLeak(holder=lease.holder, granted_at_s=lease.granted_at_s, held_s=held_s)
            for lease, held_s in held
            if held_s > after_s
        ]

    def stats(self) -> PoolStats:
        """Return the books of the pool at this moment."""
        members = self._members
        return PoolStats(
            size=members.size,
            idle=len(members.idle),
            borrowed=len(self._borrowed),
            opening=members.opening + members.validating,
            waiting=len(self._line),
            requested=self._requested,
            granted=self._granted,
            timed_out=self._timed_out,
            rejected=self._rejected,
            opened=members.opened,
            closed=members.closed,
            connect_failures=members.connect_failures,
            validations=members.validations,
            max_borrowed=self._max_borrowed,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when the pool's books do not add up."""
        self._members.check_invariants()
        stats = self.stats()
        ensure(stats.size == stats.idle + stats.borrowed + stats.opening, "size does not add up")
        outcomes = stats.granted + stats.timed_out + stats.rejected + stats.waiting
        ensure(stats.requested == outcomes, "a request got lost")
        ensure(set(self._borrowed.values()) == self._members.lent, "leases and loans differ")
        ensure(not any(lease.released for lease in self._borrowed), "a released lease is kept")
        ensure(stats.borrowed <= stats.max_borrowed, "more borrowed than the most")
        ensure(not self._line.overtaken(), "a request was overtaken")
        unserved = len(self._line) > self._members.validating and bool(self._members.idle)
        ensure(not unserved, "a request waits beside an idle connection")


def _name(verb: str) -> str:
    return f"FakeConnectionPool.{verb}"
