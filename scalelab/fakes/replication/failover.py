"""Crash, restart and promotion of the nodes of a replicated store."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scalelab import _validate as v
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication._node import Node
from scalelab.fakes.replication._primary import Primary, ReplicationSettings
from scalelab.fakes.replication.replication_types import (
    StoreTimeoutError,
    UnsafePromotionError,
)


class Failover:
    """What an operator, or a controller, does with the nodes.

    Its verbs act at once; records and requests still take the network.

    Parameters
    ----------
    nodes : mapping of str to Node
        All nodes by name; the first begins as primary.
    network : FakeNetwork
        The way between them.
    settings : ReplicationSettings
        Whether there is fencing, and how many replicas confirm a write.

    Notes
    -----
    A write that is acknowledged was confirmed by k of n replicas. Any n - k + 1 replicas hold
    it at least once, so a promotion is safe if the candidate can reach so many, itself
    included, and has the longest log of them, by term first. With k = 0 no number is enough.
    """

    def __init__(
        self, nodes: Mapping[str, Node], network: FakeNetwork, settings: ReplicationSettings
    ) -> None:
        self._nodes, self._network, self._settings = nodes, network, settings
        self._clock = network.clock
        self._term = 0
        self.risked_loss = False
        self.promotions = 0
        self.discarded = 0  # records that a rejoining node had beyond the fork
        self.primary = Primary(next(iter(nodes.values())), 0, network, settings)
        self._leader = dict.fromkeys(nodes, self.primary)  # whom each node is told to follow
        network.on_heal(self._reconnect)
        self._reconnect()

    def primaries(self) -> tuple[str, ...]:
        """Nodes that are up and take themselves for the primary: more than one is a split brain."""
        return tuple(n.name for n in self._nodes.values() if n.is_up and n.role is not None)

    def crash(self, node: str) -> None:
        """Stop a node; log and data stay on its disk.

        Raises
        ------
        ValueError
            There is no such node, or it is down.
        """
        target = self._up("crash", node)
        target.crash()
        if target.role is not None:
            target.role.crash()

    def restart(self, node: str) -> None:
        """Start a node that is down; it goes on in its role, or follows the new primary.

        Raises
        ------
        ValueError
            There is no such node, or it is up.
        """
        target = self._node("restart", node)
        if target.is_up:
            v.refuse("Failover.restart", "node", "be down", node)
        target.restart()
        self._reconnect()

    def promote(self, node: str | None = None, *, allow_loss: bool = False) -> str:
        """Make a replica the primary of a new term, and return its name.

        Parameters
        ----------
        node : str, optional
            Whom; by default, of the replicas that are up, the one that can do it safely,
            or that has the longest log.
        allow_loss : bool
            Go ahead although acknowledged writes may be lost.

        Raises
        ------
        ValueError
            There is no such node, it is down, or it is the primary already.
        UnsafePromotionError
            No replica is up, or writes may be lost and `allow_loss` is not set.
        """
        candidate = self._candidate("promote", node)
        faults = self._faults(candidate)
        if faults and not allow_loss:
            raise UnsafePromotionError(
                f"Failover.promote: {faults}; wait for other nodes, or accept the loss of "
                "acknowledged writes with allow_loss=True"
            )
        self.risked_loss |= bool(faults)
        self._take_over(candidate)
        return candidate.name

    def switch_over(self, node: str, *, timeout_s: float = 1.0) -> None:
        """Hand over as planned: stop writes, wait until `node` has applied them all, promote it.

        Raises
        ------
        ValueError
            There is no such node, it is down, or it is the primary already.
        StoreTimeoutError
            The node did not catch up in time; the primary goes on as before.
        """
        self._clock.wait_for(
            lambda done, failed: self.submit_switch_over(
                node, lambda: done(None), failed, timeout_s=timeout_s
            )
        )

    def submit_switch_over(
        self,
        node: str,
        on_done: Callable[[], object],
        on_failed: Callable[[Exception], object],
        *,
        timeout_s: float = 1.0,
    ) -> None:
        """Begin to hand over; one of the functions is called by the clock, once."""
        timeout_s = v.number("Failover.switch_over", "timeout_s", timeout_s)
        candidate, old = self._candidate("switch_over", node), self.primary
        old.accepts_writes = False
        last = old.node.log.last

        def take_over() -> None:
            if old.accepts_writes or not candidate.is_up:  # the timeout has told, or will
                return
            timeout.cancel()
            old.accepts_writes = True
            if self.primary is not old:
                on_failed(_overtaken(self.primary.node.name))
                return
            old.step_down()
            self._take_over(candidate)
            on_done()

        def give_up() -> None:
            old.accepts_writes = True
            on_failed(
                StoreTimeoutError(
                    f"Failover.switch_over: {node} must apply the whole log within "
                    f"{timeout_s:g} s, got {candidate.applied_lsn} of {last.lsn} records; "
                    "a primary that is down ships nothing: promote instead"
                )
            )

        timeout = self._clock.schedule(timeout_s, give_up)
        candidate.when_applied(last, lambda: self._clock.schedule(0.0, take_over))

    def rejoin(self, node: str) -> int:
        """Tell a node to follow the present primary; return the records it had to discard.

        With fencing that happens by itself. A node that cannot reach the primary now
        follows it once the network heals.

        Raises
        ------
        ValueError
            There is no such node, or it is the present primary.
        """
        target = self._node("rejoin", node)
        if target is self.primary.node:
            v.refuse("Failover.rejoin", "node", "be another than the primary", node)
        if target.role is not None:
            target.role.step_down()
        self._leader[target.name] = self.primary
        before = self.discarded
        self._reconnect()
        return self.discarded - before

    def check_invariants(self) -> None:
        """Raise AssertionError when nodes and roles do not agree."""
        for node in self._nodes.values():
            node.check_invariants()
            if node.role is not None:
                ensure(node.role.node is node, "a role is played by another node")
                node.role.check_invariants()
        ensure(self.primary.node.role is self.primary, "the primary gave up its role")
        split = [n for n in self._nodes.values() if n.role not in (None, self.primary)]
        ensure(not (split and self._settings.fencing), "two primaries in spite of fencing")

    def _node(self, verb: str, name: str) -> Node:
        """Return the node of that name, for the verb named in the error."""
        if not isinstance(name, str) or name not in self._nodes:
            v.refuse(f"Failover.{verb}", "node", f"be one of {list(self._nodes)}", name)
        return self._nodes[name]

    def _up(self, verb: str, name: str) -> Node:
        target = self._node(verb, name)
        if not target.is_up:
            v.refuse(f"Failover.{verb}", "node", "be up", name)
        return target

    def _candidate(self, verb: str, name: str | None) -> Node:
        if name is not None:
            target = self._up(verb, name)
            if target is self.primary.node:
                v.refuse(f"Failover.{verb}", "node", "be another than the primary", name)
            return target
        candidates = [n for n in self._nodes.values() if n.is_up and n is not self.primary.node]
        if not candidates:
            raise UnsafePromotionError("Failover.promote: a replica must be up, got none")
        return max(candidates, key=lambda n: (not self._faults(n), n.log.last))

    def _in_reach(self, candidate: Node) -> list[Node]:
        """Replicas that are up and connected with the candidate, itself included."""
        return [
            node
            for node in self._nodes.values()
            if node.is_up
            and node is not self.primary.node
            and (node is candidate or self._network.connected(candidate.name, node.name))
        ]

    def _faults(self, candidate: Node) -> str:
        """Why a promotion could lose acknowledged writes; empty if it cannot."""
        reach = self._in_reach(candidate)
        needed = self._settings.replicas - self._settings.acknowledgements + 1
        if len(reach) < needed:
            return (
                f"{candidate.name} must reach {needed} replicas, itself included, "
                f"to hold every acknowledged write, got {len(reach)}"
            )
        longest = max(reach, key=lambda n: n.log.last)
        if longest.log.last > candidate.log.last:
            return (
                f"{candidate.name} must have the longest log in reach, got {longest.name}'s longer"
            )
        return ""

    def _take_over(self, candidate: Node) -> None:
        reach = self._in_reach(candidate)
        old = self.primary
        if candidate.role is not None:  # the survivor of a split brain
            candidate.role.step_down()
        if self._settings.fencing:
            old.step_down()
            reach = list(self._nodes.values())
        self._term += 1
        self.promotions += 1
        self.primary = Primary(candidate, self._term, self._network, self._settings)
        self._leader |= dict.fromkeys([n.name for n in [candidate, *reach]], self.primary)
        self._reconnect()

    def _reconnect(self) -> None:
        """Let every replica that can reach its primary follow it."""
        for node in self._nodes.values():
            leader = self._leader[node.name]
            upstream = leader.node
            alive = node.is_up and upstream.is_up and upstream.role is leader
            if alive and node.role is None and self._network.connected(node.name, upstream.name):
                self.discarded += leader.attach(node)


def _overtaken(primary: str) -> UnsafePromotionError:
    return UnsafePromotionError(
        "Failover.switch_over: the primary must stay the same until the end, got "
        f"{primary} promoted meanwhile"
    )
