"""The range router beyond the contract of all routers."""

from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.routing.ranges import RangeRouter

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
