"""The ring against a textbook's sorted list, and its arcs against theory."""

import bisect

import numpy as np
import pytest
from support.agreement import standard_errors_off
from support.splitmix import splitmix64

from scalelab.sim.hash_ring import HashRing
from scalelab.sim.placement import largest_over_mean, moved_share

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
pytestmark = pytest.mark.usefixtures("engine")


def points_of(nodes, number):
    """Points on the circle and their nodes, in order."""
    labels = [(node, node << 32 | i) for node in nodes for i in range(number)]
    return sorted((splitmix64(splitmix64(label)), node) for node, label in labels)


def test_the_ring_is_the_textbooks():
    ring = HashRing([3, 1, 8], virtual_nodes=20)
    points = points_of((3, 1, 8), 20)
    places = [p for p, _ in points]
    wanted = [points[bisect.bisect_left(places, splitmix64(int(k))) % len(points)][1] for k in KEYS]
    assert ring.place(KEYS).tolist() == wanted


def test_small_keys_do_not_all_belong_to_the_first_node():
    """The points of a node and the places of keys come from different hashes."""
    owners = HashRing(range(4), virtual_nodes=160).place(np.arange(400))
    assert largest_over_mean(owners, 4) < 1.5


def test_the_ring_moves_the_new_nodes_own_share():
    """Exactly the arc of the new node; its spread is 1/√virtual_nodes of a share."""
    shares = []
    for first in range(0, 600, 5):
        nodes = range(first, first + 4)
        after = HashRing([*nodes, first + 4], virtual_nodes=16).place(KEYS[:4_000])
        moved = moved_share(HashRing(nodes, virtual_nodes=16).place(KEYS[:4_000]), after)
        assert moved == np.mean(after == first + 4)
        shares.append(moved)
    assert standard_errors_off(shares, 1 / 5) < 4
    # a node's arc is a Beta(16, 64) variable: the sum of 16 of 80 exponential gaps
    assert np.std(shares) == pytest.approx((0.2 * 0.8 / 81) ** 0.5, rel=0.25)
