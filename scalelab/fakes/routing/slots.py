"""A router by fixed slots, of which each has an owner: Redis Cluster's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import key_of
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing._keys import text_of
from scalelab.fakes.routing.router import Router
from scalelab.sim.slots import REDIS_SLOTS, redis_slot


class SlotRouter(Router):
    """A fixed number of slots, and a list of who owns each: Redis Cluster's way.

    A key's slot never changes; slots move between nodes, as few as keep their shares equal.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct.
    slots : int
        Slots, a divisor of 16,384, Redis Cluster's number and the default.

    Examples
    --------
    >>> router = SlotRouter(["a", "b", "c"])
    >>> router.slot_of("{user:7}.cart") == router.slot_of("{user:7}.profile")
    True
    >>> before = router.owners
    >>> router.add_node("d")
    >>> sum(x != y for x, y in zip(before, router.owners)), Counter(router.owners)["d"]
    (4096, 4096)
    """

    def __init__(self, nodes: Iterable[Hashable] = (), slots: int = REDIS_SLOTS) -> None:
        self.slots = v.count("SlotRouter", "slots", slots)
        if REDIS_SLOTS % self.slots:
            v.refuse("SlotRouter", "slots", f"divide {REDIS_SLOTS}", slots)
        self._owners: list[Any] = []
        super().__init__(nodes)

    @property
    def owners(self) -> tuple[Any, ...]:
        """Owner of each slot; empty while there is no node."""
        return tuple(self._owners)

    def slot_of(self, key: Hashable) -> int:
        """Slot of a key: CRC16 of its text, or of what stands in its first braces."""
        name = "SlotRouter.slot_of"
        return redis_slot(text_of(name, key_of(name, key))) % self.slots

    def move_slot(self, slot: int, node: Hashable) -> None:
        """Give one slot to another node.

        Raises
        ------
        ValueError
            There is no such slot or node.
        """
        name = "SlotRouter.move_slot"
        if v.count(name, "slot", slot, minimum=0) >= self.slots:
            v.refuse(name, "slot", f"be < slots={self.slots}", slot)
        self._owners[slot] = self._known("move_slot", node)

    def check_invariants(self) -> None:
        """Raise AssertionError when a slot has no owner that is there."""
        super().check_invariants()
        ensure(len(self._owners) == (self.slots if self._nodes else 0), "a slot has no owner")
        ensure(set(self._owners) <= set(self._nodes), "a slot belongs to a node that has gone")

    def _owner(self, key: Any) -> Hashable:
        return self._owners[self.slot_of(key)]

    def _added(self, node: Any) -> None:
        if len(self._nodes) > self.slots:
            self._nodes.remove(node)
            v.refuse(self._name, "nodes", f"be at most slots={self.slots}", len(self._nodes) + 1)
        if not self._owners:
            self._owners = [node] * self.slots
            return
        self._give_share_to(node)

    def _removed(self, node: Any) -> None:
        if not self._nodes:
            self._owners = []
            return
        held = Counter({name: self._owners.count(name) for name in self._nodes})
        for slot, owner in enumerate(self._owners):
            if owner == node:
                heir = min(self._nodes, key=held.__getitem__)
                self._owners[slot] = heir
                held[heir] += 1

    def _give_share_to(self, newest: Any) -> None:
        """Take slots, one by one, from whoever holds most."""
        slots_of: dict[Any, list[int]] = {name: [] for name in self._nodes if name != newest}
        for slot, owner in enumerate(self._owners):
            slots_of[owner].append(slot)
        for _ in range(self.slots // len(self._nodes)):
            donor = max(slots_of.values(), key=len)
            self._owners[donor.pop()] = newest
