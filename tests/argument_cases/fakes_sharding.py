"""Arguments of the sharded store, its routers, transactions across shards and resharding."""

from support import kinds as k
from support.kinds import RNG

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.live_resharding import LiveResharding
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.fakes.sharding.shard import Shard
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.fakes.transactions.saga import Saga, SagaStep
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit

CLOCK = VirtualClock()


PAIR = k.Kind((3, 1), (1,), "ab", 3, [1, 3])

NODES = ["a", "b", "c"]


def ranges():
    return RangeRouter([10, 20])


def hashed():
    return ModuloRouter(NODES)


def shard():
    return Shard("a", VirtualClock())


def store():
    return ShardedStore(VirtualClock(), ranges())


def indexed():
    return IndexedStore(
        ShardedStore(VirtualClock(), hashed()), lambda row: row.get("mail"), hashed()
    )


def table():
    return PartitionedTable(VirtualClock(), ranges())


def bank():
    network = FakeNetwork(VirtualClock(), delay_s=0.01)
    return TwoPhaseCommit(network, {"s1": {"ann": 100}, "s2": {"bob": 0}})


BANK = bank()
RECEIPT = BANK.transfer("ann", "bob", 1)


def resharding():
    return LiveResharding(VirtualClock(), ModuloRouter(["a"]), ModuloRouter(["b"]))


def double_writing():
    made = resharding()
    made.add_nodes()
    made.double_write()
    return made


def backfilled():
    made = double_writing()
    made.backfill()
    return made


def step():
    return SagaStep("debit", print, print)


KEY = {"key": k.KEY(15)}
VALUE = {"value": k.ANY({"mail": "x"})}  # but None; see the tests
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
TIMES = {
    "latency_s": k.NOT_NEGATIVE(lambda rng: 0.1),
    "work_s": k.NOT_NEGATIVE(0.0),
    "scan_s_per_row": k.NOT_NEGATIVE(0.0),
    "rng": k.GENERATOR(RNG),
}
MATCHES = {"matches": k.FUNCTION(lambda key, row: True)}
QUERY = {
    **MATCHES,
    "key_range": PAIR((5, 15)),
    "together_with": k.ONLY(15, [], {}),
    "allow_partial": k.ANY(True),
}
NODE = {"shard": k.ONLY("shard0", "z", None, [], 1.5)}
PARTICIPANT = {"participant": k.ONLY("s1", "z", None, [], 1.5)}
ACCOUNTS = {
    "source": k.ONLY("ann", "zoe", [], None),
    "target": k.ONLY("bob", "zoe", [], None, "ann"),
}
A_ACCOUNTS = k.Kind(
    {},
    None,
    3,
    {"s1": 3},
    {"s1": {"ann": -1}},
    {"coordinator": {}},
    {"": {}},
    {"s1": {"ann": 1}, "s2": {"ann": 1}},
)
STORE, SHARD = "fakes.sharding.sharded_store.ShardedStore", "fakes.sharding.shard.Shard"
INDEXED, TABLE_ = (
    "fakes.sharding.indexed_store.IndexedStore",
    "fakes.sharding.partitioned_table.PartitionedTable",
)
BANK_, MOVE = (
    "fakes.transactions.two_phase_commit.TwoPhaseCommit",
    "fakes.sharding.live_resharding.LiveResharding",
)

TABLE = {
    SHARD: {"name": k.ANY("a"), "clock": k.CLOCK(CLOCK), **TIMES},
    f"{SHARD}.submit_get": {"self": shard, "key": k.ANY(1), **BACK},
    f"{SHARD}.submit_put": {"self": shard, "key": k.ANY(1), **VALUE, **BACK},
    f"{SHARD}.submit_query": {"self": shard, **MATCHES, **BACK},
    STORE: {"clock": k.CLOCK(CLOCK), "router": k.ROUTER(ranges(), ModuloRouter()), **TIMES},
    f"{STORE}.put": {"self": store, **KEY, **VALUE},
    f"{STORE}.submit_put": {"self": store, **KEY, **VALUE, **BACK},
    f"{STORE}.delete": {"self": store, **KEY},
    f"{STORE}.submit_delete": {"self": store, **KEY, **BACK},
    f"{STORE}.get": {"self": store, **KEY},
    f"{STORE}.submit_get": {"self": store, **KEY, **BACK},
    f"{STORE}.get_all": {"self": store, "keys": k.ONLY([1, 15], 3, None, "ab", {1})},
    f"{STORE}.query": {"self": store, **QUERY},
    f"{STORE}.submit_query": {"self": store, **QUERY, **BACK},
    f"{STORE}.join": {"self": store, **KEY, "related": k.FUNCTION(lambda k, v: [1])},
    f"{STORE}.stop_and_reshard": {
        "self": store,
        "router": k.ROUTER(hashed(), ModuloRouter()),
        "rows_per_s": k.POSITIVE(10.0),
    },
    f"{STORE}.submit_stop_and_reshard": {
        "self": store,
        "router": k.ROUTER(hashed(), ModuloRouter()),
        "on_done": k.ANY(lambda moved: None),
        "rows_per_s": k.POSITIVE(10.0),
    },
    f"{STORE}.crash": {"self": store, **NODE},
    f"{STORE}.restart": {"self": store, **NODE},
    f"{STORE}.shard_stats": {"self": store, **NODE},
    f"{STORE}.loads": {"self": store, "counter": k.ONLY("reads", "x", None, 3)},
    f"{STORE}.peak_to_mean": {
        "self": lambda: _with_a_row(),
        "counter": k.ONLY("rows", "x", None, 3),
    },
    INDEXED: {
        "store": k.ONLY(store(), None, 3, "store"),
        "attribute_of": k.FUNCTION(lambda row: row),
        "index_router": k.ROUTER(hashed()),
    },
    f"{INDEXED}.put": {"self": indexed, **KEY, **VALUE},
    f"{INDEXED}.submit_put": {"self": indexed, **KEY, **VALUE, **BACK},
    f"{INDEXED}.delete": {"self": indexed, **KEY},
    f"{INDEXED}.submit_delete": {"self": indexed, **KEY, **BACK},
    f"{INDEXED}.get": {"self": indexed, **KEY},
    f"{INDEXED}.submit_get": {"self": indexed, **KEY, **BACK},
    f"{INDEXED}.find": {"self": indexed, "attribute": k.ANY("x")},
    TABLE_: {
        "clock": k.CLOCK(CLOCK),
        "router": k.ONLY(ranges(), None, 3, hashed()),
        "work_s": k.NOT_NEGATIVE(0.0),
        "scan_s_per_row": k.NOT_NEGATIVE(0.0),
    },
    f"{TABLE_}.put": {"self": table, "key": k.ONLY(15, "x", None, []), **VALUE},
    f"{TABLE_}.submit_put": {
        "self": table,
        "key": k.ONLY(15, "x", None, []),
        **VALUE,
        "on_done": k.ANY(lambda result: None),
    },
    f"{TABLE_}.query": {"self": table, "key_range": k.ONLY((5, 15), (1,), "ab", 3, [1, 3])},
    f"{TABLE_}.drop_partition": {"self": table, "name": k.ONLY("shard0", "z", None, [])},
    BANK_: {
        "network": k.ONLY(FakeNetwork(CLOCK), None, 3, "wire"),
        "accounts": A_ACCOUNTS({"s1": {"ann": 1}}),
        "timeout_s": k.POSITIVE(1.0),
        "retry_s": k.POSITIVE(1.0),
    },
    f"{BANK_}.transfer": {"self": bank, **ACCOUNTS, "amount": k.POSITIVE(3)},
    f"{BANK_}.submit_transfer": {"self": bank, **ACCOUNTS, "amount": k.POSITIVE(3), **BACK},
    f"{BANK_}.balance": {"self": bank, "account": k.ONLY("ann", "zoe", [], None)},
    f"{BANK_}.crash_coordinator": {
        "self": bank,
        "at": k.ONLY("before decision", "whenever", 3, []),
    },
    f"{BANK_}.crash": {"self": bank, **PARTICIPANT},
    f"{BANK_}.restart": {"self": bank, **PARTICIPANT},
    f"{BANK_}.completed_s": {"self": lambda: BANK, "receipt": k.ONLY(RECEIPT, None, 3, "r")},
    "fakes.transactions.saga.SagaStep": {
        "name": k.ONLY("debit", "", None, 3),
        "do": k.FUNCTION(print),
        "undo": k.FUNCTION(print),
    },
    "fakes.transactions.saga.Saga": {
        "clock": k.CLOCK(CLOCK),
        "steps": k.ONLY([step()], [], None, 3, [3], "ab"),
        "step_s": k.NOT_NEGATIVE(0.0),
    },
    "fakes.transactions.saga.Saga.submit": {"self": lambda: Saga(VirtualClock(), [step()]), **BACK},
    MOVE: {
        "clock": k.CLOCK(CLOCK),
        "before": k.ROUTER(hashed()),
        "after": k.ROUTER(hashed()),
        "copy_rule": k.ONLY("versioned", "never", 3, None),
        "tombstones": k.TRUTH(True),
        "copy_s": k.NOT_NEGATIVE(lambda rng: 0.1),
        "second_write_s": k.NOT_NEGATIVE(0.0),
        "rng": k.GENERATOR(RNG),
    },
    f"{MOVE}.get": {"self": resharding, **KEY},
    f"{MOVE}.put": {"self": resharding, **KEY, **VALUE},
    f"{MOVE}.delete": {"self": resharding, **KEY},
    f"{MOVE}.backfill": {"self": double_writing, "rows_per_s": k.POSITIVE.or_none()(5.0)},
    f"{MOVE}.start_backfill": {
        "self": double_writing,
        "on_done": k.ANY(lambda copied: None),
        "rows_per_s": k.POSITIVE.or_none()(5.0),
    },
    f"{MOVE}.verify": {"self": backfilled, "both_ways": k.TRUTH(True), "repair": k.TRUTH(True)},
    f"{MOVE}.switch_reads": {"self": backfilled, "force": k.TRUTH(True)},
    f"{MOVE}.moves": {"self": resharding, **KEY},
    f"{MOVE}.rows_on": {"self": resharding, "node": k.KEY("a")},
}


def _with_a_row():
    made = store()
    made.put(1, "row")
    return made
