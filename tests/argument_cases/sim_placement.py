"""Arguments of hashes, rings and the other placements."""

import math

from support import kinds as k

from scalelab.sim.hash_ring import HashRing
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.rendezvous import RendezvousPlacement
from scalelab.sim.slots import SlotPlacement

KEYS = {
    "keys": k.ONLY([1, -2, 3], [], 3, [[1, 2]], [1.5], ["a"], None, [True, False], [1, math.nan])
}
SOME_NODES = k.Kind([], 3, [[0, 1]], [0.5], ["a"], None, [-1, 0], [2**31])
NODES = {"nodes": SOME_NODES([0, 1, 5], [0, 0])}
TEXT = k.Kind(3, None, ["a"], 1.5)

TABLE = {
    "sim.hashing.hash_keys": KEYS,
    "sim.hashing.hash_text": {"key": TEXT("user:1")},
    "sim.hash_ring.HashRing": {**NODES, "virtual_nodes": k.COUNT(8)},
    "sim.hash_ring.HashRing.place": {"self": lambda: HashRing([0, 1]), **KEYS},
    "sim.modulo.ModuloPlacement": NODES,
    "sim.modulo.ModuloPlacement.place": {"self": lambda: ModuloPlacement([0, 1]), **KEYS},
    "sim.jump_hash.jump_hash": {
        "key": k.ONLY(42, 1.5, "42", None, [42], True, 2**64),
        "nodes": k.COUNT(57, 2**31),
    },
    "sim.jump_hash.JumpPlacement": {"nodes": k.COUNT(3, 2**31)},
    "sim.jump_hash.JumpPlacement.place": {"self": lambda: JumpPlacement(3), **KEYS},
    "sim.rendezvous.RendezvousPlacement": NODES,
    "sim.rendezvous.RendezvousPlacement.place": {
        "self": lambda: RendezvousPlacement([0, 1]),
        **KEYS,
    },
    "sim.maglev.MaglevPlacement": {**NODES, "table_size": k.COUNT(101, 2, 100)},
    "sim.maglev.MaglevPlacement.place": {"self": lambda: MaglevPlacement([0, 1], 101), **KEYS},
    "sim.slots.SlotPlacement": {"owner_of_slot": SOME_NODES([0, 0, 1])},
    "sim.slots.SlotPlacement.place": {"self": lambda: SlotPlacement([0, 1]), **KEYS},
    "sim.slots.SlotPlacement.rebalanced_to": {
        "self": lambda: SlotPlacement.even(3, 30),
        "nodes": k.COUNT(2),
    },
    "sim.slots.redis_slot": {"key": TEXT("user:1")},
    "sim.placement.moved_share": {
        "before": k.ONLY([0, 1], [], 3.0, [[0, 1]], ["a"], [0.0, math.nan]),
        "after": k.ONLY([0, 1], [], 3.0, [0], ["a"], [0.0, math.nan]),
    },
    "sim.placement.largest_over_mean": {"owners": SOME_NODES([0, 1], [0, 7]), "nodes": k.COUNT(2)},
}
