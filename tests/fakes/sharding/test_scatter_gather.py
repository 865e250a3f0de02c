"""One question to many shards: its time, and what a dead shard does to it."""

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.shard import ShardDownError
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.models.lag_laws import LogNormalLag
from scalelab.models.tail_at_scale import fanout_quantile_s


def hashed(nodes=10, **settings):
    return ShardedStore(VirtualClock(), ModuloRouter(range(nodes)), **settings)


def test_a_query_takes_as_long_as_the_slowest_shard(rng):
    law = LogNormalLag(median_s=0.010, log_sd=0.8)
    for shards, queries in ((10, 1500), (100, 300)):
        store = hashed(shards, latency_s=lambda rng: rng.lognormal(np.log(0.010), 0.8), rng=rng)
        times = [store.query(lambda k, r: True).latency_s for _ in range(queries)]
        median = fanout_quantile_s(law, 0.5, shards)
        below = np.mean(np.asarray(times) < median)
        error = 0.5 / np.sqrt(len(times))
        assert abs(below - 0.5) < 4 * error
        # teeth: the median of one shard less out of ten, or a tenth off, would be noticed
        assert abs(np.mean(np.asarray(times) < 0.75 * median) - 0.5) > 4 * error


def test_a_shard_that_is_down_spoils_the_query_or_is_named_as_missing():
    store = hashed(4)
    for user in range(40):
        store.put(user, user)
    store.crash(2)
    with pytest.raises(ShardDownError, match="shard must be up, got 2"):
        store.query(lambda key, row: True)
    partial = store.query(lambda key, row: True, allow_partial=True)
    assert partial.missing == (2,)
    assert set(partial.rows) == {u for u in range(40) if store.router.node_for(u) != 2}
    store.restart(2)
    assert len(store.query(lambda key, row: True).rows) == 40
