import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.routing.shard_routing import (
    AttributeRouter,
    EntityRouter,
    HashRouter,
    LookupRouter,
    PlacedRouter,
    RangeRouter,
)
from scalelab.models.imbalance import peak_to_mean, usable_servers
from scalelab.sim.hashing import hash_text
from scalelab.sim.placement import JumpPlacement
from scalelab.sim.ring import HashRing

SHARDS = ["shard1", "shard2", "shard3"]


def loads(router, keys):
    owners = [router.node_for(key) for key in keys]
    return [owners.count(node) for node in router.nodes]


def test_boundaries_of_a_million_belong_to_one_shard_each():
    router = RangeRouter([1_000_001, 2_000_001], SHARDS)
    around = [1, 1_000_000, 1_000_001, 2_000_000, 2_000_001, 3_000_000]
    assert [router.node_for(u) for u in around] == [s for s in SHARDS for _ in range(2)]


def test_closed_ranges_overlap_and_ours_do_not():
    closed = [(1, 1_000_000), (1_000_000, 2_000_000), (2_000_000, 3_000_000)]
    twice = [u for u in (1_000_000, 2_000_000) if sum(a <= u <= b for a, b in closed) == 2]
    assert len(twice) == 2
    assert all(isinstance(RangeRouter([1_000_000, 2_000_000]).node_for(u), str) for u in twice)


def test_letters_of_three_cabinets():
    router = RangeRouter(["G", "N"], ["A-F", "G-M", "N-Z"])
    assert loads(router, [chr(c) for c in range(ord("A"), ord("Z") + 1)]) == [6, 7, 13]


@given(
    points=st.lists(st.integers(-50, 50), unique=True, max_size=6).map(sorted),
    low=st.integers(-60, 60),
    length=st.integers(1, 60),
)
def test_a_range_asks_exactly_the_nodes_of_its_keys(points, low, length):
    router = RangeRouter(points)
    by_hand = {router.node_for(key) for key in range(low, low + length)}
    assert set(router.nodes_for_range(low, low + length)) == by_hand


def test_a_range_that_ends_at_a_split_point_leaves_the_next_node_alone():
    assert RangeRouter([10]).nodes_for_range(0, 10) == ("shard0",)
    assert RangeRouter([10]).nodes_for_range(10, 11) == ("shard1",)


def test_new_ids_all_go_to_the_last_range():
    router = RangeRouter([1_000_001, 2_000_001])
    assert loads(router, range(2_500_000, 2_501_000)) == [0, 0, 1000]


def test_plain_modulo_of_the_three_examples():
    router = HashRouter(SHARDS, hash_of=int)
    assert [router.node_for(h) for h in (87234, 12933, 44721, 44723)] == [*["shard1"] * 3, "shard3"]


def test_hashes_spread_texts_evenly_and_as_blake2_says():
    router = HashRouter(SHARDS)
    assert router.node_for("ann") == SHARDS[hash_text("ann") % 3]
    assert peak_to_mean(loads(router, [f"user{i}" for i in range(3000)])) < 1.1


@pytest.mark.parametrize("make", [HashRing, lambda ids: JumpPlacement(len(ids))])
def test_a_placement_as_a_router_agrees_with_its_arrays(make):
    placement = make(range(3))
    router = PlacedRouter(placement, SHARDS)
    keys = np.arange(200)
    assert [router.node_for(int(k)) for k in keys] == [SHARDS[i] for i in placement.place(keys)]


def test_tables_as_shards_are_worth_no_more_than_the_largest():
    by_table = AttributeRouter(lambda key: key[0], {"users": 1, "products": 2, "orders": 3})
    writes = [("users", i) for i in range(10)] + [("products", i) for i in range(20)]
    writes += [("orders", i) for i in range(70)]
    assert usable_servers(loads(by_table, writes)) == pytest.approx(1 / 0.7)


def test_regions_of_50_30_20_percent_are_worth_two_shards():
    home = {digit: "us" if digit < 5 else "eu" if digit < 8 else "asia" for digit in range(10)}
    region = AttributeRouter(lambda user: user % 10, home)
    assert usable_servers(loads(region, range(100))) == pytest.approx(2.0)


def test_an_entity_is_never_split():
    router = EntityRouter(lambda key: key[0], HashRouter(SHARDS))
    for tenant in range(30):
        assert len({router.node_for((tenant, row)) for row in range(20)}) == 1


def test_a_directory_moves_one_key_and_no_other():
    router = LookupRouter(HashRouter(SHARDS))
    before = {key: router.node_for(key) for key in range(100)}
    target = next(s for s in SHARDS if s != before[7])
    router.move(7, target)
    after = {key: router.node_for(key) for key in range(100)}
    assert [key for key in before if before[key] != after[key]] == [7]
    assert after[7] == target
    assert router.lookups == 200
