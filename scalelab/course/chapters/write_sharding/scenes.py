"""Scenes of the chapter on write sharding: new users, a large tenant, and questions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from scalelab.course.examine import UnansweredError
from scalelab.course.shows.shards import show_shards
from scalelab.course.stage import Stage
from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.real.limits import call

SHARDS = ("shard 1", "shard 2", "shard 3")
ROWS = 24
EVERY_S, WORK_S = 0.2, 0.5  # between new rows, and of a shard for each request
ASK_S = (6.5, 8.0)  # when the users 1 to 8 are asked for, and when everybody in a city
LARGE = 2  # the tenant with half of the rows

RUNS = {
    "a range of ids each": "range",
    "the hash of the id": "hash",
    "the hash of the tenant": "tenant",
}


def sign_up(stage: Stage, cut: str) -> None:
    """Let 24 users sign up in the order of their ids, and ask two questions.

    Each key is a pair of user and tenant; every second user is of the same, large tenant.
    """
    routers: dict[str, Router] = {
        "range": RangeRouter([(9,), (17,)], SHARDS),
        "hash": EntityRouter(lambda key: key[0], ModuloRouter(SHARDS)),
        "tenant": EntityRouter(lambda key: key[1], ModuloRouter(SHARDS)),
    }
    store = ShardedStore(stage.clock, routers[cut], work_s=WORK_S)
    show_shards(stage, store)
    for user in range(1, ROWS + 1):
        key = (user, LARGE if user % 2 else 100 + user)
        put = partial(store.submit_put, key, "there", _drop, _drop)
        stage.clock.schedule_at(0.5 + EVERY_S * user, put)
    stage.at(0.3, SAID[cut][0])
    stage.at(
        ASK_S[0],
        SAID[cut][1],
        lambda: store.submit_query(lambda *_: True, _drop, _drop, key_range=((1,), (9,))),
    )
    stage.at(
        ASK_S[1],
        "A question for everybody in one city, which no key says: it goes to all shards.",
        lambda: store.submit_query(lambda *_: True, _drop, _drop),
    )
    stage.at(10.0, SAID[cut][2])


SAID = {
    "range": (
        "New users come in the order of their ids, faster than one shard writes.",
        "Users 1 to 8, please. One shard has them all, and only that one is asked.",
        "In the end all shards have the same number of rows. But one after the other got them.",
    ),
    "hash": (
        "New users come in the order of their ids. Their hashes go to any shard.",
        "Users 1 to 8, please. They can be anywhere: all shards are asked.",
        "The three wrote at the same time. None has got far behind.",
    ),
    "tenant": (
        "Each tenant is on one shard. Every second new user is of the same, large tenant.",
        "Users 1 to 8, please. They are of several tenants: all shards are asked.",
        "The large tenant's shard is behind the two others. No hash can cut a tenant in two.",
    ),
}

Event = tuple[Any, ...]  # of the lab: ("wrote", tenant), ("ask", tenants), ("move", tenant, shard)
STEP_S = 0.7  # between the events of a case


def until_s(shards: list[str], events: list[Event]) -> float:
    """Return until when a case of the lab is shown."""
    return STEP_S * len(events) + 3.0


def own_router(
    stage: Stage, make: Callable[..., Any], shards: list[str], events: list[Event]
) -> None:
    """Let a router of the lab's send the rows and the questions of its case to shards."""
    later = [event[1] for event in events if event[0] == "add"]
    names = [*shards, *later]
    directory = DirectoryRouter(names)
    store = ShardedStore(stage.clock, directory, work_s=0.4)
    show_shards(stage, store)
    router = call(make, list(shards))
    for name in names:  # one key on each shard, by which to ask it alone
        directory.assign(("on", name), name)
    rows: dict[Any, list[Any]] = {}

    def verb(name: str, *arguments: Any) -> Any:
        answer = call(call(getattr, router, name), *arguments)
        if answer is ...:
            raise UnansweredError
        return answer

    def act(kind: str, *what: Any) -> None:
        if kind == "wrote":
            row = (what[0], len(rows.setdefault(what[0], [])))
            rows[what[0]].append(row)
            directory.assign(row, verb("wrote", what[0]))
            store.submit_put(row, "there", _drop, _drop)
        elif kind == "ask":
            asked = None if what[0] is None else list(what[0])
            for name in verb("ask", asked):
                on = ("on", name)
                store.submit_query(lambda *_: True, _drop, _drop, together_with=on)
        elif kind == "move":
            verb("move", *what)
            for row in rows.get(what[0], []):
                store.submit_delete(row, _drop, _drop)
                directory.assign(row, what[1])
                store.submit_put(row, "there", _drop, _drop)
        else:
            verb("add", what[0])

    for i, event in enumerate(events):
        stage.clock.schedule_at(0.5 + STEP_S * i, partial(act, *event))
    stage.at(0.2, "Each row goes where the router says, and each question to the shards it names.")


def _drop(_: object) -> None:
    pass


SCENES = ((sign_up, RUNS, 14.0),)
