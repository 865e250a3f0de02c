"""A service that writes rows and tells others by events: what is where, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.events.outbox import PublishingService

ROWS, ALONE = "rows with an event", "rows without one"
EVENTS, INVENTED, TWICE = "events", "events without a row", "events that came twice"
WAITING, ACKNOWLEDGED, ERRORS = "in the outbox", "writes acknowledged", "errors to the client"
LEGEND: dict[Look, str] = {
    "moving": "write",
    "good": "row",
    "record": "event",
    "again": "event, a second time",
    "lost": "row without an event, or event without a row",
}


def show_publishing(stage: Stage, service: PublishingService) -> None:
    """Show the rows of the database, the outbox if there is one, and the events of the log.

    Parameters
    ----------
    stage : Stage
        The service is on its clock.
    service : PublishingService
        Nothing is written yet, and each write that comes has a key of its own.
    """
    _Publishing(stage, service)


class _Publishing:
    """The picture: a dot for each write and row, each record of the outbox, and each event."""

    def __init__(self, stage: Stage, service: PublishingService) -> None:
        self.stage, self.service = stage, service
        self._writes: dict[Hashable, tuple[int, float]] = {}  # token, and since when
        self._rows: dict[Hashable, int] = {}
        self._records: dict[Hashable, int] = {}
        self._events: dict[Hashable, int] = {}
        self._again = 0  # events that were in the log already
        self._wrong: set[int] = set()
        self._answers = {ACKNOWLEDGED: 0, ERRORS: 0}
        self._scenery()
        tap(service, "submit_put", self._put)
        stage.watch(self._look, self._books)

    def _scenery(self) -> None:
        stage = self.stage
        stage.height, stage.noun = 150.0, "write"
        stage.legend |= LEGEND
        stage.box(Box(label="client", x=4, y=50, width=52, height=28))
        self._database = stage.box(Box(label="database", x=104, y=28, width=128, height=88))
        stage.box(Box(label="log of events", x=284, y=28, width=112, height=88))
        self._client = stage.place(Place(name="the client", x=30, y=64))
        out = Place(name="the client, acknowledged", x=30, y=64, keep="out", counter=ACKNOWLEDGED)
        self._answered = stage.place(out)
        self._refused = stage.place(replace(out, name="the client, an error", counter=ERRORS))
        line = Place(name="rows", x=114, y=44, keep="line", dx=12, columns=10, most=10)
        self._row = stage.place(replace(line, counter=ROWS))
        self._alone = stage.place(replace(line, name=ALONE, y=64, counter=ALONE))
        self._outbox = stage.place(replace(line, name="outbox", y=100, counter=WAITING))
        stage.sign(168, 88, "outbox")
        self._door = stage.place(Place(name="the service", x=232, y=72, keep="out"))
        line = replace(line, x=294, columns=9, most=9)
        self._event = stage.place(replace(line, name="events", counter=EVENTS))
        self._invented = stage.place(replace(line, name=INVENTED, y=64, counter=INVENTED))
        self._twice = stage.place(replace(line, name=TWICE, y=100, counter=TWICE))

    def _put(
        self,
        original: Callable[..., None],
        key: Hashable,
        value: Any,
        on_done: Callable[[int], object],
        on_failed: Callable[[Exception], object],
    ) -> None:
        token, since_s = self.stage.token(self._client), self.stage.clock.now_s
        self._writes[key] = token, since_s

        def done(number: int) -> None:
            self._answer(self._answered, "good", ACKNOWLEDGED)
            on_done(number)

        def failed(error: Exception) -> None:
            if key not in self.service.rows:  # the write ends at the door
                self.stage.move(self._writes.pop(key)[0], self._door, since_s=since_s)
            self._answer(self._refused, "lost", ERRORS)
            on_failed(error)

        original(key, value, done, failed)

    def _answer(self, place: int, look: Look, counter: str) -> None:
        self.stage.move(self.stage.token(self._door, look), place)
        self._answers[counter] += 1

    def _look(self) -> None:
        audit = self.service.audit()
        for key in self.service.rows:
            if key not in self._rows:
                token, since_s = self._writes.pop(key)
                self._rows[key] = token
                self.stage.move(token, self._row, "good", since_s=since_s)
        for event in self.service.log.read(len(self._events) + self._again):
            self._append(event.key)
        self._keep_outbox(audit.unsent)
        self._judge(audit.lost, audit.invented)
        self.stage.state(self._database, "" if self.service.is_up else "down", bad=True)

    def _append(self, key: Hashable) -> None:
        again = key in self._events
        token = self.stage.token(self._door, "again" if again else "record")
        self.stage.move(token, self._twice if again else self._event)
        if again:
            self._again += 1
        else:
            self._events[key] = token

    def _keep_outbox(self, unsent: int) -> None:
        """Show the outbox as a line: what is in it are the last rows that were committed."""
        inside = list(self._rows)[len(self._rows) - unsent :] if unsent else []
        for key in [key for key in self._records if key not in inside]:
            self.stage.move(self._records.pop(key), self._door)
        for key in inside:
            if key not in self._records:
                self._records[key] = self.stage.token(self._outbox, "record")

    def _judge(self, lost: int, invented: int) -> None:
        """Set apart the oldest rows without an event, and the oldest events without a row.

        What is under way comes later than what a crash has cut off.
        """
        rows = [t for k, t in self._rows.items() if k not in self._events | self._records]
        events = [t for k, t in self._events.items() if k not in self._rows]
        for place, tokens in ((self._alone, rows[:lost]), (self._invented, events[:invented])):
            for token in set(tokens) - self._wrong:
                self._wrong.add(token)
                self.stage.move(token, place, "lost")

    def _books(self) -> dict[str, int]:
        audit = self.service.audit()
        return {
            ROWS: audit.committed - audit.lost,
            ALONE: audit.lost,
            EVENTS: audit.published - audit.invented,
            INVENTED: audit.invented,
            TWICE: audit.repeated,
            WAITING: audit.unsent,
            **self._answers,
        }
