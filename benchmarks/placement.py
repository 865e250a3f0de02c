"""Owners of keys: ours beside uhashring and a bisection in Python."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

import numpy as np

from benchmarks.engines import engines
from benchmarks.rounds import Case, Contender
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.hashing import hash_keys
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.rendezvous import RendezvousPlacement

KEYS, FOR_PYTHON = 1_000_000, 50_000
NODES, VIRTUAL_NODES = 100, 160
SEED = 20260101


def as_even(ours: np.ndarray, theirs: np.ndarray, requests: int) -> None:
    """Refuse owners that are spread in another way: hashes differ, shares must not."""
    if len(theirs) != requests:
        raise ValueError(f"{len(theirs)} owners for {requests} keys")
    spreads = [np.bincount(x, minlength=NODES).max() * NODES / len(x) for x in (ours, theirs)]
    if not 0.7 < spreads[0] / spreads[1] < 1.4:
        raise ValueError(f"fullest over mean {spreads[1]:.2f} instead of {spreads[0]:.2f}")


def cases() -> Iterator[Case]:
    """Every placement, with the same keys."""
    keys = np.random.default_rng(SEED).integers(0, 2**62, KEYS)
    ring = HashRing(range(NODES), VIRTUAL_NODES)
    peers = [
        Contender(
            name="bisect on lists", run=partial(by_bisection, ring, keys), requests=FOR_PYTHON
        )
    ]
    if find_spec("uhashring"):
        peers.append(
            Contender(name="uhashring", run=uhashring(keys[:FOR_PYTHON]), requests=FOR_PYTHON)
        )
    yield Case(
        title=f"Ring of {NODES} nodes with {VIRTUAL_NODES} points each",
        contenders=(*engines("HashRing.place", partial(ring.place, keys), KEYS), *peers),
        same=as_even,
    )
    others = {
        "JumpPlacement": JumpPlacement(NODES),
        "RendezvousPlacement": RendezvousPlacement(range(NODES)),
        "MaglevPlacement": MaglevPlacement(range(NODES)),
    }
    for name, placement in others.items():
        yield Case(
            title=f"{name}, {NODES} nodes",
            contenders=engines(f"{name}.place", partial(placement.place, keys), KEYS),
        )


def by_bisection(ring: HashRing, keys: np.ndarray) -> np.ndarray:
    """Look every hashed key up in a sorted list of the ring's own points."""
    points, owner_of = ring._points.tolist(), ring._owner_of.tolist()
    places = hash_keys(keys[:FOR_PYTHON]).tolist()
    return np.array([owner_of[bisect.bisect_left(points, place)] for place in places])


def uhashring(keys: np.ndarray):
    """Ask uhashring for each key; the ring and the names of the keys are made beforehand."""
    from uhashring import HashRing as Theirs

    ring = Theirs(nodes=[f"node{n}" for n in range(NODES)], vnodes=VIRTUAL_NODES)
    names, number = [f"key{key}" for key in keys], {f"node{n}": n for n in range(NODES)}
    return lambda: np.array([number[ring.get_node(name)] for name in names])
