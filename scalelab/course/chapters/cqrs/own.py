"""What a learner's relay and projector do: played step by step, on the fake, and on servers."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from scalelab.course.chapters.cqrs.servers import add_events, events_of
from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note
from scalelab.course.values import NotThatError
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import Inbox
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.supervised import RealComponentError

Step = tuple[Any, ...]  # of a script: a verb, and what it gets


class Crash(BaseException):
    """The process ends here; no ``except Exception`` holds it up."""


class _Outbox:
    """Records that wait, and a crash at some of the calls."""

    def __init__(self, records: list[Any], crashes: list[tuple[int, bool]]) -> None:
        self.left, self.published = list(records), list[Any]()
        self.story, self.between, self.calls = list[str](), 0, 0
        self._crashes, self._dead = dict(crashes), False

    def publish(self, record: Any) -> None:
        """Send a record's event."""
        self._do("publish", record, lambda: self.published.append(record))

    def mark(self, record: Any) -> None:
        """Take a record out, since its event was sent; one that is not there is left alone."""
        self._do("mark", record, lambda: self.left.remove(record) if record in self.left else None)

    def begin(self) -> None:
        """Start anew, after a crash or not."""
        self._dead = False

    def _do(self, verb: str, record: Any, act: Callable[[], object]) -> None:
        if self._dead:  # whoever caught the crash is dead all the same
            raise Crash
        self.calls += 1
        done = self._crashes.get(self.calls)
        if done is not False:
            act()
            self.story.append(f"{self.calls}. {verb} {record}")
        if done is None:
            return
        self.story.append(f"   crash {'after' if done else 'before'} call {self.calls}: {verb}")
        self.between += done if verb == "publish" else not done
        self._dead = True
        raise Crash


def relayed(relay: Callable[..., Any], records: list[Any], crashes: list[tuple[int, bool]]) -> Any:
    """Start a relay again and again until the outbox is empty, through crashes.

    Returns
    -------
    dict
        What was published, what is left, how many crashes came between a publication and its
        mark, and the story.

    Raises
    ------
    UnansweredError
        It is the stub.
    """
    box = _Outbox(records, crashes)
    for _ in range(len(records) + len(crashes) + 1):
        box.begin()
        try:
            if call(relay, list(box.left), box.publish, box.mark) is ...:
                raise UnansweredError
        except TheirError as theirs:
            if not isinstance(theirs.error, Crash):
                raise
        if not box.left:
            break
    return {
        "published": box.published,
        "left": box.left,
        "between": box.between,
        "story": box.story,
    }


def taken(make: Callable[..., Any], script: list[Step]) -> list[Any]:
    """Play a script to a projector: take, look, save, crash; returns the states that it showed.

    Raises
    ------
    UnansweredError
        It is the stub.
    """
    projector, saved, shown = call(make), None, []
    for verb, *values in script:
        if verb == "take":
            call(call(getattr, projector, "take"), *values)
        elif verb == "look":
            shown.append(_state(projector))
        elif verb == "save":
            saved = deepcopy(call(call(getattr, projector, "save")))  # as written to a disk
            if saved is ...:
                raise UnansweredError
            if not _is_plain(saved):
                why = "Only plain data can be written to a disk: no objects of your own."
                raise NotThatError("plain data from save()", saved, why)
        else:
            projector = call(make) if saved is None else call(make, deepcopy(saved))
    return shown


def _is_plain(value: Any) -> bool:
    """Whether a value is made of numbers, texts, None, and containers of these."""
    if isinstance(value, dict):
        return all(_is_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | bytes | int | float)


def _state(projector: Any) -> dict[Any, Any]:
    state = call(call(getattr, projector, "state"))
    if state is ...:
        raise UnansweredError
    if not isinstance(state, dict):
        raise NotThatError("a dictionary from each key to its state", state, "state() shows it.")
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
