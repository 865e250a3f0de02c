"""Scene of the chapter on replication: what three levels of waiting say, and what is true then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scalelab.course.chapters.replication.runbook import (
    PAY_S,
    Drill,
    Event,
    asked,
    said_by,
    store_for,
)
from scalelab.course.shows.replicas import show_replicas
from scalelab.course.shows.roles import show_roles
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore

# What a commit waits for, and of how many of the two standbys.
RUNS = {
    "no standby": ("async", 1),
    "one to receive": ("receive", 1),
    "both to receive": ("receive", 2),
    "both to apply": ("apply", 2),
}
PACES_S = (1.0, 1.8)  # from received to applied, by standby
WRITES_S = (0.4, 4.2, 8.0)

_EVENTS = {
    "kill": "{} dies.",
    "start": "{} is repaired.",
    "cut": "{} is cut off from the others.",
    "join": "{} is connected again.",
    "hide": "the runbook does not reach {} any more.",
    "show": "the runbook reaches {} again.",
    "operator": "the runbook itself is killed, and started anew.",
}


def levels(stage: Stage, run: tuple[str, int]) -> None:
    """Let a client pay three times, and look at a standby as soon as each payment is confirmed."""
    sync, needed = run
    network = FakeNetwork(stage.clock, delay_s=0.3)
    paces = iter(PACES_S * len(WRITES_S))
    store = ReplicatedStore(
        stage.clock,
        replicas=2,
        network=network,
        sync=sync,  # type: ignore[arg-type]
        sync_replicas=needed,
        apply_delay_s=lambda _: next(paces),
        retransmit_s=20.0,
        timeout_s=20.0,
        rng=np.random.default_rng(1),
    )
    network.set_delay("node0", "node2", 0.8)
    show_replicas(stage, store, ("payer", "reader"))

    def look(at: int, _write: object) -> None:
        node = store.replicas[at % 2]
        store.submit_read("balance", _drop, _drop, node=node, client="reader")

    for i, at_s in enumerate(WRITES_S):
        pay = partial(store.submit_put, "balance", 100 - i, partial(look, i), _drop, client="payer")
        stage.clock.schedule_at(at_s, pay)
    stage.at(0.2, "A payment goes to the primary, which sends it to two standbys, one far away.")
    stage.at(2.2, "Upper dots are received and safe, lower dots applied: only these can be read.")
    stage.at(5.8, "Each confirmed payment is read at once, at the near and the far one by turns.")
    stage.at(10.5, "A cross was an old answer. Did waiting longer help the payer, or the reader?")


def _drop(_: object) -> None:
    pass


def until_s(
    servers: list[str], needed: int, patience: int, events: list[Event], steps: int
) -> float:
    """Return until when a case of the lab is shown."""
    return steps + 1.0


def own_runbook(
    stage: Stage,
    make: Callable[..., Any],
    servers: list[str],
    needed: int,
    patience: int,
    events: list[Event],
    steps: int,
) -> None:
    """Let a learner's runbook look after servers; a step of its case is a second."""
    drill = Drill(store_for(stage.clock, servers, needed), servers, events)
    show_roles(stage, drill.store, servers)
    said: dict[int, str] = {}
    for step, what, server in events:
        said[step] = f"{said.get(step, '')} {_EVENTS[what].format(server)}".strip()
    runbooks = [asked(make, servers, needed, patience)]

    def begin() -> None:
        if drill.begin():
            runbooks.append(asked(make, servers, needed, patience))
        if drill.step_number in said:
            stage.say(f"Step {drill.step_number}: {said[drill.step_number]}")

    def act() -> None:
        action = said_by(runbooks[-1], drill.view())
        if action != "wait":
            stage.say(f"Step {drill.step_number}: the runbook says “{action}”.")
        if isinstance(action, str):
            drill.act(action)

    for step in range(steps):
        stage.clock.schedule_at(step + 0.1, begin)
        stage.clock.schedule_at(step + PAY_S, drill.pay)
        stage.clock.schedule_at(step + 0.95, act)


SCENES = ((levels, RUNS, 13.0),)
