"""Projections: a state that is a fold of events, however often and in whatever order they come."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from scalelab import _validate as v
from scalelab.fakes._checks import function_of, key_of
from scalelab.fakes.events.event_log import Event, EventLog
from scalelab.fakes.invariants import ensure

Guard = Literal["none", "event_id", "offset", "version"]
Fold = Callable[[Any, Event], Any]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A projection's whole state at some moment, as it would lie on disk."""

    offset: int
    """Every event below it is in the state."""
    states: dict[Hashable, Any]
    """State of each key."""
    versions: dict[Hashable, int]
    """Version of each key's last event."""
    seen: frozenset[str]
    """Ids of the events that were applied."""
    early: dict[Hashable, dict[int, Event]]
    """Events that wait for an earlier one."""
    passed: frozenset[int]
    """Offsets from `offset` on that were applied already."""


class Projection:
    """State by key, built from events by a fold.

    Parameters
    ----------
    fold : callable
        From the state of a key and an event to the new state; it changes nothing in place.
    initial : object
        State of a key before its first event.
    guard : {"none", "event_id", "offset", "version"}
        What the projection knows about repetitions and order. "none": it applies whatever
        comes. "event_id": it applies each id once, in the order of coming. "offset": it
        skips what is not later than what it had, so a late event is lost. "version": it
        applies each key's events in their order, and lets an early one wait.

    Notes
    -----
    Under repetition alone, all guards but "none" are right. Under changes of order, "version"
    is, and "event_id" only if the fold does not mind the order, as a sum does not.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> log = EventLog(VirtualClock())
    >>> events = [log.append("account", amount) for amount in (100, -30)]
    >>> for guard in ("none", "event_id"):
    ...     balance = Projection(lambda state, event: state + event.data, 0, guard=guard)
    ...     for event in [*events, events[1]]:
    ...         balance.apply(event)
    ...     print(guard, balance.get("account"))
    none 40
    event_id 70
    """

    def __init__(self, fold: Fold, initial: Any = None, *, guard: Guard = "version") -> None:
        self._fold = function_of("Projection", "fold", fold)
        self._initial = initial
        self.guard = cast(Guard, v.choice("Projection", "guard", guard, get_args(Guard)))
        self._states: dict[Hashable, Any] = {}
        self._versions: dict[Hashable, int] = {}
        self._seen: set[str] = set()
        self._early: dict[Hashable, dict[int, Event]] = {}
        self._passed: set[int] = set()
        self._failed: set[Hashable] = set()  # keys whose next event the fold has failed for
        self._offset = 0
        self.applied = self.skipped = 0

    @property
    def offset(self) -> int:
        """Where a replay has to begin, since every event below it has come."""
        return self._offset

    @property
    def waiting(self) -> int:
        """Events that came early, and wait for one that is missing."""
        return sum(len(events) for events in self._early.values())

    def get(self, key: Hashable) -> Any:
        """State of a key."""
        return self._states.get(key_of("Projection.get", key), self._initial)

    def version_of(self, key: Hashable) -> int:
        """Version of a key's last event that was applied; 0 without any."""
        return self._versions.get(key_of("Projection.version_of", key), 0)

    def states(self) -> dict[Hashable, Any]:
        """State of every key that has had an event."""
        return dict(self._states)

    def apply(self, event: Event) -> None:
        """Take an event in, if the guard lets it pass."""
        if not isinstance(event, Event):
            v.refuse("Projection.apply", "event", "be an Event", event)
        if self.guard == "version":
            self._in_order(event)
        elif (self.guard == "event_id" and event.event_id in self._seen) or (
            self.guard == "offset" and self._versions and event.offset < self._offset
        ):
            self.skipped += 1
        else:
            self._take(event)
        self._pass(event.offset)

    def catch_up(self, log: EventLog) -> int:
        """Apply what the log has from this projection's offset on; returns how many events."""
        if not isinstance(log, EventLog):
            v.refuse("Projection.catch_up", "log", "be an EventLog", log)
        events = log.read(self._offset)
        for event in events:
            self.apply(event)
        return len(events)

    def rebuilt(self, log: EventLog) -> Projection:
        """Build the same projection from the beginning of a log, as after a change of the fold."""
        fresh = Projection(self._fold, self._initial, guard=self.guard)
        fresh.catch_up(log)
        return fresh

    def snapshot(self) -> Snapshot:
        """Return the state together with its offset, so that a replay need not begin at zero."""
        return Snapshot(
            offset=self._offset,
            states=copy.deepcopy(self._states),
            versions=dict(self._versions),
            seen=frozenset(self._seen),
            early={key: dict(events) for key, events in self._early.items()},
            passed=frozenset(self._passed),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, as after a crash; `catch_up` brings the rest."""
        if not isinstance(snapshot, Snapshot):
            v.refuse("Projection.restore", "snapshot", "be a Snapshot", snapshot)
        self._offset = snapshot.offset
        self._states = copy.deepcopy(snapshot.states)
        self._versions = dict(snapshot.versions)
        self._seen = set(snapshot.seen)
        self._early = {key: dict(events) for key, events in snapshot.early.items()}
        self._passed = set(snapshot.passed)
        self._failed.clear()

    def check_invariants(self) -> None:
        """Raise AssertionError when an event waits that could be applied."""
        for key, events in self._early.items():
            idle = min(events) <= self._versions.get(key, 0) + 1 and key not in self._failed
            ensure(not idle, "an event waits for nothing")
        ensure(all(offset > self._offset for offset in self._passed), "the offset lags behind")
        ensure(set(self._states) == set(self._versions), "states and versions differ")

    def _take(self, event: Event) -> None:
        self._states[event.key] = self._fold(self.get(event.key), event)
        self._versions[event.key] = event.version
        if self.guard == "event_id":
            self._seen.add(event.event_id)
        self.applied += 1

    def _in_order(self, event: Event) -> None:
        key, early = event.key, self._early.get(event.key, {})
        if event.version <= self._versions.get(key, 0) or event.version in early:
            self.skipped += 1
        elif event.version > self._versions.get(key, 0) + 1:
            self._early.setdefault(key, early)[event.version] = event
        else:
            self._take(event)
        # what waited goes on waiting if the fold fails for it, until the key's next event
        self._failed.add(key)
        while (following := early.get(self._versions.get(key, 0) + 1)) is not None:
            self._take(following)
            del early[following.version]
        self._failed.remove(key)
        if not early:
            self._early.pop(key, None)

    def _pass(self, offset: int) -> None:
        if self.guard == "offset":  # it believes that what it has not seen is behind it
            self._offset = max(self._offset, offset + 1)
            return
        self._passed |= {offset} if offset >= self._offset else set()
        while self._offset in self._passed:
            self._passed.remove(self._offset)
            self._offset += 1
