"""Every key-value store that has to pass the contract: add yours with one function.

A maker returns a fresh, empty store with `get(key)` (None for what is not there), `put(key,
value)`, `delete(key)` and `check_invariants()`. Yield it instead where something must be cleaned
up. `STORES` names the makers; what takes a real server skips where there is none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from scalelab.fakes.caching.backing_store import BackingStore
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lfu_cache import LfuCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import (
    CausalToken,
    PinAfterWrite,
    PrimaryOnly,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.live_resharding import LiveResharding
from scalelab.fakes.sharding.sharded_store import ShardedStore


def replicated(**settings):
    def make():
        clock = VirtualClock()
        network = FakeNetwork(clock, delay_s=0.001)
        return ReplicatedStore(clock, network=network, apply_delay_s=0.02, **settings)

    return make


def session(policy):
    def make():
        return Session(replicated()(), policy(np.random.default_rng(1)))

    return make


def cached(pattern, *, lifetime_s=600.0, **settings):
    """Return a maker of a store behind a small cache."""

    def make():
        base = BackingStore(VirtualClock(), read_s=0.01, write_s=0.02)
        return pattern(base, TtlCache(base.clock, lifetime_s, 3), cache_s=0.001, **settings)

    return make


def sharded(router, **settings):
    return lambda: ShardedStore(VirtualClock(), router(), latency_s=0.002, **settings)


def directory():
    router = DirectoryRouter(default=ModuloRouter(["a", "b"]))
    router.assign("k1", "a")
    return router


def indexed():
    return IndexedStore(sharded(lambda: ModuloRouter(["a", "b"]))(), str, ModuloRouter(["a", "b"]))


def resharding(**cure):
    """A move in the middle of its backfill, with nothing written before."""

    def make():
        move = LiveResharding(VirtualClock(), ModuloRouter(["old"]), ModuloRouter(["new"]), **cure)
        move.add_nodes()
        move.double_write()
        return move

    return make


class RealStore:
    """A Redis or Valkey server with the verbs of the fakes; values are text."""

    def __init__(self, client):
        self._client = client

    def get(self, key):
        found = self._client.get(str(key))
        return None if found is None else found.decode()

    def put(self, key, value):
        self._client.set(str(key), value)

    def delete(self, key):
        self._client.delete(str(key))

    def check_invariants(self):
        assert self._client.ping()


def real():
    pytest.importorskip("redis")
    from scalelab.real.servers import start_server
    from scalelab.real.supervised import RealComponentError

    try:
        server = start_server()
    except RealComponentError as error:
        pytest.skip(str(error))
    with server, server.client() as client:
        yield RealStore(client)


STORES: dict[str, Callable[[], Any]] = {
    "replicated, async": replicated(),
    "replicated, receive": replicated(sync="receive"),
    "replicated, apply by all": replicated(sync="apply", sync_replicas=2),
    "replicated, slow disk": replicated(sync="receive", flush_s=0.005),
    "session, primary only": session(lambda rng: PrimaryOnly()),
    "session, pin": session(lambda rng: PinAfterWrite(1.0, rng=rng)),
    "session, write token": session(lambda rng: WriteToken(rng=rng)),
    "session, causal token": session(lambda rng: CausalToken(behind="skip", rng=rng)),
    "cache, LRU": lambda: LruCache(100),
    "cache, LFU": lambda: LfuCache(100),
    "cache, FIFO": lambda: FifoCache(100),
    "cache, lifetime": lambda: TtlCache(VirtualClock(), 600.0),
    "backing store": lambda: BackingStore(VirtualClock(), read_s=0.01, write_s=0.02, workers=1),
    "cache-aside": cached(CacheAside, guard="lease", absent_ttl_s=1.0),
    "cache-aside, delete first": cached(CacheAside, invalidate="both", single_flight=True),
    "write-through": cached(WriteThrough, guard="version"),
    "write-behind": cached(WriteBehind, flush_every_s=0.05),
    "write-behind, every write": cached(WriteBehind, flush_every_s=0.05, coalesce=False),
    "refresh-ahead": cached(RefreshAhead, lifetime_s=0.5),
    "sharded by range": sharded(lambda: RangeRouter(["k1", "k3"])),
    "sharded by hash": sharded(lambda: ModuloRouter(["a", "b", "c"]), work_s=0.001),
    "sharded by ring": sharded(lambda: HashRingRouter(["a", "b", "c"])),
    "sharded by entity": sharded(lambda: EntityRouter(len, ModuloRouter(["a", "b"]))),
    "sharded by directory": sharded(directory),
    "sharded with an index": indexed,
    "being resharded": resharding(),
    "being resharded, cured": resharding(copy_rule="versioned", tombstones=True),
    "real server": real,
}


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """Make a store, and clean up behind it."""
    made = STORES[name]()
    if isinstance(made, Iterator):
        yield next(made)
        for _ in made:
            raise AssertionError("a maker yields once")
    else:
        yield made
