"""What the claims on moving rest on; their values are held with those of the whole section."""

import numpy as np
import pytest

from scalelab.course.chapters.resharding import claims, moving_claims
from scalelab.course.chapters.resharding.experiments import ring_moved
from scalelab.course.ledger import Claim


def ids_of(module):
    return {entry.id for entry in vars(module).values() if isinstance(entry, Claim)}


def test_all_are_in_the_ledger_of_the_chapter():
    assert ids_of(moving_claims) < ids_of(claims)


@pytest.mark.parametrize("points", [1, 10])
def test_rings_of_the_simulator_are_spread_as_the_claim_says(points):
    rng = np.random.default_rng(5)
    moved = [ring_moved(rng, points) for _ in range(800)]
    values = moving_claims.ring.values()
    assert np.std(moved) == pytest.approx(values[f"sd{points}"], rel=0.1)
    assert np.mean(moved) == pytest.approx(values["mean"], abs=0.025)
