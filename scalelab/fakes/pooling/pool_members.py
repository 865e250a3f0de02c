"""The connections that a pool owns: opened, tested, aged, replaced."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from scalelab import _validate as v
from scalelab.fakes.clock import Timer
from scalelab.fakes.invariants import ensure
from scalelab.fakes.pooling.database import FakeConnection, FakeDatabase

CONNECT_RETRY_S = 0.25
"""Seconds between a refused connect and the next attempt."""


Validate = Literal["never", "on_borrow", "after_idle"]
NAME = "FakeConnectionPool"


@dataclass(kw_only=True, eq=False, repr=False)
class PoolSettings:
    """What a pool was asked for, as `FakeConnectionPool` explains it."""

    min_size: int
    max_size: int
    acquire_timeout_s: float
    idle_timeout_s: float | None = None
    max_lifetime_s: float | None = None
    lifetime_jitter: float = 0.0
    validate: Validate = "never"
    validate_after_idle_s: float = 0.5
    max_waiters: int | None = None
    leak_after_s: float | None = None
    rng: np.random.Generator | None = None

    def __post_init__(self) -> None:
        self.max_size = v.count(NAME, "max_size", self.max_size)
        self.min_size = v.count(NAME, "min_size", self.min_size, minimum=0)
        if self.min_size > self.max_size:
            v.refuse(NAME, "min_size", f"be <= max_size={self.max_size}", self.min_size)
        self.acquire_timeout_s = v.number(NAME, "acquire_timeout_s", self.acquire_timeout_s)
        for name in ("idle_timeout_s", "max_lifetime_s", "leak_after_s"):
            if getattr(self, name) is not None:
                setattr(self, name, v.number(NAME, name, getattr(self, name)))
        if self.max_waiters is not None:
            self.max_waiters = v.count(NAME, "max_waiters", self.max_waiters, minimum=0)
        idle_s = v.number(NAME, "validate_after_idle_s", self.validate_after_idle_s, minimum=0)
        self.validate_after_idle_s = idle_s
        v.choice(NAME, "validate", self.validate, get_args(Validate))
        self._check_jitter()

    def _check_jitter(self) -> None:
        self.lifetime_jitter = v.number(NAME, "lifetime_jitter", self.lifetime_jitter, minimum=0)
        if self.lifetime_jitter > 1:
            v.refuse(NAME, "lifetime_jitter", "be a ratio in [0, 1]", self.lifetime_jitter)
        if self.lifetime_jitter == 0:
            return
        if self.max_lifetime_s is None:
            remedy = "set max_lifetime_s too"
            v.refuse(
                NAME, "lifetime_jitter", "be 0 without a lifetime", self.lifetime_jitter, remedy
            )
        v.generator(NAME, self.rng)  # type: ignore[arg-type]  # None is refused with a remedy

    def lifetime_s(self) -> float | None:
        """Return the lifetime of one connection: `max_lifetime_s` less its share of jitter."""
        if self.max_lifetime_s is None or self.rng is None:
            return self.max_lifetime_s
        return self.max_lifetime_s * (1 - self.lifetime_jitter * self.rng.random())

    def wants_validation(self, idle_s: float) -> bool:
        """Whether a connection that was idle for `idle_s` is tested before it is lent."""
        if self.validate == "after_idle":
            return idle_s >= self.validate_after_idle_s
        return self.validate == "on_borrow"


@dataclass(eq=False, slots=True)
class PooledConnection:
    """A connection of the pool, and what the pool knows about it."""

    connection: FakeConnection
    tested_at_s: float  # when it was last known to work: opened, or tested
    idle_since_s: float = 0.0
    expired: bool = False
    expiry: Timer | None = None


class PoolMembers:
    """The stock of connections behind a pool.

    A connection is in one state at a time: opening, idle, being tested, lent or
    closing. The pool says how many requests wait, and is told when that may
    have become worth another look.

    Parameters
    ----------
    database : FakeDatabase
        Where the connections go.
    settings : PoolSettings
        How many, and for how long.
    on_change : callable
        Called when a connection may have become free to lend or to open.
    """

    def __init__(
        self, database: FakeDatabase, settings: PoolSettings, on_change: Callable[[], object]
    ) -> None:
        self.opened = self.closed = self.connect_failures = self.validations = 0
        self.opening = self.validating = self.closing = 0
        self.idle: deque[PooledConnection] = deque()  # the longest idle first
        self.lent: set[PooledConnection] = set()
        self.refused_by: Exception | None = None
        self._database = database
        self._clock = database.clock
        self._settings = settings
        self._on_change = on_change
        self._connect_retry: Timer | None = None
        self._idle_check: Timer | None = None
        self._is_closed = False

    @property
    def size(self) -> int:
        """Connections of the pool, those on their way included."""
        return len(self.idle) + len(self.lent) + self.opening + self.validating

    @property
    def room(self) -> int:
        """How many more may be opened; one that is being closed still takes its place."""
        return self._settings.max_size - self.size - self.closing

    def lend(self, waiting: int) -> PooledConnection | None:
        """Return a connection for one of the `waiting` requests, or None.

        One that needs a test is sent to it instead; it comes back by `on_change`.
        """
        while self.idle and waiting > self.validating:
            member = self.idle.pop()
            if self._wants_validation(member):
                self._validate(member)
            else:
                self.lent.add(member)
                return member
        return None

    def take_back(self, member: PooledConnection) -> None:
        """Keep a lent connection for the next request, or replace it."""
        self.lent.remove(member)
        # A connection with an answer outstanding would give it to the next borrower.
        if member.connection.busy:
            self._retire(member)
        else:
            self._keep(member)

    def replenish(self, waiting: int) -> None:
        """Open what `waiting` requests and the minimum ask for, as far as there is room."""
        if self._connect_retry is None and not self._is_closed:
            on_their_way = self.opening + self.validating
            wanted = max(waiting - on_their_way, self._settings.min_size - self.size)
            for _ in range(min(wanted, self.room)):
                self.opening += 1
                self._database.submit_connect(self._has_opened, self._was_refused)
        self._plan_idle_check()

    def close(self) -> None:
        """Close all, the lent ones too; those on their way as soon as they arrive."""
        self._is_closed = True
        for members in (self.lent, self.idle):
            while members:
                self._retire(members.pop())

    def check_invariants(self) -> None:
        """Raise AssertionError when the stock does not add up."""
        ensure(self.room >= 0, "more connections than max_size")
        ensure(self.size == self.opened - self.closed + self.opening, "a connection got lost")
        members = [*self.idle, *self.lent]
        distinct = {member.connection for member in members}
        ensure(len(distinct) == len(members), "a connection is in two places")
        ensure(not any(m.connection.closed for m in members), "a closed connection is kept")
        ensure(not any(m.expired for m in self.idle), "an idle connection is past its lifetime")
        ages = [member.idle_since_s for member in self.idle]
        ensure(ages == sorted(ages), "the idle connections are out of order")

    def _has_opened(self, connection: FakeConnection) -> None:
        self.opening -= 1
        self.opened += 1
        self.refused_by = None
        member = PooledConnection(connection, tested_at_s=self._clock.now_s)
        lifetime_s = self._settings.lifetime_s()
        if lifetime_s is not None:
            member.expiry = self._clock.schedule(lifetime_s, lambda: self._expire(member))
        self._keep(member)
        self._on_change()

    def _was_refused(self, error: Exception) -> None:
        self.opening -= 1
        self.connect_failures += 1
        self.refused_by = error
        if self._connect_retry is None and not self._is_closed:
            self._connect_retry = self._clock.schedule(CONNECT_RETRY_S, self._connect_again)

    def _connect_again(self) -> None:
        self._connect_retry = None
        self._on_change()

    def _wants_validation(self, member: PooledConnection) -> bool:
        now_s = self._clock.now_s
        idle_s = now_s - member.idle_since_s
        return member.tested_at_s < now_s and self._settings.wants_validation(idle_s)

    def _validate(self, member: PooledConnection) -> None:
        self.validating += 1
        self.validations += 1
        self._database.submit(
            member.connection,
            on_done=lambda: self._has_validated(member),
            on_failed=lambda error: self._has_validated(member),
        )

    def _has_validated(self, member: PooledConnection) -> None:
        self.validating -= 1
        member.tested_at_s = self._clock.now_s
        self._keep(member)
        self._on_change()

    def _keep(self, member: PooledConnection) -> None:
        if self._is_closed or member.expired or member.connection.known_broken:
            self._retire(member)
        else:
            member.idle_since_s = self._clock.now_s
            self.idle.append(member)

    def _expire(self, member: PooledConnection) -> None:
        member.expired = True
        if member in self.idle:
            self.idle.remove(member)
            self._retire(member)
            self._on_change()

    def _plan_idle_check(self) -> None:
        """Look again when the longest idle connection is due; one event for all of them."""
        after_s = self._settings.idle_timeout_s
        if after_s is None or self._idle_check is not None or not self._has_surplus():
            return
        due_s = self.idle[0].idle_since_s + after_s
        self._idle_check = self._clock.schedule_at(due_s, lambda: self._close_surplus(after_s))

    def _has_surplus(self) -> bool:
        return bool(self.idle) and self.size > self._settings.min_size

    def _close_surplus(self, after_s: float) -> None:
        self._idle_check = None
        while self._has_surplus() and self.idle[0].idle_since_s + after_s <= self._clock.now_s:
            self._retire(self.idle.popleft())
        self._plan_idle_check()

    def _retire(self, member: PooledConnection) -> None:
        if member.expiry is not None:
            member.expiry.cancel()
        self.closing += 1
        self.closed += 1
        self._database.submit_close(member.connection, self._has_closed)

    def _has_closed(self) -> None:
        self.closing -= 1
        self._on_change()
