"""Every order in which a few writers and a backfill can take turns."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Row(NamedTuple):
    """What is stored for a key: the number of its write, and its value; None is a tombstone."""

    version: int
    value: Any


Turn = tuple[Any, ...]  # verb, place, key, and a row where one is written
Task = Generator[Turn, Any, None]
Places = dict[str, dict[str, Row]]
PLACES = ("old", "new")
VERBS = {"get": 3, "set": 4, "add": 4, "newer": 4, "remove": 3}  # how long a turn is
MOST_TURNS = 12  # of one task
MOST_ORDERS = 2_000


@dataclass
class Order:
    """One order: who took each turn, what it did, and what is there in the end."""

    turns: list[tuple[int, Turn]] = field(default_factory=list)
    places: Places = field(default_factory=lambda: {name: {} for name in PLACES})


def apply_turn(places: Places, turn: Turn) -> Row | None:
    """Do one turn at a place, all of it at once; "get" answers with the row, or None."""
    verb, place, key, *written = turn
    rows = places[place]
    there = rows.get(key)
    if verb == "remove":
        rows.pop(key, None)
    elif (
        verb == "set"
        or (verb in ("add", "newer") and there is None)
        or (verb == "newer" and there is not None and there.version < written[0].version)
    ):
        rows[key] = written[0]
    return there if verb == "get" else None


class OtherTurnsError(Exception):
    """A task that was made anew took other turns, though all others did as before."""


def orders(
    tasks: Callable[[], Sequence[Task]],
    rows: dict[str, Row],
    advance: Callable[[Task, Any], Turn | None],
) -> Iterator[Order]:
    """Run the tasks in every order of their turns, each time from the beginning.

    Parameters
    ----------
    tasks : callable
        Makes them anew.
    rows : dict
        What the old place has at first.
    advance : callable
        Gives a task the answer to its last turn, and returns its next one; None at its end.

    Raises
    ------
    OtherTurnsError
        What a task does depends on more than the answers that it got.
    """
    choices: list[int] = []
    while True:
        widths: list[int] = []
        yield _run(tasks(), rows, advance, choices, widths)
        while widths and choices[len(widths) - 1] == widths[-1] - 1:
            widths.pop()
        if not widths:
            return
        del choices[len(widths) :]
        choices[-1] += 1


def _run(
    tasks: Sequence[Task],
    rows: dict[str, Row],
    advance: Callable[[Task, Any], Turn | None],
    choices: list[int],
    widths: list[int],
) -> Order:
    """Run once: each time the next choice says whose turn it is, and the first where none does."""
    order = Order()
    order.places["old"].update(rows)
    waiting = {i: turn for i, task in enumerate(tasks) if (turn := advance(task, None)) is not None}
    while waiting:
        if len(choices) == len(widths):
            choices.append(0)
        if choices[len(widths)] >= len(waiting):
            raise OtherTurnsError
        who = sorted(waiting)[choices[len(widths)]]
        widths.append(len(waiting))
        turn = waiting.pop(who)
        order.turns.append((who, turn))
        following = advance(tasks[who], apply_turn(order.places, turn))
        if following is not None:
            waiting[who] = following
    return order


def next_turn(task: Task, answer: Any) -> Turn | None:
    """Give our own task an answer, and take its next turn."""
    try:
        return task.send(answer)
    except StopIteration:
        return None


# What the page lets take turns ----------------------------------------------------------------


def client(key: str, row: Row, *, verb: str, tombstones: bool = True) -> Task:
    """Write a row in both places, the old one first; or delete it."""
    for place in PLACES:
        if row.value is None and not tombstones:
            yield ("remove", place, key)
        else:
            yield (verb, place, key, row)


def backfill(key: str, *, verb: str) -> Task:
    """Copy a row: read it in the old place, write it in the new one."""
    row = yield ("get", "old", key)
    if row is not None:
        yield (verb, "new", key, row)


def shown(places: Places, place: str, key: str) -> Any:
    """Return what a reader sees at a place: None for no row, and for a tombstone."""
    row = places[place].get(key)
    return None if row is None else row.value
