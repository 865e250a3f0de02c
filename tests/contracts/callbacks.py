"""Every function that a fake takes from its user and calls later: add yours here.

`VERBS` names the verbs that answer by a callback. A maker returns a `Scene`: a clock, the fakes on
it, `begin(number, done, failed)`, which begins one of several requests, and `fail()`, which makes
what is under way fail. `OWN` names the other functions, such as the change of an update: the
maker's `begin` takes the function, too, and the request that it belongs to fails with its error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import PublishingService
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import PrimaryOnly
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.scaling.fleet_load import BalancedLoad
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.live_resharding import LiveResharding
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.fakes.sharding.shard import Shard
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.fakes.transactions.saga import Saga, SagaStep, StepFailedError
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit

KEY = {"get": ("k",), "read": ("k",), "delete": ("k",), "load": ("k",)}
VALUE = {"put": ("k", {"n": 1}), "update": ("k", {"n": 1}), "save": ("k", {"n": 1})}


@dataclass
class Scene:
    """Some fakes on a clock, and how to begin a request there."""

    clock: VirtualClock
    fakes: list[Any]
    begin: Callable[..., object]
    fail: Callable[[], object] | None = None


def scene(fake, verb, *arguments, clock=None, fail=None, **settings):
    """Return the scene of one verb of one fake, always with the same arguments."""
    submit = partial(getattr(fake, verb), *arguments, **settings)
    return Scene(clock or fake.clock, [fake], lambda n, done, failed: submit(done, failed), fail)


def each(make, begin):
    """Return a maker of a scene with a fake of its own for each request, all on one clock."""

    def made():
        clock = VirtualClock()
        fakes = [make(clock) for _ in range(6)]
        return Scene(clock, fakes, lambda n, done, failed: begin(fakes[n], done, failed))

    return made


def key_value(name, make, fail, verbs=("get", "put", "delete")):
    """Verbs of a store of keys and values; `fail(store)` breaks it."""

    def maker(verb):
        def made():
            store = make()
            given = (KEY | VALUE)[verb]
            clock = getattr(store, "clock", None) or store.store.clock
            return scene(store, f"submit_{verb}", *given, clock=clock, fail=lambda: fail(store))

        return made

    return {f"{name}.submit_{verb}": maker(verb) for verb in verbs}


def base():
    return BackingStore(VirtualClock(), read_s=0.01, write_s=0.01, workers=1)


def cached(pattern, **settings):
    def make():
        store = base()
        return pattern(store, TtlCache(store.clock, 60.0, 3), cache_s=0.001, **settings)

    return make


CACHE_VERBS = ("get", "read", "put", "update", "delete")
SESSION_VERBS = ("load", "save", "delete")


def crash_store(cached_store):
    cached_store.store.crash()


def replicated():
    clock = VirtualClock()
    return ReplicatedStore(clock, network=FakeNetwork(clock, delay_s=0.001), sync="receive")


def cut_off(store):
    for node in store.nodes:
        store.failover.crash(node)


def sharded(clock=None):
    return ShardedStore(clock or VirtualClock(), ModuloRouter(["a", "b"]), latency_s=0.002)


def crash_shards(store):
    for shard in store.shards:
        store.crash(shard)


def indexed():
    return IndexedStore(sharded(), lambda value: value["n"], ModuloRouter(["i", "j"]))


def crash_both(store):
    crash_shards(store.store)
    crash_shards(store.index)


def shard():
    made = Shard("a", VirtualClock(), latency_s=0.002, work_s=0.001)
    made.clock = made._clock
    return made


def balancer(retries=0):
    return LoadBalancer(VirtualClock(), ["a", "b", "c"], retries=retries)


def crash_servers(made):
    for name in made.servers:
        made.server(name).crash()


def crash_servers_of(sessions):
    crash_servers(sessions.balancer)


def memory_sessions():
    return MemorySessions(balancer(), service_s=0.1)


def session_store():
    return SessionStore(VirtualClock(), round_trip_s=0.01)


def update_sessions(make, fail):
    """`submit_update` of a session store; its own function can be given."""

    def made():
        store = make()

        def begin(number, done, failed, own=lambda data: {"n": 1}):
            store.submit_update("ann", own, done, failed)

        return Scene(store.clock, [store], begin, lambda: fail(store))

    return made


def served(make, fail):
    def made():
        fake = make()

        def begin(number, done, failed, own=None):
            request = Request(client=f"client {number}", service_s=0.1)
            if own is not None:
                request = Request(client=f"client {number}", service_s=0.1, work=own)
            fake.submit(request, done, failed)

        return Scene(fake.clock, [fake], begin, lambda: fail(fake))

    return made


def web_server():
    return WebServer(VirtualClock(), "a", workers=1)


def querying(make, name, verb="submit_query"):
    def made():
        store = make()

        def begin(number, done, failed, own=lambda key, value: True):
            getattr(store, verb)(own, done, failed)

        store.submit_put("k", 1, lambda before: None, lambda error: None)
        store.clock.advance(1.0)
        breaking = crash_shards if name == "ShardedStore" else Shard.crash
        return Scene(store.clock, [store], begin, lambda: breaking(store))

    return made


def pool():
    clock = VirtualClock()
    database = FakeDatabase(clock)
    made = FakeConnectionPool(database, clock, min_size=0, max_size=6, acquire_timeout_s=1.0)
    return Scene(
        clock, [made, database], lambda n, done, failed: made.request(done, failed), made.close
    )


def connecting():
    database = FakeDatabase(VirtualClock())
    return scene(database, "submit_connect", fail=database.restart)


def asking_database():
    database = FakeDatabase(VirtualClock(), cores=1)
    connections = [database.connect() for _ in range(6)]

    def begin(number, done, failed):
        database.submit(connections[number], cpu_s=0.1, on_done=done, on_failed=failed)

    return Scene(database.clock, [database], begin, database.restart)


def closing():
    database = FakeDatabase(VirtualClock())
    connections = [database.connect() for _ in range(6)]
    return Scene(
        database.clock,
        [database],
        lambda n, done, failed: database.submit_close(connections[n], done),
    )


def draining():
    made = LoadBalancer(VirtualClock(), list("abcdef"))
    for name in made.servers:
        made.submit(Request(client=name, service_s=0.1), lambda done: None, lambda error: None)
    return Scene(made.clock, [made], lambda n, done, failed: made.submit_drain("abcdef"[n], done))


def shrinking():
    load = BalancedLoad(LoadBalancer(VirtualClock(), []))
    for name in "abcdef":
        load.started(name)
    made = load.balancer
    return Scene(made.clock, [made], lambda n, done, failed: load.stopping("abcdef"[n], done))


def replica():
    store = base()
    return scene(LaggingReplica(store, lag_s=0.1), "submit_read", "k", clock=store.clock)


def publishing(method):
    def make():
        return PublishingService(EventLog(VirtualClock()), method=method)

    return key_value("PublishingService", make, PublishingService.crash, ("put",))


def partitioned():
    clock = VirtualClock()
    table = PartitionedTable(clock, RangeRouter([10]), work_s=0.1)
    return Scene(clock, [table], lambda n, done, failed: table.submit_put(n, "row", done))


def moving(clock):
    move = LiveResharding(clock, ModuloRouter(["old"]), ModuloRouter(["new"]))
    move.put("k", 1)
    move.add_nodes()
    move.double_write()
    return move


def stopped(clock):
    store = sharded(clock)
    store.put("k", 1)
    return store


def reshard(store, done, failed):
    store.submit_stop_and_reshard(ModuloRouter(["a", "b", "c"]), done, rows_per_s=10.0)


def replicated_on(clock):
    return ReplicatedStore(clock, network=FakeNetwork(clock, delay_s=0.001))


def switch(store, done, failed):
    replica = next(node for node in store.nodes if node != store.primary)
    store.failover.submit_switch_over(replica, done, failed)


def saga(do=lambda: None, undo=lambda: None):
    def make(clock):
        steps = [SagaStep("first", lambda: None, undo), SagaStep("second", do, lambda: None)]
        return Saga(clock, steps, step_s=0.1)

    return make


def stepping(undoing):
    """Sagas of which one step is the user's: `do`, or `undo` after a step that failed."""

    def fails():
        raise StepFailedError("no")

    def made():
        clock, fakes = VirtualClock(), []

        def begin(number, done, failed, own=lambda: None):
            made = saga(fails, own)(clock) if undoing else saga(own)(clock)
            fakes.append(made)
            made.submit(done, failed)

        return Scene(clock, fakes, begin)

    return made


def bank():
    network = FakeNetwork(VirtualClock(), delay_s=0.005)
    made = TwoPhaseCommit(network, {"x": {"ann": 100}, "y": {"bob": 100}})
    fail = made.crash_coordinator
    return scene(made, "submit_transfer", "ann", "bob", 1, clock=network.clock, fail=fail)


VERBS: dict[str, Callable[[], Scene]] = {
    **key_value("BackingStore", base, BackingStore.crash, ("read", "put", "update", "delete")),
    "LaggingReplica.submit_read": replica,
    **key_value("CacheAside", cached(CacheAside, single_flight=True), crash_store, CACHE_VERBS),
    **key_value("WriteThrough", cached(WriteThrough), crash_store, CACHE_VERBS),
    **key_value("WriteBehind", cached(WriteBehind), WriteBehind.crash, CACHE_VERBS),
    **key_value("RefreshAhead", cached(RefreshAhead, single_flight=True), crash_store, CACHE_VERBS),
    "WebServer.submit": served(web_server, WebServer.crash),
    "LoadBalancer.submit": served(balancer, crash_servers),
    "LoadBalancer.submit, again elsewhere": served(partial(balancer, 1), crash_servers),
    "LoadBalancer.submit_drain": draining,
    "BalancedLoad.stopping": shrinking,
    **publishing("commit_then_publish"),
    **publishing("outbox"),
    "FakeConnectionPool.request": pool,
    "FakeDatabase.submit_connect": connecting,
    "FakeDatabase.submit": asking_database,
    "FakeDatabase.submit_close": closing,
    **key_value("ReplicatedStore", replicated, cut_off, ("get", "read", "put", "delete")),
    "Failover.submit_switch_over": each(replicated_on, switch),
    **key_value(
        "Session", lambda: Session(replicated(), PrimaryOnly()), lambda s: cut_off(s.store)
    ),
    **key_value(
        "MemorySessions",
        memory_sessions,
        lambda s: crash_servers(s.balancer),
        ("load", "save", "delete"),
    ),
    "MemorySessions.submit_update": update_sessions(
        memory_sessions, lambda s: crash_servers(s.balancer)
    ),
    **key_value("SessionStore", session_store, SessionStore.crash, ("load", "save", "delete")),
    "SessionStore.submit_update": update_sessions(session_store, SessionStore.crash),
    **key_value("IndexedStore", indexed, crash_both),
    **key_value("Shard", shard, Shard.crash, ("get", "put")),
    "Shard.submit_query": querying(shard, "Shard"),
    **key_value("ShardedStore", sharded, crash_shards),
    "ShardedStore.submit_query": querying(sharded, "ShardedStore"),
    "ShardedStore.submit_stop_and_reshard": each(stopped, reshard),
    "LiveResharding.start_backfill": each(moving, lambda f, done, failed: f.start_backfill(done)),
    "PartitionedTable.submit_put": partitioned,
    "Saga.submit": each(saga(), lambda made, done, failed: made.submit(done, failed)),
    "TwoPhaseCommit.submit_transfer": bank,
}

OWN: dict[str, Callable[[], Scene]] = {
    "Request.__init__:work": served(web_server, WebServer.crash),
    "MemorySessions.submit_update:change": VERBS["MemorySessions.submit_update"],
    "SessionStore.submit_update:change": VERBS["SessionStore.submit_update"],
    "Shard.submit_query:matches": VERBS["Shard.submit_query"],
    "ShardedStore.submit_query:matches": VERBS["ShardedStore.submit_query"],
    "SagaStep.__init__:do": stepping(undoing=False),
    "SagaStep.__init__:undo": stepping(undoing=True),
}
