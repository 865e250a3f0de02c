"""A caller's code is called last: one that raises, or calls again, harms nobody else.

Each callback of each fake raises once and re-enters once. Afterwards every request has had one
answer, and the books add up. The fakes and their verbs stand in `callbacks.py`.
"""

import collections.abc
import contextlib
import importlib
import inspect
import pkgutil
import sys
import typing
from collections import Counter
from functools import partial

import pytest
from contracts.callbacks import OWN, VERBS, base, cached
from support.signatures import hints_of

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lfu_cache import LfuCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription
from scalelab.fakes.events.outbox import Inbox, PublishingService
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import FluidLoad
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.sim.autoscaling import Fleet
from scalelab.sim.scaling_policies import OwnPolicy

# Named in the tests below.
TESTED_BELOW = {
    "BackingStore.on_commit:listener",
    "BackingStore.__init__:read_s",
    "BackingStore.__init__:write_s",
    "LaggingReplica.__init__:lag_s",
    *(f"{pattern}.__init__:cache_s" for pattern in ("CacheAside", "WriteThrough", "WriteBehind")),
    "RefreshAhead.__init__:cache_s",  # the same code as in CacheAside
    *(f"{cache}.__init__:on_evict" for cache in ("Cache", "TtlCache")),
    "EventLog.on_append:listener",
    "Subscription.__init__:handler",
    "Inbox.__init__:handler",
    "Projection.__init__:fold",
    "FakeNetwork.on_heal:listener",
    "FakeNetwork.send:on_delivered",
    "FakeNetwork.__init__:delay_s",
    "FakeNetwork.set_delay:delay_s",  # the same code as the one before
    "PoolLoad.__init__:query_wait_s",
    "Autoscaler.__init__:at_least",
    "ModuloRouter.__init__:hash_of",
    "LoadBalancer.__init__:health",
}
# Called before anything is changed, or by a verb that blocks: the error goes to the caller.
BEFORE_THE_CHANGE = {
    "Cache.__init__:size_of",
    "AttributeRouter.__init__:attribute_of",
    "EntityRouter.__init__:entity_of",
    "IndexedStore.__init__:attribute_of",
    "Shard.__init__:latency_s",
    "ShardedStore.__init__:latency_s",
    "ShardedStore.join:related",
    "ShardedStore.query:matches",
    *(f"{sessions}.update:change" for sessions in ("MemorySessions", "SessionStore")),
    "TokenSessions.update:change",
    "FluidLoad.__init__:demand_per_s",
    "FluidLoad.stopping:on_gone",  # called at once by what keeps no books
    "FleetLoad.stopping:on_gone",  # a protocol
}
# The clock itself, parts that only their own fake calls, and delays drawn within the network.
INSIDE = {
    "VirtualClock.schedule:action",
    "VirtualClock.schedule_at:action",
    "VirtualClock.watch:look",
    "VirtualClock.run_until:condition",
    "VirtualClock.wait_for:begin",
    "Timer.__init__:action",
    "PoolMembers.__init__:on_change",
    "Gather.__init__:on_done",
    "Gather.__init__:on_failed",
    "RowCopies.audit:seen_in",
    "Ticket.__init__:on_granted",
    "Ticket.__init__:on_failed",
    "WaitingLine.give_up_after:on_timeout",
    "WaitingLine.grant_first:grant",
    "ReplicatedStore.__init__:apply_delay_s",
    "LiveResharding.__init__:copy_s",
    "LiveResharding.__init__:second_write_s",
}


class TheirError(Exception):
    """What the caller's code raises."""


def raises(*given):
    raise TheirError


def run(clock, seconds=60.0):
    """Let time pass; return how often the caller's code has raised."""
    errors, end_s = 0, clock.now_s + seconds
    while clock.now_s < end_s:
        try:
            clock.run(end_s)
        except TheirError:
            errors += 1
    return errors


class Once:
    """Does something at its first call."""

    def __init__(self, action):
        self.action, self.calls = action, 0

    def __call__(self, *given):
        self.calls += 1
        if self.calls == 1:
            return self.action(*given)
        return None


# The registry ------------------------------------------------------------------------------


def functions_taken():
    """`Class.method:parameter` of every function that a public fake takes."""
    package = importlib.import_module("scalelab.fakes")
    for info in pkgutil.walk_packages(package.__path__, "scalelab.fakes."):
        if "._" in info.name:
            continue
        module = importlib.import_module(info.name)
        for name, item in vars(module).items():
            mine = getattr(item, "__module__", "") == module.__name__
            if inspect.isclass(item) and mine and not name.startswith("_"):
                yield from (f"{name}.{taken}" for taken in taken_by(item))


def taken_by(item):
    names = {}  # a dataclass writes its constructor in the words of the modules of its bases
    for parent in reversed(item.__mro__):
        names |= vars(sys.modules[parent.__module__])
    for name, method in vars(item).items():
        if not inspect.isfunction(method) or (name.startswith("_") and name != "__init__"):
            continue
        for parameter, hint in hints_of(method, names).items():
            if parameter.startswith("on_") or is_function(hint):
                yield f"{name}:{parameter}"


def is_function(hint):
    if typing.get_origin(hint) is collections.abc.Callable:
        return True
    return any(is_function(part) for part in typing.get_args(hint) if not isinstance(part, list))


def test_no_function_is_forgotten():
    """A new fake with a callback fails here until the contract has it."""
    taken = set(functions_taken())
    listed = TESTED_BELOW | BEFORE_THE_CHANGE | INSIDE | set(OWN)
    forgotten = {name for name in taken - listed if name.split(":")[0] not in VERBS}
    assert sorted(forgotten) == []
    assert sorted(listed - taken) == []


# Verbs that answer by a callback -----------------------------------------------------------


@pytest.mark.parametrize("outcome", ["works", "fails"])
@pytest.mark.parametrize("name", VERBS)
def test_who_raises_harms_nobody_else(name, outcome):
    scene, answers = VERBS[name](), Counter()

    def ends(number):
        def call(*given):
            answers[number] += 1
            if number == 0:
                raise TheirError

        return call

    for number in range(3):
        scene.begin(number, ends(number), ends(number))
    if outcome == "fails" and scene.fail is not None:
        scene.fail()
    assert run(scene.clock) == 1
    assert answers == {0: 1, 1: 1, 2: 1}
    for fake in scene.fakes:
        fake.check_invariants()


@pytest.mark.parametrize("outcome", ["works", "fails"])
@pytest.mark.parametrize("name", VERBS)
def test_who_asks_again_at_once_upsets_nothing(name, outcome):
    scene, answers = VERBS[name](), Counter()

    def ends(number):
        def call(*given):
            answers[number] += 1
            if number == 0:
                scene.begin(3, ends(3), ends(3))
            for fake in scene.fakes:
                fake.check_invariants()

        return call

    for number in range(3):
        scene.begin(number, ends(number), ends(number))
    if outcome == "fails" and scene.fail is not None:
        scene.fail()
    run(scene.clock)
    assert answers == {0: 1, 1: 1, 2: 1, 3: 1}
    for fake in scene.fakes:
        fake.check_invariants()


@pytest.mark.parametrize("name", OWN)
def test_a_request_fails_with_the_error_of_its_own_function(name):
    scene, done, failed = OWN[name](), [], []
    for number in range(3):
        own = {"own": raises} if number == 0 else {}
        ends = (lambda *given, n=number: done.append(n)), (lambda error, n=number: failed.append(n))
        scene.begin(number, *ends, **own)
    assert run(scene.clock) == 0
    assert failed[:1] == [0]
    assert sorted(done + failed) == [0, 1, 2]
    for fake in scene.fakes:
        fake.check_invariants()


# Listeners, and what else is called -----------------------------------------------------------


@pytest.mark.parametrize("kind", [LruCache, LfuCache, FifoCache])
def test_a_cache_is_whole_when_it_calls_on_evict(kind):
    seen = []

    def on_evict(key, value):
        seen.append(key)
        cache.check_invariants()
        for change in (lambda: cache.put(key, value), lambda: cache.delete("c"), cache.clear):
            with pytest.raises(RuntimeError, match=rf"^{kind.__name__}\.\w+: call must come from"):
                change()
        raise TheirError

    cache = kind(9, capacity_bytes=3, on_evict=on_evict)
    for key in "abc":
        cache.put(key, "1")
    with pytest.raises(TheirError):
        cache.put("c", "333")  # two others have to go, for one that is there
    assert seen == ["a", "b"]
    assert (list(cache), cache.stats().size_bytes) == (["c"], 3)
    cache.check_invariants()
    cache.delete("c")  # from outside it is allowed again


@pytest.mark.parametrize("expiry", ["lazy", "active"])
def test_an_entry_expires_though_on_evict_failed(expiry):
    clock = VirtualClock()
    cache = TtlCache(clock, 10.0, 1, expiry=expiry, on_evict=raises)
    cache.put("a", 1)
    with pytest.raises(TheirError):
        cache.put("b", 2)
    assert (cache.get("a"), cache.get("b")) == (None, 2)
    clock.advance(10.0)
    assert cache.get("b") is None
    cache.check_invariants()


@pytest.mark.parametrize("pattern", [CacheAside, WriteThrough, WriteBehind])
def test_readers_and_writers_are_answered_though_on_evict_fails(pattern):
    store, answers = base(), []
    made = pattern(store, LruCache(1, on_evict=raises))
    for key in "abc":
        made.submit_put(key, {"n": 1}, answers.append)
        made.submit_get(key, answers.append)
    assert run(store.clock) > 0
    assert len(answers) == 6
    made.check_invariants()


@pytest.mark.parametrize("pattern", [CacheAside, WriteThrough, WriteBehind])
def test_what_was_begun_goes_on_though_a_draw_fails(pattern, rng):
    store, answers = base(), []
    draws = iter([0.1, 0.1])

    def draw(rng):
        value = next(draws, None)
        if value is None:
            raise TheirError
        return value

    made = pattern(store, LruCache(9), cache_s=draw, rng=rng)
    for verb, *given in (("submit_get", "a"), ("submit_put", "a", {"n": 1}), ("submit_get", "a")):
        try:
            getattr(made, verb)(*given, answers.append, answers.append)
        except TheirError:
            answers.append("refused at once")
    run(store.clock)
    assert len(answers) == 3
    made.check_invariants()


def test_a_store_that_cannot_draw_its_times_fails_the_request(rng):
    store, answers = BackingStore(VirtualClock(), read_s=raises, write_s=raises, rng=rng), []
    made = CacheAside(store, LruCache(9), single_flight=True)
    for _ in range(2):
        made.submit_get("a", answers.append, answers.append)
    made.submit_put("a", 1, answers.append, answers.append)
    run(store.clock)
    assert [type(answer) for answer in answers] == [TheirError] * 3
    made.check_invariants()
    store.check_invariants()


def test_a_write_that_cannot_be_made_fails():
    """Another write makes the row one without fields, while an update is on its way."""
    for make in (base, cached(CacheAside), cached(WriteThrough), cached(WriteBehind)):
        store, answers = make(), []
        store.submit_put("a", 3, answers.append, answers.append)
        store.submit_update("a", {"n": 1}, answers.append, answers.append)
        run(store.clock)
        store.submit_update("a", {"n": 1}, answers.append, answers.append) if make != base else 0
        run(store.clock)
        assert [isinstance(answer, ValueError) for answer in answers[:2]].count(True) == 1
        assert len(answers) == 2 + (make != base)
        store.check_invariants()


def test_an_error_in_one_listener_of_a_store_stops_nobody(rng):
    store, seen, answers = base(), [], []
    store.on_commit(raises)
    store.on_commit(lambda key, row: seen.append(row.version))
    replica = LaggingReplica(store, raises, rng=rng)
    store.submit_put("a", 1, answers.append, answers.append)
    assert run(store.clock) == 2
    assert (seen, answers, replica.get("a")) == ([1], [store.row("a")], 1)
    store.check_invariants()
    replica.check_invariants()


def test_listeners_of_a_log_hear_all_in_order_whoever_raises_or_appends():
    log, seen = EventLog(VirtualClock()), []
    log.on_append(Once(raises))
    log.on_append(Once(lambda event: log.append("b", "answer")))
    log.on_append(lambda event: seen.append((event.offset, event.data)))
    subscription = Subscription(log, Once(raises))
    log.append("a", "question")
    assert seen == [(0, "question"), (1, "answer")]
    assert run(log.clock) == 2
    assert subscription.stats().committed_offset == 2
    subscription.check_invariants()


def test_a_service_goes_on_whoever_listens_to_its_log():
    for method in ("outbox", "commit_then_publish", "publish_then_commit"):
        service, answers = PublishingService(EventLog(VirtualClock()), method=method), []
        service.log.on_append(Once(raises))
        for number in range(3):
            service.submit_put(number, "x", answers.append, answers.append)
        assert run(service.clock) == 1
        assert sorted(answers) == [1, 2, 3]
        assert (service.audit().lost, service.audit().published) == (0, 3)
        service.check_invariants()


def test_an_inbox_lets_an_event_through_once():
    event = EventLog(VirtualClock()).append("a", 1)
    inbox = Inbox(Once(raises))
    with pytest.raises(TheirError):
        inbox.receive(event)
    inbox.receive(event)  # it was not handled, so it is no repetition
    assert inbox.repeated == 0
    again = Inbox(Once(lambda event: again.receive(event)))
    again.receive(event)
    assert again.repeated == 1


def test_a_projection_keeps_what_its_fold_failed_for():
    log = EventLog(VirtualClock())
    one, two, three = (log.append("a", n) for n in (1, 2, 3))
    failing = [2, 3]

    def fold(state, event):
        if failing and event.data == failing[0]:
            failing.pop(0)
            raise TheirError
        return [*state, event.data]

    projection = Projection(fold, [])
    projection.apply(one)
    projection.apply(three)  # early
    for _ in range(2):  # for two, and then for three, which waits
        with pytest.raises(TheirError):
            projection.apply(two)
        projection.check_invariants()
    projection.apply(two)  # as a subscription brings it again
    assert projection.get("a") == [1, 2, 3]
    assert (projection.waiting, projection.offset) == (0, 3)
    projection.check_invariants()


def test_a_network_keeps_its_books_whoever_raises(rng):
    clock = VirtualClock()
    network, seen = FakeNetwork(clock, delay_s=Once(raises), rng=rng, duplication=0.5), []
    network.add(["a", "b"])
    with pytest.raises(TheirError):
        network.send("a", "b", "x", seen.append)
    network.check_invariants()
    network.set_delay("a", "b", 0.1)
    network.send("a", "b", "x", raises)
    network.send("a", "b", "y", lambda message: network.send("b", "a", message, seen.append))
    network.set_delay("b", "a", 0.1)
    network.on_heal(raises)
    network.on_heal(lambda: seen.append("healed"))
    network.heal()
    assert run(clock) >= 2
    assert seen[0] == "healed"
    assert "y" in seen
    network.check_invariants()


def test_a_drain_ends_though_the_answer_of_the_last_request_raises():
    clock, drained = VirtualClock(), []
    balancer = LoadBalancer(clock, ["a", "b"])
    balancer.submit(Request(client="x", service_s=1.0), raises, raises)
    balancer.submit_drain("a", drained.append)
    assert run(clock) == 1
    assert (drained, balancer.servers, balancer.stats().pending) == ([0], ("b",), 0)


def test_work_that_takes_its_server_down_fails_once():
    clock, answers = VirtualClock(), Counter()
    balancer = LoadBalancer(clock, ["a"])
    request = Request(client="x", service_s=1.0, work=lambda server: server.crash())
    for _ in range(2):
        balancer.submit(
            request, lambda done: answers.update(["done"]), lambda e: answers.update(["failed"])
        )
    run(clock)
    assert answers == {"failed": 2}
    balancer.check_invariants()


def test_a_lost_request_is_seen_by_the_invariants():
    balancer = LoadBalancer(VirtualClock(), ["a"])
    balancer.submit(Request(client="x", service_s=1.0), raises, raises)
    balancer.server("a")._unanswered = 0
    with pytest.raises(AssertionError):
        balancer.check_invariants()


def test_a_router_that_fails_leaves_the_store_as_it_was():
    class Failing:
        nodes = ("a", "b", "c")
        node_for = staticmethod(raises)

    from contracts.callbacks import sharded

    store: ShardedStore = sharded()
    store.put("k", 1)
    with pytest.raises(TheirError):
        store.submit_stop_and_reshard(Failing(), raises, rows_per_s=1.0)
    assert store.get("k") == 1
    store.check_invariants()


def test_an_autoscaler_goes_on_when_its_policy_fails():
    for settings in (
        {"at_least": Once(lambda time_s: 1)},  # then None, which is no number of instances
        {"policy": OwnPolicy(decide=raises)},
    ):
        clock = VirtualClock()
        fleet = Fleet(rate_per_s=10, startup_s=0, min_instances=1, max_instances=2)
        made = Autoscaler(clock, fleet, FluidLoad(lambda time_s: 5.0), **settings)
        while clock.now_s < 100.0:
            with contextlib.suppress(TheirError, ValueError):
                clock.run(100.0)
        assert made.run().demand.size >= 90
        made.check_invariants()


def test_a_pool_gets_its_connection_back_when_the_load_fails():
    clock = VirtualClock()
    database = FakeDatabase(clock)
    pool = FakeConnectionPool(database, clock, min_size=1, max_size=1, acquire_timeout_s=1.0)
    load = PoolLoad(pool, database, [1.0, 2.0, 3.0], query_wait_s=raises)
    assert load  # its callers come by themselves
    assert run(clock, 10.0) == 3
    assert pool.stats().borrowed == 0
    pool.check_invariants()


@pytest.mark.parametrize("bad", [raises, "again"])
def test_who_watches_a_balancer_harms_nobody(bad):
    """A watcher raises, or sends a request of its own, at every health check."""
    clock, heard, answered = VirtualClock(), [], []
    balancer = LoadBalancer(clock, ["a", "b"], check_every_s=1.0)
    again = partial(balancer.submit, Request(client="x"), answered.append, answered.append)
    balancer.watch(bad if callable(bad) else lambda *facts: again())
    balancer.watch(lambda *facts: heard.append(facts))
    balancer.server("b").crash()
    errors = run(clock, 10.5)
    assert (errors > 0) == (bad is raises)
    assert heard.count(("checked", "a", True)) == heard.count(("checked", "b", False)) == 10
    assert balancer.in_service == ("a",)
    balancer.check_invariants()


def test_who_watches_a_load_hears_what_it_counts_and_harms_nobody():
    clock = VirtualClock()
    database = FakeDatabase(clock)
    pool = FakeConnectionPool(database, clock, min_size=1, max_size=1, acquire_timeout_s=1.0)
    load = PoolLoad(pool, database, [1.0, 1.0], query_wait_s=lambda now_s: 0.1)
    heard = []
    load.watch(raises)
    load.watch(lambda *facts: heard.append(facts))
    errors = 0
    while clock.now_s < 2.0:
        try:
            load.run(2.0)
        except TheirError:
            errors += 1
    assert errors == len(heard)
    assert [what for what, *_ in heard].count("answered") == 2
    assert ("started", 1, 1) in heard
    pool.check_invariants()


def test_a_watcher_must_be_callable():
    balancer = LoadBalancer(VirtualClock(), ["a"])
    with pytest.raises(ValueError, match=r"^LoadBalancer\.watch: listener must be callable, got 3"):
        balancer.watch(3)


@pytest.mark.parametrize("how", ["raises", "enters again"])
def test_a_rule_of_health_harms_no_check(how):
    clock, answers = VirtualClock(), Counter()

    def ask(*given):
        balancer.submit(Request(client="b"), lambda _: answers.update("b"), pytest.fail)

    once = Once(raises if how == "raises" else ask)

    def health(probes):
        once()
        return len(probes) < 3

    balancer = LoadBalancer(clock, ["web-1", "web-2"], check_every_s=1.0, health=health)
    balancer.submit(Request(client="a"), lambda _: answers.update("a"), pytest.fail)
    assert run(clock, 2.5) == (how == "raises")
    assert balancer.in_service == ("web-1", "web-2")
    assert run(clock, 1.0) == 0
    assert balancer.in_service == ()
    assert once.calls == 6
    assert answers == ({"a": 1} if how == "raises" else {"a": 1, "b": 1})
    balancer.check_invariants()
