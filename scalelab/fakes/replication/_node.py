"""One node of a replicated store: its log, the data made from it, and two cursors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.replication.log import Entry, Log, Position

NEVER_WRITTEN = (None, 0)


class Leader(Protocol):
    """What others want of a node while it takes itself for the primary."""

    node: Node
    opening: Position

    def write(
        self,
        key: Hashable,
        value: Any,
        expected_version: int | None,
        on_written: Callable[[Any], object],
        on_failed: Callable[[Exception], object],
    ) -> None:
        """Take a client's write."""

    def hear_from(self, replica: Node) -> None:
        """Learn how far a replica has come."""

    def crash(self) -> None:
        """Go down with the node."""

    def step_down(self) -> None:
        """Be a replica again."""

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""


class Node:
    """A server that has received the log up to one place and applied it up to another.

    Log, data and cursors are on disk and outlive a crash; what the node was about to do
    does not.

    Parameters
    ----------
    name : str
        Its name in the network.
    clock : VirtualClock
        Whose time passes.
    apply_delay : callable
        Gives the seconds from receiving a record to applying it.
    apply_work_s : float
        Seconds that applying one record takes, one after another.
    """

    def __init__(
        self, name: str, clock: VirtualClock, apply_delay: Callable[[], float], apply_work_s: float
    ) -> None:
        self.name = name
        self.clock = clock
        self.log = Log()
        self.applied_lsn = 0
        self.is_up = True
        self.role: Leader | None = None  # set while the node takes itself for the primary
        self.follows: Leader | None = None  # whose records it accepts; others are fenced off
        self.last_commit_s: float | None = None  # of the last write applied
        self._apply_delay, self._apply_work_s = apply_delay, apply_work_s
        self._apply_free_s = 0.0
        self._data: dict[Hashable, tuple[Any, int]] = {}
        self._life = 0
        self._waiting: list[tuple[Position, Callable[[], object]]] = []

    @property
    def received_lsn(self) -> int:
        """Number of the last record in the log."""
        return len(self.log)

    @property
    def applied(self) -> Position:
        """Position of the last record applied."""
        return self.log.position_at(self.applied_lsn)

    def look_up(self, key: Hashable) -> tuple[Any, int]:
        """Value and version of a key in the data applied so far."""
        return self._data.get(key, NEVER_WRITTEN)

    def versions(self) -> dict[Hashable, int]:
        """Version of every key at the end of the log, applied or not."""
        return {entry.key: entry.version for entry in self.log.after(0) if entry.is_write}

    def later(self, delay_s: float, action: Callable[[], object]) -> None:
        """Do something after a while, unless the node crashes or changes its role first."""
        life = self._life

        def act() -> None:
            if self.is_up and self._life == life:
                action()

        self.clock.schedule(delay_s, act)

    def receive(self, entries: Iterable[Entry]) -> None:
        """Append the records that come next; old ones and those after a gap are passed over."""
        for entry in entries:
            if entry.position.lsn == self.received_lsn + 1:
                self.log.append(entry)
                self._plan_to_apply(entry.position.lsn)

    def apply_up_to(self, lsn: int) -> None:
        """Apply all records up to a number at once."""
        while self.applied_lsn < min(lsn, self.received_lsn):
            self.applied_lsn += 1
            self._apply(self.log.entry(self.applied_lsn))
        self._serve_waiting()

    def when_applied(self, position: Position, action: Callable[[], object]) -> None:
        """Call `action` once the node has applied the log up to `position`."""
        self._waiting.append((position, action))
        self._serve_waiting()

    def crash(self) -> None:
        """Stop, and forget what is not on disk."""
        self.is_up = False
        self.forget_plans()
        self._waiting.clear()

    def restart(self) -> None:
        """Go on where the cursors stand."""
        self.is_up = True
        self.forget_plans()
        self.plan_to_apply_the_rest()

    def forget_plans(self) -> None:
        """Do nothing of what `later` was asked for."""
        self._life += 1
        self._apply_free_s = 0.0

    def plan_to_apply_the_rest(self) -> None:
        """Apply what was received and not applied, as a replica does."""
        for lsn in range(self.applied_lsn + 1, self.received_lsn + 1):
            self._plan_to_apply(lsn)

    def rewind(self, lsn: int) -> int:
        """Discard the log after a number, undo what was applied of it; return how many records."""
        if lsn == self.received_lsn:
            return 0
        discarded = self.log.discard_after(lsn)
        if self.applied_lsn > lsn:
            self._data.clear()
            self.last_commit_s = None
            self.applied_lsn = 0
            self.apply_up_to(lsn)
        return discarded

    def check_invariants(self) -> None:
        """Raise AssertionError when data and log do not agree."""
        self.log.check_invariants()
        ensure(0 <= self.applied_lsn <= self.received_lsn, "applied before it was received")
        data = {}
        for entry in self.log.after(0)[: self.applied_lsn]:
            if entry.is_write:
                data[entry.key] = (entry.value, entry.version)
        ensure(data == self._data, "the data are not what the log says")
        ensure(self.is_up or not self._waiting, "a request waits at a node that is down")
        ensure(all(p > self.applied for p, _ in self._waiting), "a request waits in vain")

    def _plan_to_apply(self, lsn: int) -> None:
        """Apply a record after its delay, but not before the one ahead of it is done."""
        begin_s = max(self.clock.now_s + self._apply_delay(), self._apply_free_s)
        self._apply_free_s = begin_s + self._apply_work_s
        self.later(self._apply_free_s - self.clock.now_s, lambda: self._apply_next(lsn))

    def _apply_next(self, lsn: int) -> None:
        if lsn <= self.applied_lsn or self.role is not None:
            return
        self.apply_up_to(lsn)
        if self.follows is not None:
            self.follows.hear_from(self)

    def _apply(self, entry: Entry) -> None:
        if entry.is_write:
            self._data[entry.key] = (entry.value, entry.version)
            self.last_commit_s = entry.committed_at_s

    def _serve_waiting(self) -> None:
        applied = self.applied
        due = [action for position, action in self._waiting if position <= applied]
        if due:
            self._waiting = [item for item in self._waiting if item[0] > applied]
            for action in due:
                action()
