"""Which shard owns which key."""

import numpy as np
import pytest

from scalelab.sim.placement import largest_over_mean
from scalelab.sim.shard_map import shard_of_keys


def test_a_range_puts_the_popular_keys_together():
    assert shard_of_keys(10, 2, "range").tolist() == [0] * 5 + [1] * 5
    assert shard_of_keys(10, 3, "range").tolist() == sorted(shard_of_keys(10, 3, "range").tolist())


@pytest.mark.parametrize("placement", ["hash", "range"])
def test_all_shards_get_about_as_many_keys(placement):
    owners = shard_of_keys(100_000, 7, placement)
    assert largest_over_mean(owners, 7) < 1.03
    assert np.all(shard_of_keys(5, 1, placement) == 0)


def test_a_hash_spreads_what_a_range_does_not():
    share = {
        placement: np.mean(shard_of_keys(100_000, 4, placement)[:100] == 0)
        for placement in ("hash", "range")
    }
    assert share["range"] == 1
    assert share["hash"] < 0.5
