"""Arguments of the sharded store, its routers, transactions across shards and resharding."""

from support.bad_values import NEGATIVE, NOT_A_GENERATOR, NOT_POSITIVE, RNG

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

ANYTHING: list = []
CLOCK = VirtualClock()
NOT_A_CLOCK = [None, 3, "clock"]
NOT_A_KEY = [[], {}, float("nan")]
NOT_A_FUNCTION = [None, 3, "f"]
NOT_A_ROUTER = [None, 3, "router", object()]
NOT_A_PAIR = [(3, 1), (1,), "ab", 3, [1, 3]]
NOT_TRUE = [None, 2, "yes"]
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


KEY = {"key": (15, NOT_A_KEY)}
VALUE = {"value": ({"mail": "x"}, ANYTHING)}  # but None; see the tests
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
TIMES = {
    "latency_s": (lambda rng: 0.1, NEGATIVE),
    "work_s": (0.0, NEGATIVE),
    "scan_s_per_row": (0.0, NEGATIVE),
    "rng": (RNG, NOT_A_GENERATOR),
}
MATCHES = {"matches": (lambda key, row: True, NOT_A_FUNCTION)}
QUERY = {
    **MATCHES,
    "key_range": ((5, 15), NOT_A_PAIR),
    "together_with": (15, [[], {}]),
    "allow_partial": (True, ANYTHING),
}
NODE = {"shard": ("shard0", ["z", None, [], 1.5])}
PARTICIPANT = {"participant": ("s1", ["z", None, [], 1.5])}
ACCOUNTS = {"source": ("ann", ["zoe", [], None]), "target": ("bob", ["zoe", [], None, "ann"])}
NOT_ACCOUNTS = [
    {},
    None,
    3,
    {"s1": 3},
    {"s1": {"ann": -1}},
    {"coordinator": {}},
    {"": {}},
    {"s1": {"ann": 1}, "s2": {"ann": 1}},
]
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
    SHARD: {"name": ("a", ANYTHING), "clock": (CLOCK, NOT_A_CLOCK), **TIMES},
    f"{SHARD}.submit_get": {"self": shard, "key": (1, ANYTHING), **BACK},
    f"{SHARD}.submit_put": {"self": shard, "key": (1, ANYTHING), **VALUE, **BACK},
    f"{SHARD}.submit_query": {"self": shard, **MATCHES, **BACK},
    STORE: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "router": (ranges(), [*NOT_A_ROUTER, ModuloRouter()]),
        **TIMES,
    },
    f"{STORE}.put": {"self": store, **KEY, **VALUE},
    f"{STORE}.submit_put": {"self": store, **KEY, **VALUE, **BACK},
    f"{STORE}.delete": {"self": store, **KEY},
    f"{STORE}.submit_delete": {"self": store, **KEY, **BACK},
    f"{STORE}.get": {"self": store, **KEY},
    f"{STORE}.submit_get": {"self": store, **KEY, **BACK},
    f"{STORE}.get_all": {"self": store, "keys": ([1, 15], [3, None, "ab", {1}])},
    f"{STORE}.query": {"self": store, **QUERY},
    f"{STORE}.submit_query": {"self": store, **QUERY, **BACK},
    f"{STORE}.join": {"self": store, **KEY, "related": (lambda k, v: [1], NOT_A_FUNCTION)},
    f"{STORE}.stop_and_reshard": {
        "self": store,
        "router": (hashed(), [*NOT_A_ROUTER, ModuloRouter()]),
        "rows_per_s": (10.0, NOT_POSITIVE),
    },
    f"{STORE}.submit_stop_and_reshard": {
        "self": store,
        "router": (hashed(), [*NOT_A_ROUTER, ModuloRouter()]),
        "on_done": (lambda moved: None, ANYTHING),
        "rows_per_s": (10.0, NOT_POSITIVE),
    },
    f"{STORE}.crash": {"self": store, **NODE},
    f"{STORE}.restart": {"self": store, **NODE},
    f"{STORE}.shard_stats": {"self": store, **NODE},
    f"{STORE}.loads": {"self": store, "counter": ("reads", ["x", None, 3])},
    f"{STORE}.peak_to_mean": {
        "self": lambda: _with_a_row(),
        "counter": ("rows", ["x", None, 3]),
    },
    INDEXED: {
        "store": (store(), [None, 3, "store"]),
        "attribute_of": (lambda row: row, NOT_A_FUNCTION),
        "index_router": (hashed(), NOT_A_ROUTER),
    },
    f"{INDEXED}.put": {"self": indexed, **KEY, **VALUE},
    f"{INDEXED}.submit_put": {"self": indexed, **KEY, **VALUE, **BACK},
    f"{INDEXED}.delete": {"self": indexed, **KEY},
    f"{INDEXED}.submit_delete": {"self": indexed, **KEY, **BACK},
    f"{INDEXED}.get": {"self": indexed, **KEY},
    f"{INDEXED}.submit_get": {"self": indexed, **KEY, **BACK},
    f"{INDEXED}.find": {"self": indexed, "attribute": ("x", ANYTHING)},
    TABLE_: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "router": (ranges(), [None, 3, hashed()]),
        "work_s": (0.0, NEGATIVE),
        "scan_s_per_row": (0.0, NEGATIVE),
    },
    f"{TABLE_}.put": {"self": table, "key": (15, ["x", None, []]), **VALUE},
    f"{TABLE_}.submit_put": {
        "self": table,
        "key": (15, ["x", None, []]),
        **VALUE,
        "on_done": (lambda result: None, ANYTHING),
    },
    f"{TABLE_}.query": {"self": table, "key_range": ((5, 15), [(1,), "ab", 3, [1, 3]])},
    f"{TABLE_}.drop_partition": {"self": table, "name": ("shard0", ["z", None, []])},
    BANK_: {
        "network": (FakeNetwork(CLOCK), [None, 3, "wire"]),
        "accounts": ({"s1": {"ann": 1}}, NOT_ACCOUNTS),
        "timeout_s": (1.0, NOT_POSITIVE),
        "retry_s": (1.0, NOT_POSITIVE),
    },
    f"{BANK_}.transfer": {"self": bank, **ACCOUNTS, "amount": (3, NOT_POSITIVE)},
    f"{BANK_}.submit_transfer": {"self": bank, **ACCOUNTS, "amount": (3, NOT_POSITIVE), **BACK},
    f"{BANK_}.balance": {"self": bank, "account": ("ann", ["zoe", [], None])},
    f"{BANK_}.crash_coordinator": {
        "self": bank,
        "at": ("before decision", ["whenever", 3, []]),
    },
    f"{BANK_}.crash": {"self": bank, **PARTICIPANT},
    f"{BANK_}.restart": {"self": bank, **PARTICIPANT},
    f"{BANK_}.completed_s": {"self": lambda: BANK, "receipt": (RECEIPT, [None, 3, "r"])},
    "fakes.transactions.saga.SagaStep": {
        "name": ("debit", ["", 3, None]),
        "do": (print, NOT_A_FUNCTION),
        "undo": (print, NOT_A_FUNCTION),
    },
    "fakes.transactions.saga.Saga": {
        "clock": (CLOCK, NOT_A_CLOCK),
        "steps": ([step()], [[], None, 3, [3], "ab"]),
        "step_s": (0.0, NEGATIVE),
    },
    "fakes.transactions.saga.Saga.submit": {"self": lambda: Saga(VirtualClock(), [step()]), **BACK},
    MOVE: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "before": (hashed(), NOT_A_ROUTER),
        "after": (hashed(), NOT_A_ROUTER),
        "copy_rule": ("versioned", ["never", 3, None]),
        "tombstones": (True, NOT_TRUE),
        "copy_s": (lambda rng: 0.1, NEGATIVE),
        "second_write_s": (0.0, NEGATIVE),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    f"{MOVE}.get": {"self": resharding, **KEY},
    f"{MOVE}.put": {"self": resharding, **KEY, **VALUE},
    f"{MOVE}.delete": {"self": resharding, **KEY},
    f"{MOVE}.backfill": {
        "self": double_writing,
        "rows_per_s": (5.0, [b for b in NOT_POSITIVE if b is not None]),
    },
    f"{MOVE}.start_backfill": {
        "self": double_writing,
        "on_done": (lambda copied: None, ANYTHING),
        "rows_per_s": (5.0, [b for b in NOT_POSITIVE if b is not None]),
    },
    f"{MOVE}.verify": {
        "self": backfilled,
        "both_ways": (True, NOT_TRUE),
        "repair": (True, NOT_TRUE),
    },
    f"{MOVE}.switch_reads": {"self": backfilled, "force": (True, NOT_TRUE)},
    f"{MOVE}.moves": {"self": resharding, **KEY},
    f"{MOVE}.rows_on": {"self": resharding, "node": ("a", NOT_A_KEY)},
}


def _with_a_row():
    made = store()
    made.put(1, "row")
    return made
