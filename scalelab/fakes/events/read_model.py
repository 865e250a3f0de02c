"""The read side of CQRS: a projection that takes time, and shows its state at refreshes."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of, key_of
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import Event
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.invariants import ensure


class ReadModel:
    """What queries see: the projection as it was at the last refresh.

    Give `receive` to a :class:`~scalelab.fakes.events.event_log.Subscription` as its handler; the
    delay of its network is the pipeline before the read model.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    projection : Projection
        Turns events into states.
    refresh_interval_s : float
        Seconds between two refreshes, >= 0; 0 shows everything at once.
    work_s : float
        Seconds that the projector works on an event, one after another, >= 0: below this
        distance of events, it falls behind further and further.

    Notes
    -----
    The lag of an event is the time from its append to the refresh that shows it: pipeline,
    then the line and the work of the projector, then the wait for a refresh, which is
    uniform over the interval for events at random times.

    Examples
    --------
    >>> from scalelab.fakes.events.event_log import EventLog, Subscription
    >>> log = EventLog(VirtualClock())
    >>> prices = Projection(lambda state, event: event.data)
    >>> search = ReadModel(log.clock, prices, refresh_interval_s=1.0)
    >>> subscription = Subscription(log, search.receive)
    >>> log.clock.advance(0.25)
    >>> event = log.append("laptop", 999)
    >>> log.clock.advance(0.5)
    >>> search.get("laptop") is None
    True
    >>> log.clock.advance(0.5)
    >>> search.get("laptop"), search.lags_s()
    (999, array([0.75]))
    """

    def __init__(
        self,
        clock: VirtualClock,
        projection: Projection,
        *,
        refresh_interval_s: float = 0.0,
        work_s: float = 0.0,
    ) -> None:
        self._clock = clock_of("ReadModel", clock)
        if not isinstance(projection, Projection):
            v.refuse("ReadModel", "projection", "be a Projection", projection)
        self.projection = projection
        self._interval_s = v.number(
            "ReadModel", "refresh_interval_s", refresh_interval_s, minimum=0
        )
        self._work_s = v.number("ReadModel", "work_s", work_s, minimum=0)
        self._free_at_s = 0.0
        self._in_line = 0
        self._is_refresh_due = False
        self._shown: dict[Hashable, Any] = {}
        self._shown_version: dict[Hashable, int] = {}
        self._unseen: dict[Hashable, dict[int, float]] = {}
        self._lags_s: list[float] = []
        self.refreshes = 0

    def receive(self, event: Event) -> None:
        """Take an event into the projector's line."""
        if not isinstance(event, Event):
            v.refuse("ReadModel.receive", "event", "be an Event", event)
        if event.version > self._shown_version.get(event.key, 0):
            self._unseen.setdefault(event.key, {}).setdefault(event.version, event.at_s)
        self._in_line += 1
        self._free_at_s = max(self._free_at_s, self._clock.now_s) + self._work_s
        if self._free_at_s == self._clock.now_s:
            self._project(event)
        else:
            self._clock.schedule_at(self._free_at_s, lambda: self._project(event))

    def get(self, key: Hashable) -> Any:
        """State of a key as of the last refresh; None where it has never been shown."""
        return self._shown.get(key_of("ReadModel.get", key))

    def version_of(self, key: Hashable) -> int:
        """Version that `get` shows; 0 where there is nothing yet."""
        return self._shown_version.get(key_of("ReadModel.version_of", key), 0)

    @property
    def in_line(self) -> int:
        """Events that the projector has not done yet."""
        return self._in_line

    def lags_s(self) -> NDArray[np.float64]:
        """Lag of every event that was shown so far, in the order of showing."""
        return np.asarray(self._lags_s)

    def check_invariants(self) -> None:
        """Raise AssertionError when queries see what the projection never had."""
        self.projection.check_invariants()
        ensure(self._in_line >= 0, "an event was projected twice")
        ensure(all(lag >= 0 for lag in self._lags_s), "an event was shown before it happened")
        for key, version in self._shown_version.items():
            ahead = version > self.projection.version_of(key)
            ensure(not ahead or self.projection.guard == "none", "shown, but not projected")

    def _project(self, event: Event) -> None:
        self._in_line -= 1
        self.projection.apply(event)
        if self._interval_s == 0:
            self._refresh()
        elif not self._is_refresh_due:
            self._is_refresh_due = True
            number = math.floor(self._clock.now_s / self._interval_s) + 1
            due_s = max(number * self._interval_s, self._clock.now_s)
            self._clock.schedule_at(due_s, self._refresh)

    def _refresh(self) -> None:
        self._is_refresh_due = False
        self.refreshes += 1
        now_s = self._clock.now_s
        for key, waiting in list(self._unseen.items()):
            version = self.projection.version_of(key)
            for number in [n for n in waiting if n <= version]:
                self._lags_s.append(now_s - waiting.pop(number))
            if not waiting:
                del self._unseen[key]
            if version:
                self._shown[key] = self.projection.get(key)
                self._shown_version[key] = version
