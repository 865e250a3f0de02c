"""One session in a store, and several clients that load and save it at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.session_store import SessionStore

LEGEND: dict[Look, str] = {
    "moving": "request",
    "good": "answer",
    "lost": "save refused",
}


class Client:
    """A client of a store that is watched: it has the store's verbs, and each message is seen."""

    def __init__(self, show: _Shown, name: str) -> None:
        self._show, self._name = show, name

    @property
    def clock(self) -> VirtualClock:
        """The store's clock."""
        return self._show.store.clock

    def submit_load(self, session_id: str, on_done: Any, on_failed: Any) -> None:
        """Begin to load; see `SessionStore.submit_load`."""
        self._show.store.submit_load(session_id, on_done, on_failed)
        self._show.sent(self._name, "load", None)

    def submit_save(
        self, session_id: str, data: Any, on_done: Any, on_failed: Any, **options: Any
    ) -> None:
        """Begin to save; see `SessionStore.submit_save`."""
        self._show.store.submit_save(session_id, data, on_done, on_failed, **options)
        self._show.sent(self._name, "save", data)


def show_session_store(
    stage: Stage,
    store: SessionStore,
    clients: Iterable[str],
    words: Callable[[Any], str],
) -> dict[str, Client]:
    """Show clients of one session, their messages, and what the store and each of them hold.

    Parameters
    ----------
    stage : Stage
        The store is on its clock, has one save, and nothing is under way.
    store : SessionStore
        Its round trip must be long enough to be seen.
    clients : iterable of str
        What they are called.
    words : callable
        Says a session's data in a few words.

    Returns
    -------
    dict
        By its name, each client: use it in place of the store.
    """
    shown = _Shown(stage, store, list(clients), words)
    return {name: Client(shown, name) for name in shown.names}


class _Shown:
    """The picture; what the store did is read from its books when a message has arrived."""

    def __init__(
        self, stage: Stage, store: SessionStore, names: list[str], words: Callable[[Any], str]
    ) -> None:
        self.stage, self.store, self.names, self.words = stage, store, names, words
        self._before = store.stats()
        self._seen, self._held = self._before, f"v{self._before.saves}: {words(None)}"
        stage.noun, stage.height = "message", 70.0 * len(names) + 40
        stage.legend |= LEGEND
        middle = stage.height / 2
        self._box = stage.box(
            Box(label="store", x=262, y=middle - 26, width=134, height=52, inside=True)
        )
        store_at = Place(name="the store", x=329, y=middle, keep="out", half=(67.0, 26.0))
        self._store = stage.place(store_at)
        kept = replace(store_at, name="the store, saved", counter="saves kept")
        refused = replace(store_at, name="the store, refused", counter="saves refused")
        self._ends = {False: stage.place(kept), True: stage.place(refused)}
        self._boxes, self._places = {}, {}
        for i, name in enumerate(names):
            y = 38.0 + 70 * i
            box = Box(label=name, x=4, y=y - 4, width=118, height=38, inside=True)
            self._boxes[name] = stage.box(box)
            here = Place(name=name, x=63, y=y + 15, keep="out", half=(59.0, 19.0))
            self._places[name] = stage.place(here)
        stage.watch(self._look, self._books)

    def _look(self) -> None:
        self.stage.state(self._box, self._held)

    def _books(self) -> dict[str, int]:
        stats = self.store.stats()
        return {
            "saves kept": stats.saves - self._before.saves,
            "saves refused": stats.conflicts - self._before.conflicts,
        }

    def sent(self, name: str, verb: str, data: Any) -> None:
        """Let a message travel to the store; the store has scheduled its arrival already."""
        token = self.stage.token(self._places[name], "moving", verb)
        now_s, way_s = self.stage.clock.now_s, self.store.round_trip_s / 2
        self.stage.clock.schedule(way_s, partial(self._arrived, name, verb, data, token, now_s))

    def _arrived(self, name: str, verb: str, data: Any, token: int, since_s: float) -> None:
        stats = self.store.stats()
        refused = stats.conflicts > self._seen.conflicts
        self._seen = stats
        if verb == "load":
            self.stage.move(token, self._store, since_s=since_s)
        else:
            self.stage.move(token, self._ends[refused], since_s=since_s)
            if not refused:
                self._held = f"v{stats.saves}: {self.words(data)}"
        answer = "refused" if refused else self._held if verb == "load" else f"saved v{stats.saves}"
        back = self.stage.token(self._store, "lost" if refused else "good", answer)
        now_s = self.stage.clock.now_s
        arrives = partial(self._answered, name, verb, answer, back, now_s)
        self.stage.clock.schedule(self.store.round_trip_s / 2, arrives)

    def _answered(self, name: str, verb: str, answer: str, back: int, since_s: float) -> None:
        self.stage.move(back, self._places[name], since_s=since_s)
        self.stage.state(
            self._boxes[name],
            f"has {answer}" if verb == "load" else answer,
            bad=answer == "refused",
        )
