"""Routers that keep a table: fixed slots, and a directory of all keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scalelab._validate import count, refuse
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing._router import Router
from scalelab.sim.placement import REDIS_SLOTS, redis_slot


class SlotRouter(Router):
    """A fixed number of slots, and a list of who owns each: Redis Cluster's way.

    A key's slot never changes; slots move between nodes, as few as keep their shares equal.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct.
    slots : int
        Slots, a divisor of 16,384, Redis Cluster's number and the default.

    Raises
    ------
    ValueError
        A name is no text, is empty or stands twice, or `slots` does not divide 16,384.

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

    def __init__(self, nodes: Iterable[str] = (), slots: int = REDIS_SLOTS) -> None:
        self.slots = count("SlotRouter", "slots", slots)
        if REDIS_SLOTS % self.slots:
            refuse("SlotRouter", "slots", f"divide {REDIS_SLOTS}", slots)
        self._owners: list[str] = []
        super().__init__(nodes)

    @property
    def owners(self) -> tuple[str, ...]:
        """Owner of each slot; empty while there is no node."""
        return tuple(self._owners)

    def slot_of(self, key: str) -> int:
        """Slot of a key: CRC16 of the key, or of what stands in its first braces."""
        return redis_slot(key) % self.slots

    def move_slot(self, slot: int, node: str) -> None:
        """Give one slot to another node.

        Raises
        ------
        ValueError
            There is no such slot or node.
        """
        name = "SlotRouter.move_slot"
        if count(name, "slot", slot, minimum=0) >= self.slots:
            refuse(name, "slot", f"be < slots={self.slots}", slot)
        self._refuse_unknown("move_slot", node)
        self._owners[slot] = node

    def check_invariants(self) -> None:
        """Raise AssertionError when a slot has no owner that is there."""
        super().check_invariants()
        ensure(len(self._owners) == (self.slots if self._nodes else 0), "a slot has no owner")
        ensure(set(self._owners) <= set(self._nodes), "a slot belongs to a node that has gone")

    def _owner(self, key: str) -> str:
        return self._owners[self.slot_of(key)]

    def _added(self, node: str) -> None:
        if len(self._nodes) > self.slots:
            self._nodes.remove(node)
            refuse(self._name, "nodes", f"be at most slots={self.slots}", len(self._nodes) + 1)
        if not self._owners:
            self._owners = [node] * self.slots
            return
        self._give_share_to(node)

    def _removed(self, node: str) -> None:
        if not self._nodes:
            self._owners = []
            return
        held = Counter({name: self._owners.count(name) for name in self._nodes})
        for slot, owner in enumerate(self._owners):
            if owner == node:
                heir = min(self._nodes, key=held.__getitem__)
                self._owners[slot] = heir
                held[heir] += 1

    def _give_share_to(self, newest: str) -> None:
        """Take slots, one by one, from whoever holds most."""
        slots_of: dict[str, list[int]] = {name: [] for name in self._nodes if name != newest}
        for slot, owner in enumerate(self._owners):
            slots_of[owner].append(slot)
        for _ in range(self.slots // len(self._nodes)):
            donor = max(slots_of.values(), key=len)
            self._owners[donor.pop()] = newest


class DirectoryRouter(Router):
    """A table with an entry for each key; what is new goes to the node with the fewest keys.

    Keys of a node that goes are new again.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.

    Examples
    --------
    >>> router = DirectoryRouter(["a", "b"])
    >>> [router.node_for(key) for key in ("ann", "bob", "cat", "ann")]
    ['a', 'b', 'a', 'a']
    >>> router.assign("ann", "b")
    >>> router.node_for("ann"), len(router)
    ('b', 3)
    """

    def __init__(self, nodes: Iterable[str] = ()) -> None:
        self._table: dict[str, str] = {}
        self._held: Counter[str] = Counter()
        super().__init__(nodes)

    def assign(self, key: str, node: str) -> None:
        """Write down that a node serves a key.

        Raises
        ------
        ValueError
            `key` is no text, or there is no such node.
        """
        if not isinstance(key, str):
            refuse("DirectoryRouter.assign", "key", "be a text", key)
        self._refuse_unknown("assign", node)
        self.forget(key)
        self._table[key] = node
        self._held[node] += 1

    def forget(self, key: str) -> None:
        """Remove a key's entry; harmless where there is none."""
        if not isinstance(key, str):
            refuse("DirectoryRouter.forget", "key", "be a text", key)
        node = self._table.pop(key, None)
        if node is not None:
            self._held[node] -= 1

    def keys_of(self, node: str) -> int:
        """Return how many keys a node serves."""
        self._refuse_unknown("keys_of", node)
        return self._held[node]

    def __len__(self) -> int:
        return len(self._table)

    def check_invariants(self) -> None:
        """Raise AssertionError when the table and its counts differ."""
        ensure(set(self._table.values()) <= set(self._nodes), "a key belongs to nobody")
        ensure(+self._held == Counter(self._table.values()), "keys are miscounted")

    def _owner(self, key: str) -> str:
        if key not in self._table:
            self.assign(key, min(self._nodes, key=self._held.__getitem__))
        return self._table[key]

    def _removed(self, node: str) -> None:
        self._table = {key: owner for key, owner in self._table.items() if owner != node}
        self._held.pop(node, None)
