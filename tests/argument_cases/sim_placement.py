"""Arguments of hashes, rings and the other placements."""

import math

from support.bad_values import NOT_A_COUNT, NOT_POSITIVE

from scalelab.sim.placement import (
    JumpPlacement,
    MaglevPlacement,
    ModuloPlacement,
    RendezvousPlacement,
    SlotPlacement,
)
from scalelab.sim.ring import HashRing

KEYS = {"keys": ([1, -2, 3], [[], 3, [[1, 2]], [1.5], ["a"], None, [True, False], [1, math.nan]])}
NOT_NODES = [[], 3, [[0, 1]], [0.5], ["a"], None, [-1, 0], [2**31]]
NODES = {"nodes": ([0, 1, 5], [*NOT_NODES, [0, 0]])}
NOT_TEXT = [3, None, ["a"], 1.5]

TABLE = {
    "sim.hashing.hash_keys": KEYS,
    "sim.hashing.hash_text": {"key": ("user:1", NOT_TEXT)},
    "sim.ring.HashRing": {**NODES, "virtual_nodes": (8, NOT_A_COUNT)},
    "sim.ring.HashRing.place": {"self": lambda: HashRing([0, 1]), **KEYS},
    "sim.ring.HashRing.place_bounded": {
        "self": lambda: HashRing([0, 1]),
        **KEYS,
        "load_factor": (1.2, [*NOT_POSITIVE, 1.0, 0.5]),
    },
    "sim.placement.ModuloPlacement": NODES,
    "sim.placement.ModuloPlacement.place": {"self": lambda: ModuloPlacement([0, 1]), **KEYS},
    "sim.placement.JumpPlacement": {"nodes": (3, NOT_A_COUNT)},
    "sim.placement.JumpPlacement.place": {"self": lambda: JumpPlacement(3), **KEYS},
    "sim.placement.RendezvousPlacement": NODES,
    "sim.placement.RendezvousPlacement.place": {
        "self": lambda: RendezvousPlacement([0, 1]),
        **KEYS,
    },
    "sim.placement.MaglevPlacement": {**NODES, "table_size": (101, [*NOT_A_COUNT, 2, 100])},
    "sim.placement.MaglevPlacement.place": {"self": lambda: MaglevPlacement([0, 1], 101), **KEYS},
    "sim.placement.SlotPlacement": {"owner_of_slot": ([0, 0, 1], NOT_NODES)},
    "sim.placement.SlotPlacement.place": {"self": lambda: SlotPlacement([0, 1]), **KEYS},
    "sim.placement.SlotPlacement.rebalanced_to": {
        "self": lambda: SlotPlacement.even(3, 30),
        "nodes": (2, NOT_A_COUNT),
    },
    "sim.placement.redis_slot": {"key": ("user:1", NOT_TEXT)},
    "sim.placement.moved_share": {
        "before": ([0, 1], [[], 3.0, [[0, 1]], ["a"], [0.0, math.nan]]),
        "after": ([0, 1], [[], 3.0, [0], ["a"], [0.0, math.nan]]),
    },
    "sim.placement.largest_over_mean": {
        "owners": ([0, 1], [*NOT_NODES, [0, 7]]),
        "nodes": (2, NOT_A_COUNT),
    },
}
