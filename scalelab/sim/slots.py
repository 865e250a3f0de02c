"""Which node owns which key: fixed slots, as in a Redis Cluster."""

from __future__ import annotations

import binascii
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._keys import MOST_NODES, Owners, text_bytes, whole_ids
from scalelab.sim._tables import by_table

REDIS_SLOTS = 16_384


class SlotPlacement:
    """A fixed number of slots, and a directory of who owns each: Redis Cluster's way.

    Parameters
    ----------
    owner_of_slot : sequence of int
        Node id of each slot, >= 0; one slot or more.

    References
    ----------
    Redis documentation, "Redis cluster specification": key distribution model.

    Examples
    --------
    A fourth node is given a quarter of the slots, and a quarter of the keys moves:

    >>> from scalelab.sim.placement import moved_share
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
        return by_table("SlotPlacement.place", keys, self.owner_of_slot)


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
    data = text_bytes(key)
    _, brace, rest = data.partition(b"{")
    tag, end, _ = rest.partition(b"}")
    return binascii.crc_hqx(tag if brace and end and tag else data, 0) % REDIS_SLOTS
