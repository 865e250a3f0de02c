"""Scene of the chapter on read-after-write: a comment, and where its author reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scalelab.course.shows.replicas import show_replicas
from scalelab.course.stage import Stage
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    PinAfterWrite,
    Policy,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session

MakePolicy = Callable[[np.random.Generator], Policy]
ROUTERS: dict[str, MakePolicy] = {
    "any replica": lambda rng: AnyReplica(rng=rng),
    "primary for 1 s": lambda rng: PinAfterWrite(1.0, rng=rng),
    "token, wait": lambda rng: WriteToken(rng=rng),
}


def comment(stage: Stage, make_policy: MakePolicy) -> None:
    """Let Ann save five comments and read each back after a longer pause than the last."""
    rng = np.random.default_rng(3)
    network = FakeNetwork(stage.clock, delay_s=0.2)
    store = ReplicatedStore(
        stage.clock, replicas=2, network=network, apply_delay_s=1.6, retransmit_s=9.0, timeout_s=9.0
    )
    show_replicas(stage, store, ("Ann",))
    ann = Session(store, make_policy(rng), client="Ann")
    for i, pause_s in enumerate((0.3, 0.8, 1.3, 1.8, 2.3)):
        start_s = 0.5 + 3.6 * i

        def write(key: str = f"comment {i}") -> None:
            ann.submit_put(key, "nice", _nothing, _nothing)

        def read(key: str = f"comment {i}") -> None:
            ann.submit_get(key, _nothing, _nothing)

        stage.at(start_s, f"Ann saves comment {i + 1}.", write)
        stage.at(
            start_s + 0.4 + pause_s, f"{pause_s:g} s after the answer she loads the page.", read
        )


def _nothing(_: object) -> None:
    pass


SCENES = ((comment, ROUTERS, 19.0),)
