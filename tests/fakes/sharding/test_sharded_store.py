from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.fakes.sharding.shard import ShardDownError
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.models.lag_laws import LogNormalLag
from scalelab.models.tail_at_scale import fanout_quantile_s

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


def test_a_crash_breaks_the_requests_in_line_and_keeps_the_rows():
    store = ShardedStore(VirtualClock(), ModuloRouter(["a"]), latency_s=0.01, work_s=0.1)
    store.put("x", 1)
    outcomes = []
    store.submit_put("x", 2, outcomes.append, outcomes.append)
    store.clock.advance(0.05)
    store.crash("a")
    store.restart("a")
    store.clock.advance(1.0)
    assert isinstance(outcomes[0], ShardDownError)
    assert store.get("x") == 1
    assert store.shard_stats("a").failed == 1


def test_writes_spread_over_shards_go_through_faster_and_partitions_do_not():
    def seconds_for_900_writes(shards):
        store = ShardedStore(VirtualClock(), RangeRouter(range(1, shards)), work_s=0.001)
        for number in range(900):
            store.submit_put(number % shards + number / 1000, 1, lambda _: None, print)
        store.clock.run_until(lambda: sum(store.loads("rows").values()) == 900)
        return store.clock.now_s

    assert seconds_for_900_writes(3) == pytest.approx(0.3, rel=0.05)
    assert seconds_for_900_writes(1) == pytest.approx(0.9, rel=0.01)
    for partitions in (1, 4):
        table = PartitionedTable(VirtualClock(), RangeRouter(range(1, partitions)), work_s=0.001)
        for number in range(900):
            table.submit_put(number % partitions + number / 1000, 1)
        table.query((0, 1))
        assert table._clock.now_s == pytest.approx(0.9, rel=0.01)


def test_partitions_are_pruned_and_dropped():
    years = RangeRouter([2022, 2023, 2024], ["y21", "y22", "y23", "y24"])
    table = PartitionedTable(VirtualClock(), years, scan_s_per_row=0.001)
    for number in range(400):
        table.put(2021 + number % 4 + number / 1000, number)
    assert table.query((2022, 2023)).rows_scanned == 100
    assert table.query((2022, 2023)).latency_s == pytest.approx(0.1)
    assert table.query().rows_scanned == 400
    assert table.drop_partition("y21") == 100
    assert table.query().rows_scanned == 300
    table.check_invariants()


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


def test_a_lookup_table_replaces_the_scatter():
    users = IndexedStore(hashed(10), lambda row: row["mail"], ModuloRouter(range(10)))
    for user in range(50):
        users.put(user, {"mail": f"{user}@x"})
    scattered = users.store.query(lambda user, row: row.value["mail"] == "7@x")
    found = users.find("7@x")
    assert list(found.rows) == [7]
    assert (len(scattered.shards_touched), len(found.shards_touched)) == (10, 2)
    assert (scattered.rows_scanned > 40, found.rows_scanned) == (True, 2)
    assert users.find("nobody@x").rows == {}


class IndexMachine(RuleBasedStateMachine):
    """Writes in flight together, and shards that fail between any two requests of a write."""

    def __init__(self):
        super().__init__()
        store = ShardedStore(VirtualClock(), ModuloRouter(ABC), latency_s=0.01, work_s=0.002)
        self.users = IndexedStore(store, lambda row: row["city"], ModuloRouter(ABC))
        self.expected = {}
        self.busy = set()

    @rule(key=st.integers(0, 3), city=st.sampled_from(["x", "y", "z", None]), s=st.floats(0, 0.02))
    def write(self, key, city, s):
        def end(_):
            self.busy.discard(key)

        def failed(_):
            self.busy.discard(key)
            self.expected.pop(key, None)  # perhaps written

        def done(_):
            end(_)
            self.expected[key] = city

        if key not in self.busy:
            self.busy.add(key)
            if city is None:
                self.users.submit_delete(key, done, failed)
            else:
                self.users.submit_put(key, {"city": city}, done, failed)
        self.users.store.clock.advance(s)

    @rule(cities=st.lists(st.sampled_from("xyz"), min_size=2, max_size=4), s=st.floats(0, 0.02))
    def write_one_row_together(self, cities, s):
        for city in cities:
            self.users.submit_put("contested", {"city": city}, lambda _: None, lambda _: None)
            self.users.store.clock.advance(s)

    @rule(shard=st.sampled_from(ABC), which=st.sampled_from(["store", "index"]))
    def crash(self, shard, which):
        getattr(self.users, which).crash(shard)

    @rule()
    def restart(self):
        for shard in ABC:
            self.users.store.restart(shard)
            self.users.index.restart(shard)

    @invariant()
    def no_row_is_unfindable(self):
        self.users.check_invariants()

    def teardown(self):
        self.restart()
        self.users.store.clock.advance(1.0)
        assert not self.busy
        for key, city in self.expected.items():
            assert self.users.get(key) == (None if city is None else {"city": city})
        for city in "xyz":
            found = self.users.find(city).rows
            rows = {
                k: v for shard in self.users.store.contents().values() for k, v in shard.items()
            }
            assert set(found) == {k for k, row in rows.items() if row.value["city"] == city}


IndexMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestIndex = IndexMachine.TestCase


def test_an_index_without_its_entry_is_found_out():
    users = IndexedStore(hashed(3), lambda row: row, ModuloRouter(ABC))
    users.put(1, "x")
    for shard in users.index._shards.values():
        shard.rows.clear()
    with pytest.raises(AssertionError, match="no entry in the index"):
        users.check_invariants()
