"""Rates by key and by shard: nothing is lost on the way."""

import numpy as np
import pytest

from scalelab.models.system_parts import Cache, Database, Demand, System
from scalelab.planner.system_flows import system_flows

DEMAND = Demand(rate_per_s=1_000.0, write_share=0.2, keys=2_000)


@pytest.mark.parametrize("placement", ["hash", "range"])
@pytest.mark.parametrize("shards", [1, 5])
def test_every_request_goes_somewhere(placement, shards):
    system = System(
        demand=DEMAND,
        cache=Cache(capacity=100),
        database=Database(shards=shards, placement=placement),
    )
    flows = system_flows(system)
    hits = float(flows.reads_per_s @ flows.hit_ratios)
    assert hits + flows.misses_per_s.sum() == pytest.approx(800)
    assert flows.shard_writes_per_s.sum() == pytest.approx(200)
    assert flows.hit_ratio == pytest.approx(hits / 800)


def test_misses_are_less_skewed_than_requests():
    database = Database(shards=4, placement="range")
    with_cache = system_flows(System(demand=DEMAND, cache=Cache(capacity=100), database=database))
    without = system_flows(System(demand=DEMAND, database=database))
    share = [flows.misses_per_s[0] / flows.misses_per_s.sum() for flows in (with_cache, without)]
    assert share[0] < share[1] - 0.05
    assert without.hit_ratio == 0


def test_only_writes_and_a_long_fill():
    writes = Demand(rate_per_s=10.0, write_share=1.0, keys=10)
    assert system_flows(System(demand=writes, cache=Cache(capacity=5))).hit_ratio == 0
    system = System(demand=DEMAND, cache=Cache(capacity=500))
    slow, fast = (system_flows(system, fill_s=fill_s).hit_ratio for fill_s in (0.5, 0.0))
    assert slow < fast - 0.05


def test_what_is_kept_between_calls_cannot_be_changed():
    flows = system_flows(System(demand=DEMAND))
    with pytest.raises(ValueError, match="read-only"):
        flows.owners[0] = 1
    assert np.all(flows.owners == 0)
