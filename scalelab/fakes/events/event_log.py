"""An append-only log of events, and subscriptions that deliver each at least once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._callbacks import tell_all
from scalelab.fakes._checks import clock_of, function_of, key_of, text
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened; it never changes."""

    offset: int
    """Its place in the log, from 0."""
    event_id: str
    """The same in every copy of the event, also where the log has it twice."""
    key: Hashable
    """What it happened to."""
    version: int
    """Its number among the events of its key, from 1."""
    data: Any
    """What happened."""
    at_s: float
    """When it was appended."""


class EventLog:
    """Events in the order of their coming; nothing is ever changed or removed.

    Parameters
    ----------
    clock : VirtualClock
        Gives the times.

    Examples
    --------
    >>> log = EventLog(VirtualClock())
    >>> log.append("cart 7", "tea").offset
    0
    >>> log.append("cart 7", "milk").version
    2
    >>> [event.data for event in log.read(from_offset=1)]
    ['milk']
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock_of("EventLog", clock)
        self._events: list[Event] = []
        self._versions: Counter[Hashable] = Counter()
        self._known: dict[str, tuple[Hashable, int]] = {}
        self._listeners: list[Callable[[Event], object]] = []
        self._untold: deque[Event] = deque()  # the listeners have not heard of these yet

    def __len__(self) -> int:
        return len(self._events)

    def append(self, key: Hashable, data: Any, *, event_id: str | None = None) -> Event:
        """Add an event.

        Parameters
        ----------
        key : hashable
            What it happened to.
        data : object
            What happened.
        event_id : str, optional
            Whoever may append an event twice gives both the same id; they then share the
            version, too.
        """
        key_of("EventLog.append", key)
        offset = len(self._events)
        if event_id is None:
            event_id = f"#{offset}"
        text("EventLog.append", "event_id", event_id)
        if event_id not in self._known:
            self._versions[key] += 1
            self._known[event_id] = key, self._versions[key]
        first_key, version = self._known[event_id]
        if first_key != key:
            rule = f"be the id of an event of {key!r}"
            v.refuse("EventLog.append", "event_id", rule, event_id, "give each event its own")
        event = Event(
            offset=offset,
            event_id=event_id,
            key=key,
            version=version,
            data=data,
            at_s=self.clock.now_s,
        )
        self._events.append(event)
        self._untold.append(event)
        if len(self._untold) == 1:  # else a listener is appending: every one hears in order
            while self._untold:
                tell_all(self.clock, self._listeners, self._untold[0])
                self._untold.popleft()
        return event

    def read(self, from_offset: int = 0, limit: int | None = None) -> tuple[Event, ...]:
        """Return the events from an offset >= 0 on, `limit` of them at most, >= 1."""
        first = v.count("EventLog.read", "from_offset", from_offset, minimum=0)
        last = None if limit is None else first + v.count("EventLog.read", "limit", limit)
        return tuple(self._events[first:last])

    def on_append(self, listener: Callable[[Event], object]) -> None:
        """Call `listener` with every event from now on, in order, within the append.

        A listener may append; all listeners then hear of that event after this one. An error in
        a listener comes out of the clock's run; the append and the other listeners go on.
        """
        self._listeners.append(function_of("EventLog.on_append", "listener", listener))

    def check_invariants(self) -> None:
        """Raise AssertionError when offsets, times or versions do not run in order."""
        ensure([e.offset for e in self._events] == list(range(len(self))), "offsets have gaps")
        times = [e.at_s for e in self._events]
        ensure(times == sorted(times), "events in the wrong order of time")
        ids = {(e.key, e.version): e.event_id for e in self._events}
        ensure(len(ids) == len({e.event_id for e in self._events}), "two events share a version")


@dataclass(frozen=True, kw_only=True)
class SubscriptionStats:
    """A subscription's books; ``handled == distinct + repeated``."""

    sent: int
    """Messages that the log sent, repetitions included."""
    handled: int
    """Events given to the handler."""
    repeated: int
    """Of these, events that it had been given before."""
    out_of_order: int
    """Of these, events that came after a later one."""
    committed_offset: int
    """All events below it are acknowledged; a new start would begin here."""
    behind: int
    """Events of the log that are not acknowledged."""


class Subscription:
    """Brings a log's events to a handler, each once or more, until it is acknowledged.

    Parameters
    ----------
    log : EventLog
        Where the events come from.
    handler : callable
        Called with each event that arrives.
    network : FakeNetwork, optional
        The way from the log to the consumer and back, on the log's clock: its delays, losses,
        repetitions and changes of order are the subscription's. Without delay by default.
    name : str
        The consumer's name in the network.
    ack_after_s : float
        Seconds from handling an event to acknowledging it, >= 0. A crash in between makes
        the event come again.
    retry_s : float
        Seconds after which an event that is not acknowledged is sent again, > 0.

    Notes
    -----
    An event is handled, and then acknowledged, so it is never lost; between the two it can
    be handled again. The other order would lose instead of repeat. Exactly once is for the
    handler to see to: :class:`~scalelab.fakes.events.projections.Projection`.

    Examples
    --------
    A crash between handling and acknowledging:

    >>> log = EventLog(VirtualClock())
    >>> seen = []
    >>> consumer = Subscription(log, lambda event: seen.append(event.data), ack_after_s=0.1)
    >>> event = log.append("order 1", "paid")
    >>> log.clock.advance(0.05)
    >>> consumer.crash()
    >>> consumer.restart()
    >>> log.clock.advance(1.0)
    >>> seen, consumer.stats().committed_offset
    (['paid', 'paid'], 1)
    """

    def __init__(
        self,
        log: EventLog,
        handler: Callable[[Event], object],
        *,
        network: FakeNetwork | None = None,
        name: str = "consumer",
        ack_after_s: float = 0.0,
        retry_s: float = 0.5,
    ) -> None:
        self.log = _log_of("Subscription", log)
        self._handler = function_of("Subscription", "handler", handler)
        self.network = FakeNetwork(log.clock) if network is None else network
        if not isinstance(self.network, FakeNetwork) or self.network.clock is not log.clock:
            v.refuse("Subscription", "network", "be a FakeNetwork on the log's clock", network)
        self._name = text("Subscription", "name", name)
        self._ack_after_s = v.number("Subscription", "ack_after_s", ack_after_s, minimum=0)
        self._retry_s = v.number("Subscription", "retry_s", retry_s)
        self._from = f"log of {name}"
        self.network.add([self._from, self._name])
        self.is_up = True
        self._lives = 0
        self._acknowledged: set[int] = set()
        self._retries: dict[int, Timer] = {}
        self._handled: Counter[int] = Counter()
        self._sent = self._latest = self._out_of_order = self._committed = 0
        for event in log.read():
            self._send(event)
        log.on_append(self._send)

    def crash(self) -> None:
        """Take the consumer down: what it has not acknowledged will come again."""
        self.is_up = False
        self._lives += 1

    def restart(self) -> None:
        """Bring the consumer back; the unacknowledged events come again at once."""
        if self.is_up:
            return
        self.is_up = True
        for event in self.log.read(self.committed_offset):
            if event.offset not in self._acknowledged:
                self._send(event)

    @property
    def committed_offset(self) -> int:
        """The first event that is not acknowledged."""
        while self._committed in self._acknowledged:
            self._committed += 1
        return self._committed

    def stats(self) -> SubscriptionStats:
        """Return the books at this moment."""
        handled = sum(self._handled.values())
        return SubscriptionStats(
            sent=self._sent,
            handled=handled,
            repeated=handled - len(self._handled),
            out_of_order=self._out_of_order,
            committed_offset=self.committed_offset,
            behind=len(self.log) - len(self._acknowledged),
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when an event was acknowledged that was never handled."""
        self.log.check_invariants()
        self.network.check_invariants()
        ensure(self._acknowledged <= set(self._handled), "acknowledged, but never handled")
        waiting = set(range(len(self.log))) - self._acknowledged
        ensure(waiting == set(self._retries), "an event that nobody will send again")

    def _send(self, event: Event) -> None:
        self._sent += 1
        waiting = self._retries.pop(event.offset, None)
        if waiting is not None:
            waiting.cancel()
        self._retries[event.offset] = self.log.clock.schedule(
            self._retry_s, lambda: self._send(event)
        )
        self.network.send(self._from, self._name, event, self._receive)

    def _receive(self, event: Event) -> None:
        if not self.is_up:
            return
        life = self._lives
        self._handler(event)
        self._handled[event.offset] += 1
        self._out_of_order += event.offset < self._latest
        self._latest = max(self._latest, event.offset)

        def acknowledge() -> None:
            if self._lives == life:
                self.network.send(self._name, self._from, event.offset, self._note)

        self.log.clock.schedule(self._ack_after_s, acknowledge)

    def _note(self, offset: int) -> None:
        self._acknowledged.add(offset)
        waiting = self._retries.pop(offset, None)
        if waiting is not None:
            waiting.cancel()


def _log_of(function: str, log: EventLog) -> EventLog:
    if not isinstance(log, EventLog):
        v.refuse(function, "log", "be an EventLog", log)
    return log
