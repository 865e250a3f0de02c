"""What a learner's move of rows does in every order of its turns, and on two real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scalelab.course.chapters.resharding.experiments import ring_places
from scalelab.course.chapters.resharding.interleavings import (
    MOST_ORDERS,
    MOST_TURNS,
    PLACES,
    VERBS,
    Order,
    OtherTurnsError,
    Row,
    Turn,
    orders,
    shown,
)
from scalelab.course.chapters.resharding.servers import two_servers
from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note, table
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresServer
from scalelab.real.supervised import RealComponentError

Job = tuple[Any, ...]  # ("write", key, version, value) or ("copy", key)
RIGHT = "every order ends right"
TOO_MANY = f"there are more than {MOST_ORDERS:,} orders: take fewer turns"
OTHER_TURNS = (
    "the same task took other turns in the same order. Is something kept from one run to the next, "
    "in the class or outside of it, or drawn by chance? Each Move begins anew"
)
KEYS = 60  # on the real servers, two writes each


class NoTurnError(Exception):
    """What a task yields is no turn, or it is no task; the message says what it is."""


def tasks_of(make: Callable[..., Any], jobs: list[Job]) -> list[Any]:
    """Make a learner's move, and a task of it for each job."""
    move = call(make)
    if move is ...:
        raise UnansweredError
    tasks = []
    for verb, key, *row in jobs:
        task = call(call(getattr, move, verb), key, *([tuple(row)] if row else []))
        if task is ...:
            raise UnansweredError
        if not hasattr(task, "send"):
            kind = type(task).__name__
            raise NoTurnError(f"{verb} returned {kind}; it must yield its turns, one after another")
        tasks.append(_Task(task))
    return tasks


class _Task:
    """A learner's generator, with a limit to its turns."""

    def __init__(self, generator: Any) -> None:
        self.generator, self.turns = generator, 0


def their_turn(task: Any, answer: Row | None) -> Turn | None:
    """Give a learner's task an answer, and take its next turn, which must be one."""
    try:
        given = None if answer is None else tuple(answer)
        turn = call(task.generator.send, given)
    except TheirError as theirs:
        if isinstance(theirs.error, StopIteration):
            return None
        raise
    if turn is ...:
        raise UnansweredError
    task.turns += 1
    if task.turns > MOST_TURNS:
        raise NoTurnError(f"a task took more than {MOST_TURNS} turns")
    return _checked(turn)


def _checked(turn: Any) -> Turn:
    known = isinstance(turn, (tuple, list)) and len(turn) > 0 and turn[0] in VERBS
    if not known or len(turn) != VERBS[turn[0]] or turn[1] not in PLACES:
        raise NoTurnError(f"{turn!r} was yielded, which is no turn")
    if len(turn) == 3:
        return tuple(turn)
    row = turn[3]
    if not isinstance(row, (tuple, list)) or len(row) != 2 or not isinstance(row[0], int):
        why = "its row must be a pair (version, value)"
        if isinstance(row, tuple) and row and row[0] in VERBS:
            why = "its row is a turn that was not yielded. Write: row = yield (...)"
        raise NoTurnError(f"{turn!r} was yielded: {why}")
    return (*turn[:3], Row(*row))


def owed(rows: dict[str, Row], jobs: list[Job]) -> dict[str, Any]:
    """Return what both places have to show in the end, by the highest version of each key."""
    newest = dict(rows)
    for verb, key, *row in jobs:
        if verb == "write" and (key not in newest or row[0] > newest[key].version):
            newest[key] = Row(*row)
    return {key: newest[key].value if key in newest else None for _, key, *_ in jobs}


def wrong_endings(order: Order, truth: dict[str, Any]) -> list[str]:
    """Say of each place and key what it shows wrongly in the end."""
    return [
        f"{place} place, {key}: {_said(shown(order.places, place, key))}, not {_said(value)}"
        for place in PLACES
        for key, value in truth.items()
        if shown(order.places, place, key) != value
    ]


def _said(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def all_orders(
    make: Callable[..., Any], rows: dict[str, Any], jobs: list[Job]
) -> Iterator[tuple[Order, list[str]]]:
    """Run a learner's tasks in every order, and say what ends wrong in each."""
    first = {key: Row(*row) for key, row in rows.items()}
    truth = owed(first, jobs)
    try:
        for count, order in enumerate(orders(lambda: tasks_of(make, jobs), first, their_turn)):
            if count == MOST_ORDERS:
                raise NoTurnError(TOO_MANY)
            yield order, wrong_endings(order, truth)
    except OtherTurnsError:
        raise NoTurnError(OTHER_TURNS) from None


def explored(make: Callable[..., Any], rows: dict[str, Any], jobs: list[Job]) -> Any:
    """Return all the wrong endings there are, each once, or that every order ends right.

    Of too many orders those that were tried may show some already.
    """
    found: set[str] = set()
    try:
        for _, wrong in all_orders(make, rows, jobs):
            found.update(wrong)
    except UnansweredError:
        return ...
    except NoTurnError as error:
        if not found or str(error) != TOO_MANY:
            return str(error)
    return "; ".join(sorted(found)) or RIGHT


# In the lab -----------------------------------------------------------------------------------


def own_explorer(make: Callable[..., Any], rows: dict[str, Any], jobs: list[Job]) -> Html:
    """Show the first order of a learner's move that ends wrong, turn by turn."""
    count = 0
    try:
        for order, wrong in all_orders(make, rows, jobs):
            count += 1
            if wrong:
                return table(
                    [
                        {"turn": i, "task": jobs[who][0], "does": turn[0], "at": f"{turn[1]} place"}
                        | {"key and row": ", ".join(map(_plain, turn[2:]))}
                        for i, (who, turn) in enumerate(order.turns, 1)
                    ],
                    f"Order {count} ends wrong: {wrong[0]}",
                )
    except UnansweredError:
        return note("Still to do: your Move is the stub. Then the explorer tries its orders.")
    except NoTurnError as error:
        return note(f"{error}.")
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your Move. The check says where.")
    return note(f"{count} orders, and both places end right in all of them.")


def _plain(part: Any) -> str:
    return f"({part[0]}, {part[1]!r})" if isinstance(part, tuple) else str(part)


def own_ring(owner: Callable[..., Any]) -> Html:
    """Let a learner's ring place 2,000 keys before and after a fourth server comes."""
    rng, rows = np.random.default_rng(2026), []
    keys = rng.integers(0, 360, 2_000).tolist()
    try:
        for points in (1, 4, 16):
            before, after = ring_places(3, points, rng), None
            after = sorted([*before, *ring_places(1, points, rng, first=3, taken=before)])
            pairs = [(call(owner, list(before), k), call(owner, list(after), k)) for k in keys]
            if any(... in pair for pair in pairs):
                return note("Still to do: your owner is the stub. Then it places 2,000 keys.")
            moved = [b for a, b in pairs if a != b]
            rows.append(
                {
                    "points a server": points,
                    "keys that move, %": round(100 * len(moved) / len(keys), 1),
                    "of them to the new server, %": round(
                        100 * sum(b == "server 4" for b in moved) / max(len(moved), 1), 1
                    ),
                }
            )
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your owner. The check says where.")
    return table(rows, "2,000 keys on one ring, before and after a fourth server")


def own_move_on_postgres(make: Callable[..., Any]) -> Html:
    """Run a learner's move between two real servers, turns mixed by chance; count wrong rows."""
    rng = np.random.default_rng(2026)
    rows = {f"k{i}": Row(1, "first") for i in range(KEYS)}
    jobs: list[Job] = []
    for key in rng.permutation(list(rows)).tolist():  # what belongs to a key is mixed with its copy
        gone = None if rng.random() < 0.5 else "third"
        jobs += [("write", key, 2, "second"), ("copy", key), ("write", key, 3, gone)]
    try:
        tasks_of(make, jobs[:1])  # a stub needs no server
        with two_servers() as (_, old, new):
            places = _run_mixed(make, rows, jobs, {"old": old, "new": new}, rng)
            version = old.version
    except UnansweredError:
        return note("Still to do: your Move is the stub. Then two real servers run it.")
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except NoTurnError as error:
        return note(f"{error}.")
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your Move. The check says where.")
    wrong = wrong_endings(Order(places=places), owed(rows, jobs))
    named = f"One of them: {wrong[0]}." if wrong else "None is lost, and none has risen."
    return note(
        f"{version}: {KEYS} rows moved under {2 * KEYS} writes and deletes. Wrong in one of the "
        f"places: {len(wrong)}. {named}"
    )


def _run_mixed(
    make: Callable[..., Any],
    rows: dict[str, Row],
    jobs: list[Job],
    servers: dict[str, PostgresServer],
    rng: np.random.Generator,
) -> dict[str, dict[str, Row]]:
    """Take turns by chance, at most twelve tasks at a time; returns what the servers have."""
    create = "create table moved(key text primary key, version int not null, value text)"
    for server in servers.values():
        server.rows(create)
    links = {name: server.connect() for name, server in servers.items()}
    try:
        for key, row in rows.items():
            apply_on_server(links, ("set", "old", key, row))
        waiting = [tasks_of(make, [job])[0] for job in jobs]
        running: list[tuple[Any, Turn]] = []
        while waiting or running:
            while waiting and len(running) < 12:
                task = waiting.pop()
                if (turn := their_turn(task, None)) is not None:
                    running.append((task, turn))
            if running:
                task, turn = running.pop(int(rng.integers(len(running))))
                following = their_turn(task, apply_on_server(links, turn))
                if following is not None:
                    running.append((task, following))
        query = "select key, version, value from moved"
        return {
            name: {key: Row(*row) for key, *row in link.execute(query)}
            for name, link in links.items()
        }
    finally:
        for link in links.values():
            link.close()


_IF_THERE = {
    "set": "do update set version = excluded.version, value = excluded.value",
    "add": "do nothing",
    "newer": "do update set version = excluded.version, value = excluded.value "
    "where moved.version < excluded.version",
}


def apply_on_server(links: dict[str, Any], turn: Turn) -> Row | None:
    """Do one turn as one statement; see `interleavings.apply_turn`."""
    verb, place, key, *written = turn
    if verb == "get":
        found = links[place].execute("select version, value from moved where key = %s", (key,))
        row = found.fetchone()
        return None if row is None else Row(*row)
    if verb == "remove":
        links[place].execute("delete from moved where key = %s", (key,))
    else:
        insert = f"insert into moved values (%s, %s, %s) on conflict (key) {_IF_THERE[verb]}"
        links[place].execute(insert, (key, *written[0]))
    return None
