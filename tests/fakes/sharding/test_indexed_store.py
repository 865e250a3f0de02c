"""An index on shards of its own, under crashes."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.sharded_store import ShardedStore

ABC = ["a", "b", "c"]


def hashed(nodes=10, **settings):
    return ShardedStore(VirtualClock(), ModuloRouter(range(nodes)), **settings)


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
