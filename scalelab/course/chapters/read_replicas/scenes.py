"""Scene of the chapter on read replicas: a reload overtakes the write on its way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from scalelab.course.examine import UnansweredError
from scalelab.course.shows.replicas import show_replicas
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import AnyReplica, PinAfterWrite
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.real.limits import call

# How long each of three replicas needs, in seconds, and for how long the author is pinned.
RUNS = {
    "slow": ((2.0, 3.2, 4.4), 0.0),
    "quick": ((0.1, 0.2, 0.3), 0.0),
    "slow, window of 1.2 s": ((2.0, 3.2, 4.4), 1.2),
    "slow, window of 4 s": ((2.0, 3.2, 4.4), 4.0),
}
RELOADS_S = (1.6, 2.6, 3.6, 4.6, 5.6, 6.6)


def comment_and_reload(stage: Stage, run: tuple[tuple[float, float, float], float]) -> None:
    """Let an author post one comment and reload the page six times, and others read as well."""
    paces_s, window_s = run
    pace = cycle(paces_s)  # one record for each replica: each has a pace of its own
    rng = np.random.default_rng(1)
    store = ReplicatedStore(
        stage.clock,
        replicas=3,
        network=FakeNetwork(stage.clock, delay_s=0.3),
        apply_delay_s=lambda _: next(pace),
        retransmit_s=9.0,
        rng=rng,
    )
    show_replicas(stage, store, ("author", "others"))
    policy = PinAfterWrite(window_s, rng=rng) if window_s else AnyReplica(rng=rng)
    author = Session(store, policy, client="author")
    others = Session(store, AnyReplica(rng=rng), client="others")
    stage.clock.schedule_at(0.5, partial(author.submit_put, "comments", "mine", _drop, _drop))
    for at_s in RELOADS_S:
        stage.clock.schedule_at(at_s, partial(author.submit_get, "comments", _drop, _drop))
        stage.clock.schedule_at(at_s + 0.5, partial(others.submit_get, "menu", _drop, _drop))
    stage.at(0.2, "The author posts a comment: to the primary, and from there on to the replicas.")
    stage.at(1.2, "The primary has acknowledged. The browser reloads the page, again and again.")
    stage.at(4.0, "An answer with a cross is old: its replica had not applied the comment.")
    stage.at(7.0, "All replicas have it. Nobody has to be told: from now on every answer is new.")


def _drop(_: object) -> None:
    pass


Event = tuple[str, str, str, Any]  # of the lab: what, user, device, position or positions
EVERY_S = 0.7  # between the events of a case


def until_s(replicas: list[str], events: list[Event]) -> float:
    """Return until when a case of the lab is shown."""
    return EVERY_S * len(events) + 5.0


def own_router(
    stage: Stage, make: Callable[..., Any], replicas: list[str], events: list[Event]
) -> None:
    """Let a router of the lab's send the reads of its case's users to replicas that are late.

    The users and their order are the case's; how far the replicas are is the picture's.
    """
    pace = cycle((1.2, 2.4, 3.6)[: len(replicas)])
    store = ReplicatedStore(
        stage.clock,
        replicas=len(replicas),
        network=FakeNetwork(stage.clock, delay_s=0.25),
        apply_delay_s=lambda _: next(pace),
        retransmit_s=9.0,
        rng=np.random.default_rng(1),
    )
    users = sorted({user for _, user, _, _ in events}) or ["user"]
    show_replicas(stage, store, users)
    nodes = dict(zip(replicas, store.replicas, strict=True)) | {"primary": store.primary}
    router = call(make, list(replicas))

    def wrote(user: str, device: str) -> None:
        store.submit_put(
            user,
            "new",
            lambda write: call(call(getattr, router, "wrote"), user, device, write.position.lsn),
            _drop,
            client=user,
        )

    def reads(user: str, device: str) -> None:
        end = len(store.failover.primary.node.log)
        applied = {name: end - store.lag(nodes[name]).entries for name in replicas}
        route = call(call(getattr, router, "read"), user, device, applied)
        if route is ...:
            raise UnansweredError
        store.submit_read(user, _drop, _drop, node=nodes[route], client=user)

    for i, (kind, user, device, _) in enumerate(events):
        act = partial(wrote if kind == "wrote" else reads, user, device)
        stage.clock.schedule_at(0.5 + EVERY_S * i, act)
    stage.at(0.2, "Each write goes to the primary. Each read goes where the router says.")


SCENES = ((comment_and_reload, RUNS, 8.5),)
