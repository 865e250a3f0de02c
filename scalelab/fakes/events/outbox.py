"""A row in a database and an event in a log: written together, or one after the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

from scalelab import _validate as v
from scalelab.fakes._checks import OnDone, OnFailed, function_of, key_of
from scalelab.fakes.events.event_log import Event, EventLog
from scalelab.fakes.invariants import ensure

Method = Literal["commit_then_publish", "publish_then_commit", "outbox"]


class ServiceDownError(RuntimeError):
    """The service is down or went down; the write may have happened."""


@dataclass(frozen=True, kw_only=True)
class PublishingAudit:
    """The database against the log."""

    committed: int
    """Writes in the database."""
    published: int
    """Different events in the log."""
    lost: int
    """Writes in the database without an event, and without anybody who would still send it."""
    invented: int
    """Events in the log of writes that are not, and will not be, in the database."""
    repeated: int
    """Events that the log has twice or more, beyond the first."""
    unsent: int
    """Records that wait in the outbox."""


class PublishingService:
    """Writes rows, and tells others by events.

    Parameters
    ----------
    log : EventLog
        Where the events go; its clock is the clock.
    method : {"commit_then_publish", "publish_then_commit", "outbox"}
        Two writes one after the other, in either order; or the event's record in the same
        transaction as the row, and a relay that publishes what it finds there.
    commit_s, publish_s : float
        Seconds that a commit, and a publication, take, >= 0.
    poll_s : float
        Seconds from one look of the relay into the outbox to the next, > 0.
    mark_s : float
        Seconds from a publication to the relay's mark in the outbox, >= 0. A crash in between
        makes it publish the event again.

    Notes
    -----
    The database and the log cannot commit together without a two-phase commit. The outbox
    needs none: it turns "lost or invented" into "perhaps twice", and an :class:`Inbox` at the
    consumer turns that into once.

    References
    ----------
    Helland, "Life beyond distributed transactions: an apostate's opinion", CIDR 2007.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> for method in ("commit_then_publish", "publish_then_commit", "outbox"):
    ...     service = PublishingService(EventLog(VirtualClock()), method=method)
    ...     service.submit_put("laptop", 999, print, lambda error: None)
    ...     service.clock.advance(0.007)
    ...     service.crash()
    ...     service.restart()
    ...     service.clock.advance(5.0)
    ...     audit = service.audit()
    ...     print(method, audit.lost, audit.invented, audit.published)
    commit_then_publish 1 0 0
    publish_then_commit 0 1 1
    1
    outbox 0 0 1
    """

    def __init__(
        self,
        log: EventLog,
        *,
        method: Method = "outbox",
        commit_s: float = 0.005,
        publish_s: float = 0.005,
        poll_s: float = 0.1,
        mark_s: float = 0.005,
    ) -> None:
        name = "PublishingService"
        if not isinstance(log, EventLog):
            v.refuse(name, "log", "be an EventLog", log)
        self.log, self.clock = log, log.clock
        self.method = v.choice(name, "method", method, get_args(Method))
        self._commit_s = v.number(name, "commit_s", commit_s, minimum=0)
        self._publish_s = v.number(name, "publish_s", publish_s, minimum=0)
        self._mark_s = v.number(name, "mark_s", mark_s, minimum=0)
        self._poll_s = v.number(name, "poll_s", poll_s)
        self.rows: dict[Hashable, Any] = {}
        self.is_up = True
        self._lives = self._writes = 0
        self._committed: dict[str, tuple[Hashable, Any]] = {}
        self._outbox: dict[str, tuple[Hashable, Any]] = {}
        self._under_way: dict[str, OnFailed] = {}
        self._is_relaying = False

    def put(self, key: Hashable, value: Any) -> int:
        """Write a row and see to its event; the virtual clock passes.

        Returns
        -------
        int
            The number of the write.

        Raises
        ------
        ServiceDownError
            The service is down, or went down; the write may have happened.
        """
        return self.clock.wait_for(lambda done, failed: self.submit_put(key, value, done, failed))

    def submit_put(self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to write; one of the functions is called by the clock, once; see `put`."""
        key_of("PublishingService.put", key)
        if not self.is_up:
            self.clock.schedule(0.0, lambda: on_failed(_down()))
            return
        self._writes += 1
        number, write = self._writes, f"write {self._writes}"
        self._under_way[write] = on_failed

        def commit(then: Callable[[], object]) -> None:
            def end() -> None:
                self._commit(write, key, value)
                then()

            self._later(self._commit_s, end)

        def publish(then: Callable[[], object]) -> None:
            def end() -> None:
                self.log.append(key, value, event_id=write)
                then()

            self._later(self._publish_s, end)

        def finish() -> None:
            del self._under_way[write]
            on_done(number)

        if self.method == "commit_then_publish":
            commit(lambda: publish(finish))
        elif self.method == "publish_then_commit":
            publish(lambda: commit(finish))
        else:
            commit(finish)

    def crash(self) -> None:
        """Go down: what is under way stops where it is. Rows and outbox are on disk."""
        self.is_up = False
        self._lives += 1
        self._is_relaying = False
        lost, self._under_way = self._under_way, {}
        for on_failed in lost.values():
            self.clock.schedule(0.0, partial(on_failed, _down()))

    def restart(self) -> None:
        """Come up again; the relay goes on with what is not marked."""
        self.is_up = True
        self._wake_relay()

    def audit(self) -> PublishingAudit:
        """Compare the database with the log at this moment."""
        events = [event.event_id for event in self.log.read()]
        published = set(events)
        settled = set(self._committed) - set(self._outbox) - set(self._under_way)
        return PublishingAudit(
            committed=len(self._committed),
            published=len(published),
            lost=len(settled - published),
            invented=len(published - set(self._committed) - set(self._under_way)),
            repeated=len(events) - len(published),
            unsent=len(self._outbox),
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when an outbox lost or invented an event."""
        self.log.check_invariants()
        audit = self.audit()
        if self.method == "outbox":
            ensure(audit.lost == 0, "the outbox lost an event")
            ensure(audit.invented == 0, "the outbox sent what was not committed")
            ensure(not self.is_up or not self._outbox or self._is_relaying, "the relay sleeps")
        else:
            ensure(audit.repeated == 0 and audit.unsent == 0, "an event was sent twice")
        ensure(self.is_up or not self._under_way, "a service that is down is at work")

    def _commit(self, write: str, key: Hashable, value: Any) -> None:
        self._committed[write] = key, value
        self.rows[key] = value
        if self.method == "outbox":
            self._outbox[write] = key, value  # the same transaction: both or neither
            self._wake_relay()

    def _wake_relay(self) -> None:
        if self._outbox and not self._is_relaying:
            self._is_relaying = True
            self._later(self._poll_s, self._relay)

    def _relay(self) -> None:
        """Publish the oldest record, mark it, and go on until there is none."""
        if not self._outbox:
            self._is_relaying = False
            return
        write, (key, value) = next(iter(self._outbox.items()))

        def mark() -> None:
            del self._outbox[write]
            self._relay()

        def publish() -> None:
            self.log.append(key, value, event_id=write)
            self._later(self._mark_s, mark)

        self._later(self._publish_s, publish)

    def _later(self, delay_s: float, action: Callable[[], object]) -> None:
        life = self._lives
        self.clock.schedule(delay_s, lambda: action() if self._lives == life else None)


class Inbox:
    """Lets each event through once, however often it comes.

    Parameters
    ----------
    handler : callable
        Called with an event that is new. Its effect and the note of the event's id are one
        transaction: both or neither.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> event = EventLog(VirtualClock()).append("order 1", "paid")
    >>> inbox = Inbox(lambda event: print("ship", event.key))
    >>> inbox.receive(event)
    ship order 1
    >>> inbox.receive(event)
    >>> inbox.repeated
    1
    """

    def __init__(self, handler: Callable[[Event], object]) -> None:
        self._handler = function_of("Inbox", "handler", handler)
        self._seen: set[str] = set()
        self.repeated = 0

    def receive(self, event: Event) -> None:
        """Handle an event unless it was handled before."""
        if not isinstance(event, Event):
            v.refuse("Inbox.receive", "event", "be an Event", event)
        if event.event_id in self._seen:
            self.repeated += 1
            return
        self._seen.add(event.event_id)  # before the call, in which the event may come again
        try:
            self._handler(event)
        except BaseException:
            self._seen.remove(event.event_id)
            raise


def _down() -> ServiceDownError:
    return ServiceDownError(
        "PublishingService.put: service must be up, got one that is down; "
        "the write may have happened"
    )
