"""Arguments of caches, the store behind them and the patterns."""

from support import kinds as k
from support.kinds import RNG

from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock

CLOCK = VirtualClock()


CHANGES = k.Kind(None, 3, "x", [1])


BASE = BackingStore(CLOCK)
EXPIRING = TtlCache(CLOCK, 1.0)
KEY = {"key": k.KEY("x")}
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
COUNT = k.COUNT.or_none()
LIMITS = {
    "capacity": k.COUNT(3),
    "capacity_bytes": COUNT(9),
    "size_of": k.ONLY(len, None, 3, "x"),
    "on_evict": k.FUNCTION.or_none()(None),
}
SETTINGS = {
    "store": k.ONLY(BASE, None, 3, "store", CLOCK),
    "cache": k.ONLY(EXPIRING, None, 3, {}, BASE),
    "cache_s": k.NOT_NEGATIVE(0.1),
    "read_from": k.ONLY(LaggingReplica(BASE, 0.1), 3, "x", CLOCK),
    "single_flight": k.TRUTH(True),
    "absent_ttl_s": k.POSITIVE.or_none()(1.0),
    "rng": k.GENERATOR.or_none()(RNG),
}
ASIDE = {"invalidate": k.CHOICE("after"), "guard": k.CHOICE("lease")}


def backing_store():
    return BackingStore(VirtualClock())


def replica():
    return LaggingReplica(backing_store(), 0.1)


def cache():
    return FifoCache(3, capacity_bytes=9)


def ttl_cache():
    return TtlCache(VirtualClock(), 1.0)


def pattern(kind):
    return lambda: kind(backing_store(), LruCache(3))


def writes(path, kind):
    """Arguments of the three event-style writes of a pattern."""
    made = {"self": pattern(kind), **KEY}
    return {
        f"{path}.submit_put": {**made, "value": k.ONLY("v", None), **BACK},
        f"{path}.submit_update": {**made, "changes": CHANGES({"a": 1}), **BACK},
        f"{path}.submit_delete": {**made, **BACK},
    }


STORE, REPLICA = (
    "fakes.caching.backing_store.BackingStore",
    "fakes.caching.backing_store.LaggingReplica",
)
CACHE, TTL = "fakes.caching.cache.Cache", "fakes.caching.ttl_cache.TtlCache"
PATTERNS, BEHIND = "fakes.caching.cache_patterns", "fakes.caching.write_behind.WriteBehind"

TABLE = {
    CACHE: LIMITS,
    f"{CACHE}.get": {"self": cache, **KEY, "default": k.ANY(None)},
    f"{CACHE}.peek": {"self": cache, **KEY, "default": k.ANY(None)},
    f"{CACHE}.put": {"self": cache, **KEY, "value": k.ONLY("v", "0123456789", 3, None)},
    f"{CACHE}.delete": {"self": cache, **KEY},
    "fakes.caching.fifo_cache.FifoCache": LIMITS,
    "fakes.caching.lru_cache.LruCache": LIMITS,
    "fakes.caching.lfu_cache.LfuCache": LIMITS,
    TTL: {
        "clock": k.CLOCK(CLOCK),
        "ttl_s": k.POSITIVE(1.0),
        "capacity": k.COUNT(3),
        "policy": k.CHOICE("lru"),
        "expiry": k.CHOICE("lazy"),
        "jitter": k.NOT_NEGATIVE(0.1, 1.0),
        "rng": k.GENERATOR(RNG),
        "on_evict": k.FUNCTION.or_none()(None),
    },
    f"{TTL}.get": {"self": ttl_cache, **KEY, "default": k.ANY(None)},
    f"{TTL}.peek": {"self": ttl_cache, **KEY, "default": k.ANY(None)},
    f"{TTL}.put": {
        "self": ttl_cache,
        **KEY,
        "value": k.ANY("v"),
        "ttl_s": k.POSITIVE.or_none()(1.0),
    },
    f"{TTL}.delete": {"self": ttl_cache, **KEY},
    f"{TTL}.remaining_s": {"self": ttl_cache, **KEY},
    STORE: {
        "clock": k.CLOCK(CLOCK),
        "read_s": k.NOT_NEGATIVE(0.1),
        "write_s": k.NOT_NEGATIVE(lambda rng: 0.1),
        "workers": COUNT(1),
        "rng": k.GENERATOR(RNG),
    },
    f"{STORE}.row": {"self": backing_store, **KEY},
    f"{STORE}.version_of": {"self": backing_store, **KEY},
    f"{STORE}.get": {"self": backing_store, **KEY},
    f"{STORE}.read": {"self": backing_store, **KEY},
    f"{STORE}.put": {"self": backing_store, **KEY, "value": k.ANY("v")},  # but None
    f"{STORE}.update": {"self": backing_store, **KEY, "changes": CHANGES({"a": 1})},
    f"{STORE}.delete": {"self": backing_store, **KEY},
    f"{STORE}.submit_read": {"self": backing_store, **KEY, **BACK},
    f"{STORE}.submit_put": {"self": backing_store, **KEY, "value": k.ONLY("v", None), **BACK},
    f"{STORE}.submit_update": {"self": backing_store, **KEY, "changes": CHANGES({"a": 1}), **BACK},
    f"{STORE}.submit_delete": {"self": backing_store, **KEY, **BACK},
    f"{STORE}.on_commit": {
        "self": backing_store,
        "listener": k.FUNCTION.or_none()(lambda key, row: None, None),
    },
    REPLICA: {
        "store": k.ONLY(BASE, None, 3, "store"),
        "lag_s": k.NOT_NEGATIVE(lambda rng: 0.1),
        "read_s": k.NOT_NEGATIVE(0.1),
        "rng": k.GENERATOR(RNG),
    },
    f"{REPLICA}.get": {"self": replica, **KEY},
    f"{REPLICA}.submit_read": {"self": replica, **KEY, **BACK},
    f"{PATTERNS}.CacheAside": {**SETTINGS, **ASIDE},
    **writes(f"{PATTERNS}.CacheAside", CacheAside),
    f"{PATTERNS}.WriteThrough": {
        **SETTINGS,
        "guard": k.CHOICE("version"),
        "read_through": k.TRUTH(True),
        "caches": k.CHOICE("row"),
    },
    **writes(f"{PATTERNS}.WriteThrough", WriteThrough),
    "fakes.caching.refresh_ahead.RefreshAhead": {
        **SETTINGS,
        **ASIDE,
        "cache": k.ONLY(EXPIRING, None, 3, LruCache(3)),
        "share": k.POSITIVE(0.1, 1.0),
        "trigger": k.CHOICE("access"),
    },
    BEHIND: {**SETTINGS, "flush_every_s": k.POSITIVE(1.0), "coalesce": k.TRUTH(True)},
    **writes(BEHIND, WriteBehind),
}
