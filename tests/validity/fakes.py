"""Fakes of caching, routing and sessions, beside closed forms and the figures of others."""

import math
from functools import partial

import numpy as np
from support.validity import Case

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica
from scalelab.fakes.caching.cache_patterns import CacheAside
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.rendezvous import RendezvousRouter
from scalelab.fakes.routing.slots import SlotRouter
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import FluidLoad
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore
from scalelab.fakes.sessions.token_sessions import signed_token
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy


def ignore(result):
    """Take a result that nobody needs."""


def stale_fills(write_rate_per_s=10.0, fill_s=0.05, rounds=3_000):
    """Share of loads that cache an old row because a write and its deletion overtook them."""
    rng, stale = np.random.default_rng(1), 0
    store = BackingStore(VirtualClock(), read_s=fill_s)
    users = CacheAside(store, LruCache(10))
    store.put("a", 0)
    for number in range(1, rounds + 1):
        users.cache.clear()
        users.submit_get("a", ignore)
        write = partial(users.submit_put, "a", number, ignore)
        store.clock.schedule(rng.exponential(1 / write_rate_per_s), write)
        store.clock.advance(10.0)
        stale += users.cache.peek("a") is not None
    return stale / rounds


def stale_refills(rounds=3_000):
    """Share of deletions after which the first read caches a lagging replica's old row."""
    rng, stale = np.random.default_rng(2), 0
    store = BackingStore(VirtualClock())
    users = CacheAside(store, LruCache(10), read_from=LaggingReplica(store, 0.1))
    for number in range(rounds):
        users.put("a", number)
        store.clock.advance(rng.exponential(0.1))
        stale += users.get("a") != number
        store.clock.advance(10.0)
    return stale / rounds


def refresh_ahead_misses(requests=20_000):
    rng = np.random.default_rng(3)
    store = BackingStore(VirtualClock())
    users = RefreshAhead(store, TtlCache(store.clock, 1.0), share=0.1)
    store.put("a", 1)
    for wait_s in rng.exponential(0.1, requests):
        store.clock.advance(wait_s)
        users.get("a")
    return users.stats().misses / requests


def lost_by_a_crash():
    """A thousand writes a second, a flush each second, a crash half-way to the next."""
    store = BackingStore(VirtualClock())
    events = WriteBehind(store, LruCache(10_000), flush_every_s=1.0)
    for number in range(2_000):
        store.clock.schedule(number / 1_000, partial(events.submit_put, number, "x", ignore))
    store.clock.advance(1.4995)
    events.crash()
    return len(events.lost_writes)


def moved(router, change):
    keys = [f"session:{number}" for number in range(10_000)]
    before = [router.node_for(key) for key in keys]
    change(router)
    return np.mean([router.node_for(key) != old for key, old in zip(keys, before, strict=True)])


def lost_on_another_server():
    names = ["web-1", "web-2", "web-3"]
    balancer = LoadBalancer(VirtualClock(), names, "random", rng=np.random.default_rng(4))
    sessions = MemorySessions(balancer)
    for number in range(5_000):
        sessions.save(str(number), {})
        sessions.load(str(number))
    return sessions.stats().missing / sessions.stats().loads


def drain_time_s(sessions=50, mean_s=600.0, runs=60):
    rng, total_s = np.random.default_rng(5), 0.0
    for _ in range(runs):
        balancer = LoadBalancer(VirtualClock(), ["old", "new"], "cookie")
        for number in range(2 * sessions):
            client = str(number)
            balancer.handle(Request(client=client))
            leave = partial(balancer.end_session, client)
            balancer.clock.schedule(rng.exponential(mean_s), leave)
        balancer.drain("old")
        total_s += balancer.clock.now_s
    return total_s / runs


def detection_s(runs=300):
    rng, total_s = np.random.default_rng(6), 0.0
    for _ in range(runs):
        balancer = LoadBalancer(VirtualClock(), ["a", "b"], check_every_s=5.0)
        balancer.clock.advance(rng.uniform(0, 5))
        balancer.server("a").crash()
        began_s = balancer.clock.now_s
        balancer.clock.run_until(lambda made=balancer: made.in_service == ("b",))
        total_s += balancer.clock.now_s - began_s
    return total_s / runs


def lost_updates(pairs=3_000):
    rng, lost = np.random.default_rng(7), 0
    sessions = SessionStore(VirtualClock(), round_trip_s=0.0)

    def tab(name):
        def loaded(record):
            data = {**record.data, name: 1}
            save = partial(sessions.submit_save, "ann", data, ignore, ignore)
            sessions.clock.schedule(0.1, save)

        sessions.submit_load("ann", loaded, ignore)

    for _ in range(pairs):
        sessions.save("ann", {})
        tab("first")
        sessions.clock.advance(rng.exponential(1.0))
        tab("second")
        sessions.clock.advance(1.0)
        lost += len(sessions.load("ann")) < 2
    return lost / pairs


def instances_at_85_percent():
    fleet = Fleet(rate_per_s=100, startup_s=0, min_instances=4, max_instances=20)
    policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    scaler = Autoscaler(VirtualClock(), fleet, FluidLoad(lambda time_s: 340.0), policy)
    scaler.clock.advance(600.0)
    return scaler.running


def agrees_with_jwt_io():
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    signature = signed_token(claims, b"your-256-bit-secret").split(".")[2]
    return signature == "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"


THREE = ["web-1", "web-2", "web-3"]


def lru_hit_ratio(make, put):
    """Hit ratio of a cache on a skewed trace; `put` stores in it."""
    cache, hits = make(50), 0
    share = np.random.default_rng(8).random(5_000)  # no zipf: not every NumPy draws it alike
    trace = (500 * share * share * share).astype(int).tolist()
    for key in trace:
        found = cache.get(key) is not None
        hits += found
        if not found:
            put(cache, key, 1)
    return hits / len(trace)


def by_cachetools():
    from cachetools import LRUCache

    return lru_hit_ratio(LRUCache, LRUCache.__setitem__)


CASES = [
    Case(
        model="LRU cache: hit ratio",
        authority="cachetools",
        case="skewed trace, 5,000 requests, 50 fit",
        ours=lambda: lru_hit_ratio(LruCache, LruCache.put),
        theirs=by_cachetools,
        tolerance=0.0,
    ),
    Case(
        model="Cache-aside: old rows cached after a deletion",
        authority="Poisson writes: 1 − exp(−w·t)",
        case="10 writes a second, reads of 50 ms",
        ours=stale_fills,
        theirs=1 - math.exp(-0.5),
        tolerance=0.08,
    ),
    Case(
        model="Cache-aside over a lagging replica: old rows cached",
        authority="Poisson reads: 1 − exp(−r·lag)",
        case="10 reads a second, 100 ms of lag",
        ours=stale_refills,
        theirs=1 - math.exp(-1),
        tolerance=0.05,
    ),
    Case(
        model="Refresh-ahead: share of misses",
        authority="renewal argument: exp(−0.1·x)/(1 + 0.9·x)",
        case="10 requests a lifetime",
        ours=refresh_ahead_misses,
        theirs=math.exp(-1) / 10,
        tolerance=0.1,
    ),
    Case(
        model="Write-behind: writes lost in a crash",
        authority="by hand: half a second at 1,000 writes a second",
        case="flush each second, crash half-way",
        ours=lost_by_a_crash,
        theirs=500,
        tolerance=0.005,
    ),
    Case(
        model="Modulo router: keys that move",
        authority="by hand: 1 − 1/4",
        case="from 3 to 4 nodes",
        ours=lambda: moved(ModuloRouter(THREE), lambda router: router.add_node("web-4")),
        theirs=0.75,
        tolerance=0.03,
    ),
    Case(
        model="Modulo router: keys that move",
        authority="by hand: 1 − 1/3",
        case="from 3 to 2 nodes: a crash",
        ours=lambda: moved(ModuloRouter(THREE), lambda router: router.remove_node("web-3")),
        theirs=2 / 3,
        tolerance=0.03,
    ),
    Case(
        model="Rendezvous router: keys that move",
        authority="Thaler and Ravishankar 1998: the share of the new node",
        case="from 3 to 4 nodes",
        ours=lambda: moved(RendezvousRouter(THREE), lambda router: router.add_node("web-4")),
        theirs=0.25,
        tolerance=0.07,
    ),
    Case(
        model="Slot router: slot of a key",
        authority="Redis Cluster specification: CRC16 of 123456789 is 0x31C3",
        case="123456789",
        ours=lambda: SlotRouter(["a"]).slot_of("123456789"),
        theirs=0x31C3 % 16_384,
        tolerance=0.0,
    ),
    Case(
        model="Sessions in memory: requests that find none",
        authority="by hand: 1 − 1/3",
        case="3 servers, routed at random",
        ours=lost_on_another_server,
        theirs=2 / 3,
        tolerance=0.04,
    ),
    Case(
        model="Load balancer: time to drain",
        authority="longest of n exponentials: mean times the harmonic number",
        case="50 sessions of ten minutes",
        ours=drain_time_s,
        theirs=lambda: 600 * sum(1 / number for number in range(1, 51)),
        tolerance=0.12,
    ),
    Case(
        model="Health checks: mean time to detection",
        authority="by hand: 2.5 intervals",
        case="checks every 5 s, three misses",
        ours=detection_s,
        theirs=12.5,
        tolerance=0.03,
    ),
    Case(
        model="Shared sessions: updates lost by overlapping requests",
        authority="Poisson requests: 1 − exp(−0.1)",
        case="requests of 100 ms, one a second",
        ours=lost_updates,
        theirs=1 - math.exp(-0.1),
        tolerance=0.2,
    ),
    Case(
        model="Signed token: signature",
        authority="the example of jwt.io",
        case="HS256, your-256-bit-secret",
        ours=agrees_with_jwt_io,
        theirs=1.0,
        tolerance=0.0,
    ),
    Case(
        model="Autoscaler: instances for a target",
        authority="Kubernetes documentation, horizontal pod autoscaler: ceil(n · load/target)",
        case="4 instances at 85 %, target 60 %",
        ours=instances_at_85_percent,
        theirs=6,
        tolerance=0.0,
    ),
]
