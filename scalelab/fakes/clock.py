"""A clock that moves only when it is told to, and runs what is due on the way."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scalelab import _validate as v

Action = Callable[[], object]
Begin = Callable[[Callable[[Any], object], Callable[[Exception], object]], object]


class Timer:
    """Something that will happen at a known time, unless it is cancelled."""

    __slots__ = ("_clock", "action", "due_s")

    def __init__(self, due_s: float, action: Action, clock: VirtualClock) -> None:
        self.due_s = due_s
        self.action: Action | None = action  # None once it has happened or was cancelled
        self._clock = clock

    def cancel(self) -> None:
        """Take the event back; harmless when it has happened already."""
        if self.action is not None:
            self.action = None
            self._clock._sweep()


class VirtualClock:
    """Time in seconds that passes in jumps, from one event to the next.

    Nothing sleeps: ten minutes of a pool's life take a few milliseconds.
    Events that are due at the same time run in the order of their scheduling.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> event = clock.schedule(600.0, lambda: print("idle timeout at", clock.now_s))
    >>> clock.advance(601.0)
    idle timeout at 600.0
    >>> clock.now_s
    601.0
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        self._events: list[tuple[float, int, Timer]] = []
        self._cancelled = 0  # of these
        self._order = itertools.count()
        self._watchers: list[Action] = []
        self._running = False

    @property
    def now_s(self) -> float:
        """The present time in seconds."""
        return self._now_s

    def schedule(self, delay_s: float, action: Action) -> Timer:
        """Run `action` after `delay_s` seconds, >= 0, of virtual time."""
        # _after() finds the words, but is slow for a check that every event needs.
        due_s = self._now_s + delay_s if type(delay_s) is float and delay_s >= 0 else math.inf
        if due_s == math.inf:
            due_s = self._after("schedule", "delay_s", delay_s)
        return self._add(due_s, action)

    def schedule_at(self, time_s: float, action: Action) -> Timer:
        """Run `action` at exactly `time_s`, which must not be past."""
        return self._add(self._not_past("schedule_at", "time_s", time_s), action)

    def watch(self, look: Action) -> None:
        """Call `look()` after every event from now on; it looks, and changes nothing."""
        self._watchers.append(look)

    def advance(self, seconds: float) -> None:
        """Let `seconds`, >= 0, pass, and run everything that falls due, in order.

        Raises
        ------
        RuntimeError
            Called from inside an event.
        """
        self._run(self._after("advance", "seconds", seconds))

    def run(self, until_s: float) -> None:
        """Let time pass up to the absolute time `until_s`, not before now; see :meth:`advance`.

        Raises
        ------
        RuntimeError
            Called from inside an event.
        """
        self._run(self._not_past("run", "until_s", until_s))

    def run_until(self, condition: Callable[[], object], timeout_s: float | None = None) -> bool:
        """Run events one by one until `condition()` holds.

        Returns
        -------
        bool
            Whether it came to hold. False when `timeout_s` seconds passed
            without it, or when, without a timeout, no event is left.

        Raises
        ------
        RuntimeError
            Called from inside an event, unless the condition holds already.
        """
        if condition():
            return True
        if timeout_s is None:
            return self._run(math.inf, condition)
        return self._run(self._after("run_until", "timeout_s", timeout_s), condition)

    def wait_for(self, begin: Begin) -> Any:
        """Turn an event-style call into a blocking one.

        Every blocking verb of the fakes is its event-style twin and this.

        Parameters
        ----------
        begin : callable
            Called with two functions, `succeed(value)` and `fail(error)`; it
            starts something that will call one of them.

        Returns
        -------
        object
            The value that `succeed` got.

        Raises
        ------
        RuntimeError
            Called from inside an event, or nothing is left that could call either.
        """
        outcomes: list[tuple[Any, Exception | None]] = []
        self._refuse_inside_event("a blocking call")
        begin(
            lambda value: outcomes.append((value, None)),
            lambda error: outcomes.append((None, error)),
        )
        if not self.run_until(lambda: outcomes):
            raise RuntimeError("VirtualClock.wait_for: no event is left that could end the wait")
        value, error = outcomes[0]
        if error is not None:
            raise error
        return value

    def _after(self, verb: str, argument: str, seconds: float) -> float:
        """Time that lies `seconds` from now."""
        if not (isinstance(seconds, float) and 0 <= seconds < math.inf):
            seconds = v.number(f"VirtualClock.{verb}", argument, seconds, minimum=0)
        time_s = self._now_s + float(seconds)
        if time_s == math.inf:
            rule = f"lie in a time that a float can hold, from now_s={self._now_s:g} on"
            v.refuse(f"VirtualClock.{verb}", argument, rule, seconds)
        return time_s

    def _not_past(self, verb: str, argument: str, time_s: float) -> float:
        if isinstance(time_s, float) and self._now_s <= time_s < math.inf:
            return float(time_s)
        rule = f"be finite and >= now_s={self._now_s:g}"
        try:
            checked_s = v.number(f"VirtualClock.{verb}", argument, time_s, minimum=0)
        except ValueError:
            v.refuse(f"VirtualClock.{verb}", argument, rule, time_s)
        if checked_s < self._now_s:
            v.refuse(f"VirtualClock.{verb}", argument, rule, time_s)
        return checked_s

    def _add(self, due_s: float, action: Action) -> Timer:
        event = Timer(due_s, action, self)
        heapq.heappush(self._events, (due_s, next(self._order), event))
        return event

    def _sweep(self) -> None:
        """Drop the cancelled events when they are most of all, so that they do not pile up."""
        self._cancelled += 1
        if self._cancelled > 64 and 2 * self._cancelled > len(self._events):
            self._events = [entry for entry in self._events if entry[2].action is not None]
            heapq.heapify(self._events)
            self._cancelled = 0

    def _run(self, end_s: float, condition: Callable[[], object] | None = None) -> bool:
        """Run what is due up to `end_s`; stop early, with True, when `condition()` holds."""
        with self._inside_event():
            while self._events and self._events[0][0] <= end_s:
                due_s, _, event = heapq.heappop(self._events)
                action, event.action = event.action, None
                if action is None:
                    self._cancelled -= 1
                    continue
                self._now_s = due_s
                action()
                for look in self._watchers:
                    look()
                if condition is not None and condition():
                    return True
        if end_s < math.inf:
            self._now_s = end_s
        return False

    @contextmanager
    def _inside_event(self) -> Iterator[None]:
        self._refuse_inside_event("running the clock")
        self._running = True
        try:
            yield
        finally:
            self._running = False

    def _refuse_inside_event(self, what: str) -> None:
        # Nested runs would let later events finish before the one that waits for them.
        if self._running:
            raise RuntimeError(
                f"VirtualClock: {what} must not start inside an event; "
                "use the event style there (schedule, submit, request)"
            )
