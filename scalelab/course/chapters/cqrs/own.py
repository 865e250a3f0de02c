"""What a learner's relay and projector do: played step by step, on the fake, and on servers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from scalelab.course.chapters.cqrs.servers import add_events, events_of
from scalelab.course.examine import UnansweredError
from scalelab.course.kept import Kept
from scalelab.course.page import Html, note
from scalelab.course.values import NotThatError, short
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import Inbox
from scalelab.real.limits import OverLimitError, TheirError, call
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.supervised import RealComponentError

Step = tuple[Any, ...]  # of a script: a verb, and what it gets


STORY = 60  # lines that are kept of what happened
OUTSIDE = (
    "It keeps its data outside of itself, where no crash takes it. A crash takes all but the save."
)
UNSAVED = "Only plain data can be written to a disk: no object, generator or view of a dictionary."
MOST_DEEP = 100  # containers in each other
MOST_CALLS = 50  # of one run, for each record: whoever makes more does not end


class Crash(OverLimitError):  # noqa: N818  # no error of anybody's
    """The process ends here; an ``except`` that catches it has one line left at most."""


class _Outbox:
    """Records that wait, and a crash at some of the calls."""

    def __init__(self, records: list[Any], crashes: list[tuple[int, bool]]) -> None:
        self.records, self.left, self.published = records, list(records), list[Any]()
        self.story, self.between, self.calls = list[str](), 0, 0
        self.odd, self.unmarked, self.endless = "", list[Any](), False
        self._crashes, self._dead = dict(crashes), False
        self._sent, self._last_call = list[Any](), 0  # of this run

    def publish(self, record: Any) -> None:
        """Send a record's event."""
        self._do("publish", record)

    def mark(self, record: Any) -> None:
        """Take a record out, since its event was sent; one that is not there is left alone."""
        self._do("mark", record)

    def begin(self) -> None:
        """Start anew, after a crash or not."""
        if not self._dead:  # it ended by itself, and should have marked what it sent
            self.unmarked += self._pending()
        self._sent, self._dead = [], False
        self._last_call = self.calls + MOST_CALLS * (len(self.records) + 1)

    def _pending(self) -> list[Any]:
        return [record for record in self._sent if record in self.left]

    def _act(self, verb: str, record: Any) -> None:
        if verb == "publish":
            self.published.append(record)
            self._sent.append(record)
        elif record in self.left:
            self.left.remove(record)
        elif record not in self.records:
            self.odd = self.odd or short(record, 60)
        self.story.append(f"{self.calls}. {verb} {short(record, 60)}")

    def _do(self, verb: str, record: Any) -> None:
        if self._dead:  # whoever caught the crash is dead all the same
            raise Crash
        self.calls += 1
        done = self._crashes.get(self.calls)
        if self.calls > self._last_call:
            self.endless = self._dead = True
            raise Crash
        if done is not False:
            self._act(verb, record)
        if done is None:
            return
        self.story.append(f"   crash {'after' if done else 'before'} call {self.calls}: {verb}")
        self.between += bool(self._pending())
        self._dead = True
        raise Crash


def relayed(relay: Callable[..., Any], records: list[Any], crashes: list[tuple[int, bool]]) -> Any:
    """Start a relay again and again until the outbox is empty, through crashes.

    Returns
    -------
    dict
        What was published, what is left, how many crashes came between a publication and its
        mark, the story, what was marked and is no record, what a run that ended by itself had
        published and not marked, and whether a run did not end.

    Raises
    ------
    UnansweredError
        It is the stub.
    """
    box, trace = _Outbox(records, crashes), sys.gettrace()
    for _ in range(len(records) + len(crashes) + 1):
        box.begin()
        try:
            if call(relay, list(box.left), box.publish, box.mark) is ...:
                raise UnansweredError
        except Crash:
            pass
        finally:
            sys.settrace(trace)  # a crash that was caught has set one
        if box.endless or not box.left:
            break
    return {
        "published": box.published,
        "left": box.left,
        "between": box.between,
        "story": box.story[:STORY],
        "odd": box.odd,
        "unmarked": box.unmarked,
        "endless": box.endless,
    }


def taken(make: Callable[..., Any], script: list[Step]) -> list[Any]:
    """Play a script to a projector: take, look, save, crash; returns the states that it showed.

    A script with a crash is played again. There a crash takes what is kept outside of the object,
    and another projector has saved meanwhile.

    Raises
    ------
    UnansweredError
        It is the stub.
    NotThatError
        It saves what is no plain data, or keeps its data where no crash takes them.
    """
    at_first = Kept(make)
    shown, saved = _played(make, script, lambda: None)
    if ("crash",) not in script:
        return shown

    def anew() -> None:
        at_first.begin_anew()
        _played(make, _ANOTHER, lambda: None)

    try:
        with at_first.put_back():
            same = _played(make, script, anew)[0] == shown
    except (TheirError, NotThatError):
        same = False
    if not same:
        raise NotThatError("from save() all that a new one needs", saved, OUTSIDE)
    return shown


_ANOTHER: list[Step] = [("take", "another", 1, "set", 4), ("save",)]


def _played(
    make: Callable[..., Any], script: list[Step], before_a_restart: Callable[[], None]
) -> tuple[list[Any], Any]:
    projector, saved, shown = call(make), None, []
    for verb, *values in script:
        if verb == "take":
            call(call(getattr, projector, "take"), *values)
        elif verb == "look":
            shown.append(_state(projector))
        elif verb == "save":
            saved = _on_disk(call(call(getattr, projector, "save")))
        else:
            before_a_restart()
            projector = call(make) if saved is None else call(make, deepcopy(saved))
    return shown, saved


def _on_disk(saved: Any) -> Any:
    """Return a copy that nothing changes afterwards."""
    if saved is ...:
        raise UnansweredError
    if not _is_plain(saved):
        raise NotThatError("plain data from save()", saved, UNSAVED)
    return call(deepcopy, saved)


def _is_plain(value: Any, deep: int = 0) -> bool:
    """Whether a value is made of numbers, texts, None, and containers of these."""
    if deep > MOST_DEEP:
        return False
    if isinstance(value, dict):
        return all(_is_plain(part, deep + 1) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return all(_is_plain(part, deep + 1) for part in value)
    return value is None or isinstance(value, str | bytes | int | float)


def _state(projector: Any) -> dict[Any, Any]:
    state = call(call(getattr, projector, "state"))
    if state is ...:
        raise UnansweredError
    if not isinstance(state, dict):
        why = "state() returns a dictionary, {key: state}, and this is none."
        raise NotThatError("a dictionary from each key to its state", state, why)
    return dict(state)


def own_relay(relay: Callable[..., Any]) -> Html:
    """Let a learner's relay publish into a log, with two crashes, and an inbox behind it."""
    records = [f"price {i}" for i in range(1, 9)]
    try:
        went = relayed(relay, records, [(3, True), (8, False)])
    except UnansweredError:
        return note("Still to do: your relay_all is the stub. Then eight events go through it.")
    except (TheirError, NotThatError):
        return note("Your relay stopped with an error. The check says where.")
    log, arrived = EventLog(VirtualClock()), []
    inbox = Inbox(lambda event: arrived.append(event.key))
    for record in went["published"]:
        log.append(record, "new", event_id=record)
    for event in log.read():
        inbox.receive(event)
    return note(
        f"Of {len(records)} records your relay published {len(set(went['published']))}, in "
        f"{len(log)} events. Behind an inbox, which lets each id through once, {len(arrived)} "
        "arrive."
    )


GOODS = ("tea", "milk", "bread")
SALES = 60


def own_projector_on_postgres(make: Callable[..., Any]) -> Html:
    """Let a learner's projector follow the stock on PostgreSQL, and die once on the way.

    The server changes the stock and writes the event in one transaction; the projector reads the
    server's log from the place of its last save.
    """
    try:
        cluster = PostgresCluster()
    except RealComponentError as error:
        return note(f"{error}; the checker's stories have to do.")
    with cluster:
        server = cluster.primary(wal_level="logical")
        server.rows("create table stock(name text primary key, n int, version int)")
        server.rows("select pg_create_logical_replication_slot('feed', 'test_decoding')")
        add_events(server, GOODS, SALES)
        events = events_of(server)
        true = dict(server.rows("select name, n from stock"))
    steps: list[Step] = [("take", *event) for event in events]
    saved_at, died_at = len(steps) // 3, 2 * len(steps) // 3
    again_from = saved_at // 2  # the log may send what was saved, too
    script = [*steps[:saved_at], ("save",), *steps[saved_at:died_at], ("crash",)]
    try:
        (state,) = taken(make, [*script, *steps[again_from:], ("look",)])
    except UnansweredError:
        return note("Still to do: your projector is the stub. Then it follows a real server.")
    except (TheirError, NotThatError):
        return note("Your projector stopped with an error. The check says where.")
    wrong = [name for name in true if state.get(name) != true[name]]
    said = f"{server.version}: {len(events)} events, {died_at - again_from} of them twice"
    if wrong:
        name = wrong[0]
        got, has = state.get(name), true[name]
        return note(f"{said}. Of {name} the server has {has}, and your projector shows {got}.")
    return note(f"{said}. Your projector shows the stock that the server has.")
