"""Which node owns which key: modulo, jump, rendezvous, Maglev and fixed slots."""

from __future__ import annotations

import binascii
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim import _placement_kernels as kernels
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import CHUNK, Owners, UintArray, as_keys, mix, mix_into, node_ids, whole_ids

REDIS_SLOTS = 16_384

MOST_NODES = 100_000  # some work is done for each, one after another


class ModuloPlacement:
    """The owner is the hash of the key modulo the number of nodes.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, distinct, >= 0.

    Raises
    ------
    ValueError
        There is no node, or one stands twice.

    Examples
    --------
    From three nodes to four, three keys of four move:

    >>> keys = np.arange(100_000)
    >>> before, after = (ModuloPlacement(range(n)).place(keys) for n in (3, 4))
    >>> round(moved_share(before, after), 2)
    0.75
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        self.nodes = node_ids("ModuloPlacement", nodes)

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        return _by_table("ModuloPlacement.place", keys, self.nodes)


class JumpPlacement:
    """Jump consistent hashing: nodes 0 to n − 1, no memory, and the fewest keys move.

    Nodes are added and removed at the end only; a node in the middle cannot fail.

    Parameters
    ----------
    nodes : int
        Number of nodes, >= 1.

    Raises
    ------
    ValueError
        `nodes` is not an integer >= 1.

    References
    ----------
    Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014.

    Examples
    --------
    >>> keys = np.arange(100_000)
    >>> round(moved_share(JumpPlacement(3).place(keys), JumpPlacement(4).place(keys)), 2)
    0.25
    """

    def __init__(self, nodes: int) -> None:
        self.nodes = np.arange(
            v.count("JumpPlacement", "nodes", nodes, maximum=MOST_NODES), dtype=np.int32
        )

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        keys = as_keys("JumpPlacement.place", keys)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            kernels._jump(keys, self.nodes.size, owners)
        else:
            self._jump_all(mix(keys), owners)
        return owners

    def _jump_all(self, states: UintArray, owners: Owners) -> None:
        """Without numba: all keys jump at once, and those that are past the end stay."""
        moving = np.arange(states.size)
        nexts = np.zeros(states.size, np.int64)
        while moving.size:
            owners[moving] = nexts
            states = states * np.uint64(2862933555777941757) + np.uint64(1)
            step = 2147483648.0 / ((states >> np.uint64(33)).astype(np.float64) + 1.0)
            nexts = ((nexts + 1) * step).astype(np.int64)
            go_on = nexts < self.nodes.size
            moving, states, nexts = moving[go_on], states[go_on], nexts[go_on]


class RendezvousPlacement:
    """Highest random weight: each node scores each key, and the highest score owns it.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, distinct, >= 0.

    Raises
    ------
    ValueError
        There is no node, or one stands twice.

    Notes
    -----
    Work for each key grows with the number of nodes. In return any node may go, and only its
    own keys move.

    References
    ----------
    Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
    Transactions on Networking 6, 1998.

    Examples
    --------
    >>> keys = np.arange(100_000)
    >>> before = RendezvousPlacement([0, 1, 2, 3]).place(keys)
    >>> after = RendezvousPlacement([0, 2, 3]).place(keys)
    >>> set(before[before != after].tolist())
    {1}
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        self.nodes = node_ids("RendezvousPlacement", nodes)
        self._node_hashes = mix(~self.nodes.astype(np.uint64))  # apart from the keys' own hashes

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        keys = as_keys("RendezvousPlacement.place", keys)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            kernels._rendezvous(keys, self._node_hashes, self.nodes, owners)
            return owners
        rows = max(1, CHUNK // self.nodes.size)
        for start in range(0, keys.size, rows):
            chunk = slice(start, start + rows)
            scores = mix(keys[chunk])[:, None] ^ self._node_hashes
            mix_into(scores.copy(), scores)
            owners[chunk] = self.nodes[scores.argmax(axis=1)]
        return owners


class MaglevPlacement:
    """Maglev's table: every node fills its share of a prime number of places in turn.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, distinct, >= 0.
    table_size : int
        Places, a prime number; at least 100 for each node keeps shares within a percent.

    Raises
    ------
    ValueError
        There is no node, one stands twice, or `table_size` is not prime or too small.

    References
    ----------
    Eisenbud et al., "Maglev: a fast and reliable software network load balancer", NSDI 2016,
    sec. 3.4.

    Examples
    --------
    Shares are as even as can be; a few keys move between nodes that stay:

    >>> keys = np.arange(100_000)
    >>> before, after = (MaglevPlacement(range(n)).place(keys) for n in (4, 5))
    >>> moved = before != after
    >>> round(float(moved.mean()), 2), bool((after[moved] != 4).any())
    (0.2, True)
    """

    def __init__(self, nodes: Sequence[int], table_size: int = 65_537) -> None:
        name = "MaglevPlacement"
        self.nodes = node_ids(name, nodes)
        size = v.count(name, "table_size", table_size, minimum=self.nodes.size)
        if size < 3 or not all(size % d for d in range(2, int(size**0.5) + 1)):
            v.refuse(name, "table_size", "be a prime number >= 3", size)
        labels = self.nodes.astype(np.uint64)
        starts = (mix(labels) % np.uint64(size)).astype(np.int64)
        steps = (mix(~labels) % np.uint64(size - 1)).astype(np.int64) + 1
        table = np.full(size, -1, np.int32)
        fill = kernels._maglev_table if can_compile() else kernels._maglev_table.in_python
        fill(starts, steps, table)
        self.table = self.nodes[table]

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        return _by_table("MaglevPlacement.place", keys, self.table)


class SlotPlacement:
    """A fixed number of slots, and a directory of who owns each: Redis Cluster's way.

    Parameters
    ----------
    owner_of_slot : sequence of int
        Node id of each slot, >= 0.

    Raises
    ------
    ValueError
        There is no slot, or an id is negative.

    References
    ----------
    Redis documentation, "Redis cluster specification": key distribution model.

    Examples
    --------
    A fourth node is given a quarter of the slots, and a quarter of the keys moves:

    >>> keys = np.arange(100_000)
    >>> before = SlotPlacement.even(3)
    >>> after = before.rebalanced_to(4)
    >>> round(moved_share(before.place(keys), after.place(keys)), 2)
    0.25
    """

    def __init__(self, owner_of_slot: Sequence[int]) -> None:
        self.owner_of_slot = whole_ids("SlotPlacement", "owner_of_slot", owner_of_slot)

    @classmethod
    def even(cls, nodes: int, slots: int = REDIS_SLOTS) -> SlotPlacement:
        """Give each of `nodes` nodes an equal run of slots."""
        nodes = v.count("SlotPlacement.even", "nodes", nodes, maximum=MOST_NODES)
        slots = v.count("SlotPlacement.even", "slots", slots, minimum=nodes)
        return cls(np.arange(slots) * nodes // slots)  # type: ignore[arg-type]

    def rebalanced_to(self, nodes: int) -> SlotPlacement:
        """Move as few slots as possible until nodes 0 to `nodes` − 1 have equal shares."""
        nodes = v.count("SlotPlacement.rebalanced_to", "nodes", nodes, maximum=MOST_NODES)
        owners = self.owner_of_slot.copy()
        share = np.diff(np.arange(nodes + 1) * owners.size // nodes)
        homeless = [np.flatnonzero(owners >= nodes)]
        homeless += [np.flatnonzero(owners == n)[share[n] :] for n in range(nodes)]
        missing = [max(0, share[n] - int((owners == n).sum())) for n in range(nodes)]
        owners[np.sort(np.concatenate(homeless))] = np.repeat(np.arange(nodes), missing)
        return SlotPlacement(owners)  # type: ignore[arg-type]

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key, as in `HashRing.place`."""
        return _by_table("SlotPlacement.place", keys, self.owner_of_slot)


def redis_slot(key: str | bytes) -> int:
    """Slot of a key in a Redis Cluster: CRC16 modulo 16,384, of its hash tag if it has one.

    Parameters
    ----------
    key : str or bytes
        The key. What stands between the first ``{`` and the next ``}`` is hashed alone, so
        that keys with one tag live together.

    Returns
    -------
    int
        From 0 to 16,383.

    Raises
    ------
    ValueError
        `key` is neither text nor bytes.

    References
    ----------
    Redis documentation, "Redis cluster specification", with CRC-16/XMODEM.

    Examples
    --------
    >>> redis_slot("123456789"), redis_slot("{user:7}.cart") == redis_slot("{user:7}.profile")
    (12739, True)
    """
    if not isinstance(key, (str, bytes)):
        v.refuse("redis_slot", "key", "be text or bytes", key)
    data = key.encode() if isinstance(key, str) else key
    _, brace, rest = data.partition(b"{")
    tag, end, _ = rest.partition(b"}")
    return binascii.crc_hqx(tag if brace and end and tag else data, 0) % REDIS_SLOTS


def moved_share(before: ArrayLike, after: ArrayLike) -> float:
    """Share of keys whose owner is another than before.

    Parameters
    ----------
    before, after : array_like of int, shape (n,)
        Owner of each key.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        An array is empty or the two differ in length.

    Examples
    --------
    >>> moved_share([0, 1, 2, 0], [0, 1, 2, 3])
    0.25
    """
    old = v.vector("moved_share", "before", before)
    return float(np.mean(old != v.vector("moved_share", "after", after, length=old.size)))


def largest_over_mean(owners: ArrayLike, nodes: int) -> float:
    """How much more than its share the fullest node holds.

    Parameters
    ----------
    owners : array_like of int, shape (n,)
        Owner of each key, from 0 to `nodes` − 1.
    nodes : int
        Number of nodes, >= 1; one that owns nothing counts too.

    Returns
    -------
    float
        Keys of the fullest node over the mean, >= 1.

    Raises
    ------
    ValueError
        An owner is not one of the nodes.

    Examples
    --------
    >>> largest_over_mean([0, 0, 0, 1], nodes=2)
    1.5
    """
    nodes = v.count("largest_over_mean", "nodes", nodes, maximum=MOST_NODES)
    ids = whole_ids("largest_over_mean", "owners", owners)
    if ids.max() >= nodes:
        v.refuse("largest_over_mean", "owners", f"be < nodes={nodes}", ids.max())
    return float(np.bincount(ids, minlength=nodes).max() * nodes / ids.size)


def _by_table(function: str, keys: ArrayLike, table: Owners) -> Owners:
    """Owner by the hash modulo the length of a table."""
    keys = as_keys(function, keys)
    if not can_compile():
        return table[(mix(keys) % np.uint64(table.size)).astype(np.int64)]
    owners = np.empty(keys.size, np.int32)
    kernels._table(keys, table, owners)
    return owners
