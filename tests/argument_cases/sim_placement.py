"""Arguments of hashes, rings and the other placements."""

import math

from support.bad_values import NOT_A_COUNT, NOT_POSITIVE

from scalelab.sim.hash_ring import HashRing
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.rendezvous import RendezvousPlacement
from scalelab.sim.slots import SlotPlacement

KEYS = {"keys": ([1, -2, 3], [[], 3, [[1, 2]], [1.5], ["a"], None, [True, False], [1, math.nan]])}
NOT_NODES = [[], 3, [[0, 1]], [0.5], ["a"], None, [-1, 0], [2**31]]
NODES = {"nodes": ([0, 1, 5], [*NOT_NODES, [0, 0]])}
NOT_TEXT = [3, None, ["a"], 1.5]

TABLE = {
    "sim.hashing.hash_keys": KEYS,
    "sim.hashing.hash_text": {"key": ("user:1", NOT_TEXT)},
    "sim.hash_ring.HashRing": {**NODES, "virtual_nodes": (8, NOT_A_COUNT)},
    "sim.hash_ring.HashRing.place": {"self": lambda: HashRing([0, 1]), **KEYS},
    "sim.hash_ring.HashRing.place_bounded": {
        "self": lambda: HashRing([0, 1]),
        **KEYS,
        "load_factor": (1.2, [*NOT_POSITIVE, 1.0, 0.5]),
    },
    "sim.modulo.ModuloPlacement": NODES,
    "sim.modulo.ModuloPlacement.place": {"self": lambda: ModuloPlacement([0, 1]), **KEYS},
    "sim.jump_hash.jump_hash": {
        "key": (42, [1.5, "42", None, [42], True, 2**64]),
        "nodes": (57, [*NOT_A_COUNT, 2**31]),
    },
    "sim.jump_hash.JumpPlacement": {"nodes": (3, [*NOT_A_COUNT, 2**31])},
    "sim.jump_hash.JumpPlacement.place": {"self": lambda: JumpPlacement(3), **KEYS},
    "sim.rendezvous.RendezvousPlacement": NODES,
    "sim.rendezvous.RendezvousPlacement.place": {
        "self": lambda: RendezvousPlacement([0, 1]),
        **KEYS,
    },
    "sim.maglev.MaglevPlacement": {**NODES, "table_size": (101, [*NOT_A_COUNT, 2, 100])},
    "sim.maglev.MaglevPlacement.place": {"self": lambda: MaglevPlacement([0, 1], 101), **KEYS},
    "sim.slots.SlotPlacement": {"owner_of_slot": ([0, 0, 1], NOT_NODES)},
    "sim.slots.SlotPlacement.place": {"self": lambda: SlotPlacement([0, 1]), **KEYS},
    "sim.slots.SlotPlacement.rebalanced_to": {
        "self": lambda: SlotPlacement.even(3, 30),
        "nodes": (2, NOT_A_COUNT),
    },
    "sim.slots.redis_slot": {"key": ("user:1", NOT_TEXT)},
    "sim.placement.moved_share": {
        "before": ([0, 1], [[], 3.0, [[0, 1]], ["a"], [0.0, math.nan]]),
        "after": ([0, 1], [[], 3.0, [0], ["a"], [0.0, math.nan]]),
    },
    "sim.placement.largest_over_mean": {
        "owners": ([0, 1], [*NOT_NODES, [0, 7]]),
        "nodes": (2, NOT_A_COUNT),
    },
}
