"""The sharded store: what is asked where, what a join costs, what moves."""

from functools import partial

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.shard import ShardDownError
from scalelab.fakes.sharding.sharded_store import ShardedStore

ABC = ["a", "b", "c"]


def hashed(nodes=10, **settings):
    return ShardedStore(VirtualClock(), ModuloRouter(range(nodes)), **settings)


def test_a_range_query_asks_one_shard_of_ranges_and_all_of_hashes():
    ranges = ShardedStore(VirtualClock(), RangeRouter([1000, 2000, 3000]))
    hashes = hashed(4)
    for store in (ranges, hashes):
        for user in range(0, 4000, 10):
            store.put(user, user)
        found = store.query(lambda key, row: True, key_range=(1200, 1500))
        assert sorted(found.rows) == list(range(1200, 1500, 10))
    assert len(ranges.query(lambda k, r: True, key_range=(1200, 1500)).shards_touched) == 1
    assert len(hashes.query(lambda k, r: True, key_range=(1200, 1500)).shards_touched) == 4


def test_a_query_by_another_attribute_asks_all_and_looks_at_all_rows():
    store = hashed(3)
    for user in range(60):
        store.put(user, {"city": "Boston" if user % 20 == 0 else "Rome"})
    found = store.query(lambda user, row: row["city"] == "Boston")
    assert sorted(found.rows) == [0, 20, 40]
    assert (len(found.shards_touched), found.rows_scanned, found.is_complete) == (3, 60, True)


def test_hot_shards_are_seen():
    store = ShardedStore(VirtualClock(), RangeRouter([100, 200]))
    for user in range(250, 280):
        store.put(user, 1)
    assert store.loads("writes") == {"shard0": 0, "shard1": 0, "shard2": 30}
    assert store.peak_to_mean("writes") == 3.0


def joined(router):
    store = ShardedStore(VirtualClock(), router, latency_s=0.01)
    for user in range(20):
        store.put(("user", user), f"user {user}")
        for order in range(3):
            store.put(("order", user, order), order)
    results = [
        store.join(("user", u), lambda key, _: [("order", key[1], i) for i in range(3)])
        for u in range(20)
    ]
    assert all(len(result.rows) == 4 for result in results)
    return store, results


def test_a_join_within_an_entity_stays_on_its_shard():
    store, results = joined(EntityRouter(lambda key: key[1], ModuloRouter(ABC)))
    assert store.cross_shard_joins == 0
    assert {(r.round_trips, len(r.shards_touched)) for r in results} == {(1, 1)}


def test_a_join_across_entities_takes_two_round_trips():
    store, results = joined(ModuloRouter(ABC))
    assert store.cross_shard_joins == sum(r.round_trips == 2 for r in results) > 10
    assert max(r.latency_s for r in results) == pytest.approx(0.02)


def test_a_tenant_scoped_query_asks_one_shard():
    store = ShardedStore(VirtualClock(), EntityRouter(lambda key: key[0], ModuloRouter(ABC)))
    for tenant in range(9):
        for row in range(5):
            store.put((tenant, row), row)
    found = store.query(lambda key, row: key[0] == 4, together_with=(4, None))
    assert len(found.rows) == 5
    assert len(found.shards_touched) == 1


def test_stopping_to_reshard_takes_as_long_as_its_rows():
    keys = range(10_000, 10_400)
    store = ShardedStore(VirtualClock(), ModuloRouter(range(3), hash_of=int), latency_s=0.01)
    for key in keys:
        store.put(key, key)
    begun_s, outcomes = store.clock.now_s, []
    for seconds in (1.0, 2.9):
        put = partial(store.submit_put, 10_000, "late", outcomes.append, outcomes.append)
        store.clock.schedule(seconds, put)
    moved = store.stop_and_reshard(ModuloRouter(range(4), hash_of=int), rows_per_s=100.0)
    assert moved == sum(key % 3 != key % 4 for key in keys) == pytest.approx(300, abs=3)
    assert store.clock.now_s - begun_s == pytest.approx(moved / 100)
    store.clock.advance(1.0)
    assert [type(outcome) for outcome in outcomes] == [ShardDownError] * 2
    assert {key: store.get(key) for key in keys} == {key: key for key in keys}
    store.check_invariants()


def test_a_router_of_texts_routes_too_and_a_new_node_without_its_rows_is_noticed():
    router = HashRingRouter(["a", "b", "c"])
    store = ShardedStore(VirtualClock(), router)
    for user in range(100):
        store.put(f"user:{user}", user)
    store.check_invariants()
    assert store.get("user:7") == 7
    router.add_node("d")
    with pytest.raises(AssertionError, match="a shard that is not theirs"):
        store.check_invariants()
    moved = store.stop_and_reshard(router, rows_per_s=100.0)
    assert 5 < moved < 50
    assert len(store.shards) == 4
    store.check_invariants()


def test_none_is_no_value():
    with pytest.raises(ValueError, match=r"ShardedStore.put: value must .*use delete"):
        hashed(2).put("x", None)
    with pytest.raises(ValueError, match=r"IndexedStore.put: value must .*use delete"):
        IndexedStore(hashed(2), str, ModuloRouter(ABC)).put("x", None)


def test_a_row_on_the_wrong_shard_is_found():
    store = hashed(3)
    store.put("x", 1)
    store.check_invariants()
    wrong = next(name for name in store.shards if name != store.router.node_for("x"))
    store._shards[wrong].rows["x"] = 1
    with pytest.raises(AssertionError, match="a shard that is not theirs"):
        store.check_invariants()
