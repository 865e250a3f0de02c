"""Sessions at the servers that keep them, or in a store, and the requests that look for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionRecord, SessionStore

ROW, LOW_ROW = 52.0, 38.0  # of up to four servers, and of more
LEGEND: dict[Look, str] = {
    "record": "session",
    "ghost": "session that nobody finds any more",
    "moving": "request",
    "good": "found its session",
    "lost": "lost, or found nothing",
}
ENDS = {  # by what came of a request: its counter, and the sign at it
    "found": ("found", "found"),
    "missed": ("log in again", "log in again"),
    "failed": ("no answer", "no answer"),
}


def show_homes(
    stage: Stage,
    sessions: MemorySessions,
    names: Sequence[str],
    store: SessionStore | None = None,
) -> None:
    """Show sessions that live in the memory of servers or in a store, and who looks for them.

    Parameters
    ----------
    stage : Stage
        Balancer and store are on its clock, and nothing is under way.
    sessions : MemorySessions
        Behind the balancer whose servers are shown.
    names : sequence of str
        Servers that are there now or come later.
    store : SessionStore, optional
        Drawn beside them. Its round trip takes no time.
    """
    _Homes(stage, sessions, names, store)


class _Homes:
    """The picture: a dot for each session at its home, and one for each request."""

    def __init__(
        self,
        stage: Stage,
        sessions: MemorySessions,
        names: Sequence[str],
        store: SessionStore | None = None,
    ) -> None:
        self.stage, self.sessions, self.names, self.store = stage, sessions, names, store
        self._dots: dict[tuple[str, str], int] = {}  # home and user: the session
        self._requests: dict[str, int] = {}  # user: the request under way
        self._known: set[str] = set()
        self._scenery()
        tap(sessions.balancer, "submit", self._submit)
        tap(sessions, "submit_load", self._load)
        if store is not None:
            tap(store, "submit_load", self._load)
            tap(store, "submit_save", self._save)
            tap(store, "crash", self._crash)
        stage.watch(self._look, self._books)

    def _scenery(self) -> None:
        stage, wide = self.stage, 250.0 if self.store is None else 140.0
        row, rows = (ROW, 2) if len(self.names) <= 4 else (LOW_ROW, 1)
        stage.height = row * len(self.names) + 52
        stage.legend |= LEGEND
        middle = row * len(self.names) / 2 + 6
        stage.box(Box(label="users", x=2, y=middle - 14, width=62, height=28))
        self._users = stage.place(Place(name="the users", x=33, y=middle))
        self._boxes, self._homes, self._doors = {}, {}, {}
        for i, name in enumerate(self.names):
            y, high = 22.0 + row * i, row - 20
            self._boxes[name] = stage.box(Box(label=name, x=118, y=y, width=wide, height=high))
            self._homes[name] = self._home(name, 130.0, y, int((wide - 12) // 14), rows)
            self._doors[name] = stage.place(
                Place(name=f"the door of {name}", x=108, y=y + high / 2)
            )
        if self.store is not None:
            height = row * len(self.names) - 20
            self._boxes["store"] = stage.box(
                Box(label="store", x=306, y=22, width=92, height=height)
            )
            self._homes["store"] = self._home("the store", 316.0, 22.0, 6, 8)
        low, self._ends = stage.height - 22, {}
        for i, (what, (counter, sign)) in enumerate(ENDS.items()):
            x = 60.0 + 95 * i
            stage.sign(x, stage.height - 6, sign)
            self._ends[what] = stage.place(
                Place(name=counter, x=x, y=low, keep="out", counter=counter)
            )
        stage.sign(355, stage.height - 6, "sessions lost")
        self._gone = stage.place(
            Place(name="lost", x=355, y=low, keep="out", counter="sessions lost")
        )

    def _home(self, name: str, x: float, y: float, columns: int, rows: int) -> int:
        home = Place(
            name=f"the sessions of {name}",
            x=x,
            y=y + 10,
            keep="line",
            dx=14,
            dy=13,
            columns=columns,
            most=columns * rows,
            counter="sessions kept",
        )
        return self.stage.place(home)

    # requests -----------------------------------------------------------------------------

    def _submit(self, original: Any, request: Request, on_done: Any, on_failed: Any) -> None:
        self._requests[request.client] = self.stage.token(self._users)

        def failed(error: Exception) -> None:
            self._end(request.client, "failed")
            on_failed(error)

        original(request, on_done, failed)

    def _arrive(self, name: str, original: Any, request: Request, *rest: Any) -> None:
        self.stage.move(self._requests[request.client], self._doors[name])
        original(request, *rest)

    def _load(self, original: Any, user: str, on_done: Any, on_failed: Any) -> None:
        def done(found: Any) -> None:
            data = found if isinstance(found, dict) or found is None else found.data
            self._end(user, "missed" if data is None else "found")
            on_done(found)

        def failed(error: Exception) -> None:
            self._end(user, "failed")
            on_failed(error)

        original(user, done, failed)

    def _end(self, user: str, what: str) -> None:
        """Let a user's request leave; if it found nothing, what it sought is of no use."""
        token = self._requests.pop(user, None)
        if token is None:
            return
        self.stage.move(token, self._ends[what], "good" if what == "found" else "lost")
        if what == "missed":
            for (_, owner), dot in self._dots.items():
                if owner == user:
                    self.stage.look(dot, "ghost")

    # sessions -----------------------------------------------------------------------------

    def _save(self, original: Any, user: str, data: Any, on_done: Any, on_failed: Any) -> None:
        def done(version: int) -> None:
            self._keep("store", user)
            on_done(version)

        def failed(error: Exception) -> None:
            self._end(user, "failed")
            on_failed(error)

        original(user, data, done, failed)

    def _keep(self, home: str, user: str) -> None:
        token = self._requests.pop(user, None)
        if token is None:
            token = self.stage.token(self._users)
        self.stage.move(token, self._homes[home], "record")
        self._dots[home, user] = token

    def _crash(self, original: Any) -> None:
        original()
        if self.store is not None and not self.store.durable:
            self._lose([home for home in self._dots if home[0] == "store"])

    def _lose(self, gone: list[tuple[str, str]]) -> None:
        for home in gone:
            self.stage.move(self._dots.pop(home), self._gone, "lost")

    def _look(self) -> None:
        balancer = self.sessions.balancer
        for name in set(balancer.servers) - self._known:
            tap(balancer.server(name), "submit", partial(self._arrive, name))
        self._known = set(balancer.servers)
        kept = {(name, user) for name in balancer.servers for user in balancer.server(name).memory}
        self._lose([home for home in self._dots if home[0] != "store" and home not in kept])
        for name, user in sorted(kept - set(self._dots)):
            self._keep(name, user)
        for name in self.names:
            if name not in self._known:
                self.stage.state(self._boxes[name], "not there")
            else:
                up = balancer.server(name).is_up
                self.stage.state(self._boxes[name], "" if up else "down", bad=not up)
        if self.store is not None:
            up = self.store.is_up
            self.stage.state(self._boxes["store"], "" if up else "down", bad=not up)

    def _books(self) -> dict[str, int]:
        stats = [self.sessions.stats()]
        stats += [self.store.stats()] if self.store is not None else []
        missing = sum(each.missing for each in stats)
        return {
            "found": sum(each.loads for each in stats) - missing,
            "log in again": missing,
        }


Verb = Callable[[str], object]


def by_memory(sessions: MemorySessions) -> tuple[Verb, Verb]:
    """Return how a user begins to log in, and to ask for a page that needs the session.

    Who is not found logs in again a second later. Nothing waits: all goes on by the clock.
    """

    def log_in(user: str) -> None:
        sessions.submit_save(user, {"cart": ["book"]}, _nothing, _nothing)

    def ask(user: str) -> None:
        sessions.submit_load(user, partial(answered, user), _nothing)

    def answered(user: str, data: object) -> None:
        if data is None:
            sessions.clock.schedule(1.0, partial(log_in, user))

    return log_in, ask


def by_store(sessions: MemorySessions, store: SessionStore) -> tuple[Verb, Verb]:
    """Return the same as `by_memory` where any server asks the store for the session."""

    def through(user: str, then: Callable[[], object]) -> None:
        request = Request(client=user, service_s=sessions.service_s)
        sessions.balancer.submit(request, lambda _: then(), _nothing)

    def log_in(user: str) -> None:
        cart = {"cart": ["book"]}
        through(user, lambda: store.submit_save(user, cart, _nothing, _nothing))

    def ask(user: str) -> None:
        through(user, lambda: store.submit_load(user, partial(answered, user), _nothing))

    def answered(user: str, record: SessionRecord) -> None:
        if record.data is None:
            sessions.clock.schedule(1.0, partial(log_in, user))

    return log_in, ask


def _nothing(_: object) -> None:
    pass
