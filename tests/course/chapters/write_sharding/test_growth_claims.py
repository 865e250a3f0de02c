"""What the claims on growth rest on; their values are held with those of the whole section."""

import pytest

from scalelab.course.chapters.write_sharding import claims, growth_claims
from scalelab.course.ledger import Claim
from scalelab.models.placement import minimum_moved_share


def test_all_are_in_the_ledger_of_the_chapter():
    def of(module):
        return {entry.id for entry in vars(module).values() if isinstance(entry, Claim)}

    assert of(growth_claims) < of(claims)


@pytest.mark.parametrize("shards", [4, 6])
def test_rings_move_the_least_in_the_mean(shards):
    moved = growth_claims.ring.values()[f"ring{shards}"]
    assert moved == pytest.approx(minimum_moved_share(3, shards), abs=0.02)


def test_doubling_is_where_the_remainder_is_as_good_as_a_ring():
    moved = growth_claims.three_to_six.values()
    assert moved["to6"] == moved["least6"]
    assert moved["to4"] > 2 * moved["least4"]
