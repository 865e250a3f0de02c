"""Rendezvous hashing against a search for the highest score."""

import numpy as np
import pytest
from support.splitmix import MASK, splitmix64

from scalelab.sim.rendezvous import RendezvousPlacement

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
pytestmark = pytest.mark.usefixtures("engine")


def test_rendezvous_takes_the_highest_score():
    nodes = [4, 0, 9]

    def scores(key):
        return [(splitmix64(splitmix64(int(key)) ^ splitmix64(~n & MASK)), n) for n in nodes]

    wanted = [max(scores(k))[1] for k in KEYS[:300]]
    assert RendezvousPlacement(nodes).place(KEYS[:300]).tolist() == wanted
