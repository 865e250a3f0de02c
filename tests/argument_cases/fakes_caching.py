"""Arguments of caches, the store behind them and the patterns."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_GENERATOR,
    NOT_POSITIVE,
    RNG,
)

from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica
from scalelab.fakes.caching.cache import FifoCache, LruCache
from scalelab.fakes.caching.cache_patterns import CacheAside, WriteThrough
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.caching.write_behind import WriteBehind
from scalelab.fakes.clock import VirtualClock

ANYTHING: list = []
CLOCK = VirtualClock()
NOT_A_CLOCK = [None, 3, "clock"]
NOT_A_KEY = [[], {}]
NOT_A_FUNCTION = [3, "x", [1]]
NOT_CHANGES = [None, 3, "x", [1]]
NOT_A_TRUTH = [None, 1, "yes"]

BASE = BackingStore(CLOCK)
EXPIRING = TtlCache(CLOCK, 1.0)
KEY = {"key": ("x", NOT_A_KEY)}
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
COUNT = [value for value in NOT_A_COUNT if value is not None]
LIMITS = {
    "capacity": (3, NOT_A_COUNT),
    "capacity_bytes": (9, COUNT),
    "size_of": (len, [None, 3, "x"]),
    "on_evict": (None, NOT_A_FUNCTION),
}
SETTINGS = {
    "store": (BASE, [None, 3, "store", CLOCK]),
    "cache": (EXPIRING, [None, 3, {}, BASE]),
    "cache_s": (0.1, NEGATIVE),
    "read_from": (LaggingReplica(BASE, 0.1), [3, "x", CLOCK]),
    "single_flight": (True, NOT_A_TRUTH),
    "absent_ttl_s": (1.0, [value for value in NOT_POSITIVE if value is not None]),
    "rng": (RNG, [value for value in NOT_A_GENERATOR if value is not None]),
}
ASIDE = {
    "invalidate": ("after", ["now", "", None, 3]),
    "guard": ("lease", ["version", "", None, 3]),
}


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
        f"{path}.submit_put": {**made, "value": ("v", [None]), **BACK},
        f"{path}.submit_update": {**made, "changes": ({"a": 1}, NOT_CHANGES), **BACK},
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
    f"{CACHE}.get": {"self": cache, **KEY, "default": (None, ANYTHING)},
    f"{CACHE}.peek": {"self": cache, **KEY, "default": (None, ANYTHING)},
    f"{CACHE}.put": {"self": cache, **KEY, "value": ("v", ["0123456789", 3, None])},
    f"{CACHE}.delete": {"self": cache, **KEY},
    "fakes.caching.cache.FifoCache": LIMITS,
    "fakes.caching.cache.LruCache": LIMITS,
    "fakes.caching.cache.LfuCache": LIMITS,
    TTL: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "ttl_s": (1.0, NOT_POSITIVE),
        "capacity": (3, NOT_A_COUNT),
        "policy": ("lru", ["random", "", None, 3]),
        "expiry": ("lazy", ["never", "", None, 3]),
        "jitter": (0.1, [*NEGATIVE, 1.0]),
        "rng": (RNG, NOT_A_GENERATOR),
        "on_evict": (None, NOT_A_FUNCTION),
    },
    f"{TTL}.get": {"self": ttl_cache, **KEY, "default": (None, ANYTHING)},
    f"{TTL}.peek": {"self": ttl_cache, **KEY, "default": (None, ANYTHING)},
    f"{TTL}.put": {
        "self": ttl_cache,
        **KEY,
        "value": ("v", ANYTHING),
        "ttl_s": (1.0, [value for value in NOT_POSITIVE if value is not None]),
    },
    f"{TTL}.delete": {"self": ttl_cache, **KEY},
    f"{TTL}.remaining_s": {"self": ttl_cache, **KEY},
    STORE: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "read_s": (0.1, NEGATIVE),
        "write_s": (lambda rng: 0.1, NEGATIVE),
        "workers": (1, COUNT),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    f"{STORE}.row": {"self": backing_store, **KEY},
    f"{STORE}.version_of": {"self": backing_store, **KEY},
    f"{STORE}.get": {"self": backing_store, **KEY},
    f"{STORE}.read": {"self": backing_store, **KEY},
    f"{STORE}.put": {"self": backing_store, **KEY, "value": ("v", ANYTHING)},  # but None
    f"{STORE}.update": {"self": backing_store, **KEY, "changes": ({"a": 1}, NOT_CHANGES)},
    f"{STORE}.delete": {"self": backing_store, **KEY},
    f"{STORE}.submit_read": {"self": backing_store, **KEY, **BACK},
    f"{STORE}.submit_put": {"self": backing_store, **KEY, "value": ("v", [None]), **BACK},
    f"{STORE}.submit_update": {
        "self": backing_store,
        **KEY,
        "changes": ({"a": 1}, NOT_CHANGES),
        **BACK,
    },
    f"{STORE}.submit_delete": {"self": backing_store, **KEY, **BACK},
    f"{STORE}.on_commit": {
        "self": backing_store,
        "listener": (lambda key, row: None, [None, *NOT_A_FUNCTION]),
    },
    REPLICA: {
        "store": (BASE, [None, 3, "store"]),
        "lag_s": (lambda rng: 0.1, NEGATIVE),
        "read_s": (0.1, NEGATIVE),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    f"{REPLICA}.get": {"self": replica, **KEY},
    f"{REPLICA}.submit_read": {"self": replica, **KEY, **BACK},
    f"{PATTERNS}.CacheAside": {**SETTINGS, **ASIDE},
    **writes(f"{PATTERNS}.CacheAside", CacheAside),
    f"{PATTERNS}.WriteThrough": {
        **SETTINGS,
        "guard": ("version", ["lease", "", None, 3]),
        "read_through": (True, NOT_A_TRUTH),
        "caches": ("row", ["all", "", None, 3]),
    },
    **writes(f"{PATTERNS}.WriteThrough", WriteThrough),
    "fakes.caching.refresh_ahead.RefreshAhead": {
        **SETTINGS,
        **ASIDE,
        "cache": (EXPIRING, [None, 3, LruCache(3)]),
        "share": (0.1, [*NOT_POSITIVE, 1.0]),
        "trigger": ("access", ["never", "", None, 3]),
    },
    BEHIND: {
        **SETTINGS,
        "flush_every_s": (1.0, NOT_POSITIVE),
        "coalesce": (True, NOT_A_TRUTH),
    },
    **writes(BEHIND, WriteBehind),
}
