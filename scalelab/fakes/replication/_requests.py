"""Clients' requests over a network: there, back, or no answer in time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from scalelab.fakes._checks import OnDone, OnFailed
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication._node import Node
from scalelab.fakes.replication.log import Position
from scalelab.fakes.replication.replication_types import (
    NotPrimaryError,
    Read,
    RequestStats,
    StoreTimeoutError,
)

Serve = Callable[[OnDone, OnFailed], object]


class Requests:
    """Sends requests to nodes; each ends once, with an answer, a refusal or a timeout.

    Parameters
    ----------
    network : FakeNetwork
        The way between clients and nodes.
    """

    def __init__(self, network: FakeNetwork) -> None:
        self._network = network
        self._requested = self._answered = self._refused = self._timed_out = self._pending = 0

    def send(
        self,
        what: str,
        client: str,
        node: Node,
        serve: Serve,
        on_done: OnDone,
        on_failed: OnFailed,
        timeout_s: float,
    ) -> None:
        """Let `node` serve a request of `client`.

        `serve` is called at the node, with the two functions that send an answer or a
        refusal back. A second copy of a request or an answer is ignored.
        """
        clock = self._network.clock
        self._requested += 1
        self._pending += 1
        stages: set[str] = set()  # "arrived", "settled": each happens once

        def settle(counter: str, callback: OnDone, outcome: Any) -> None:
            if "settled" in stages:
                return
            stages.add("settled")
            timeout.cancel()
            self._pending -= 1
            setattr(self, counter, getattr(self, counter) + 1)
            callback(outcome)

        def back(counter: str, callback: OnDone) -> OnDone:
            return lambda outcome: self._network.send(
                node.name, client, outcome, lambda o: settle(counter, callback, o)
            )

        def arrive(_: Any) -> None:
            if node.is_up and "arrived" not in stages:
                stages.add("arrived")
                serve(back("_answered", on_done), back("_refused", on_failed))

        def give_up() -> None:
            error = StoreTimeoutError(
                f"ReplicatedStore.{what}: {node.name} must answer within {timeout_s:g} s, "
                "got nothing; a write may have happened"
            )
            settle("_timed_out", on_failed, error)

        timeout = clock.schedule(timeout_s, give_up)
        self._network.add([client])
        self._network.send(client, node.name, what, arrive)

    def stats(self) -> RequestStats:
        """Return the books at this moment."""
        return RequestStats(
            requested=self._requested,
            answered=self._answered,
            refused=self._refused,
            timed_out=self._timed_out,
            pending=self._pending,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when a request got lost."""
        s = self.stats()
        outcomes = s.answered + s.refused + s.timed_out + s.pending
        ensure(s.requested == outcomes and s.pending >= 0, "a request got lost")


def read_at(node: Node, key: Hashable, at_least: Position | None, *, as_primary: bool) -> Serve:
    """Let `node` answer a read from what it has applied, up to `at_least` at the earliest.

    A primary answers once everything it inherited is committed; a node that is asked as
    the primary, and is none by then, refuses.
    """

    def answer(reply: OnDone, fail: OnFailed) -> None:
        if as_primary and node.role is None:
            fail(_not_primary("read", node.name))
            return
        value, version = node.look_up(key)
        reply(Read(key=key, value=value, version=version, position=node.applied, node=node.name))

    def serve(reply: OnDone, fail: OnFailed) -> None:
        floors = [at_least, node.role.opening if node.role else None]
        floor = max((p for p in floors if p is not None), default=node.applied)
        node.when_applied(floor, lambda: answer(reply, fail))

    return serve


def write_at(
    node: Node, verb: str, key: Hashable, value: Any, expected_version: int | None
) -> Serve:
    """Let `node` take a write, if it is primary."""

    def serve(reply: OnDone, fail: OnFailed) -> None:
        if node.role is None:
            fail(_not_primary(verb, node.name))
        else:
            node.role.write(key, value, expected_version, reply, fail)

    return serve


def _not_primary(verb: str, name: str) -> NotPrimaryError:
    return NotPrimaryError(
        f"ReplicatedStore.{verb}: node must be primary, got {name}, which is none; "
        "ask the store's primary"
    )
