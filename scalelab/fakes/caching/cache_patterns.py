"""Cache-aside and write-through, with the races that they have."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any, Unpack

from scalelab import _validate as v
from scalelab.fakes.caching._cached_store import (
    Begin,
    CachedStore,
    CacheSettings,
    OnDone,
    OnFailed,
    _Load,
)
from scalelab.fakes.caching.backing_store import Row
from scalelab.fakes.caching.cache import Cache
from scalelab.fakes.caching.ttl_cache import TtlCache

_STEPS = {
    "after": ("write", "delete"),
    "before": ("delete", "write"),
    "both": ("delete", "write", "delete"),
    "never": ("write",),
}


class CacheAside(CachedStore):
    """Readers fill the cache; writers write the database and delete the key.

    Parameters
    ----------
    store, cache, cache_s, read_from, single_flight, absent_ttl_s, rng
        `store` is a `BackingStore` or a `ReplicatedStore`, `cache` a `Cache` or a `TtlCache`.
        `cache_s` is the time of each operation on the cache in seconds, >= 0, or a function that
        draws it from `rng`. Misses are read from `read_from`, such as a `LaggingReplica` or the
        next layer of caches, if not from `store`. With `single_flight` a miss waits for the load
        of its key that is under way. For `absent_ttl_s` seconds a `TtlCache` keeps that a key is
        absent.
    invalidate : {"after", "before", "both", "never"}
        When a writer deletes the key: after the write in the database, before it, before and
        after, or never, which leaves staleness to the lifetime of entries.
    guard : {"none", "lease"}
        With "lease" a deletion voids the loads of its key that are under way: their rows are
        returned but not cached.

    Notes
    -----
    Without a lease, a row that was read before a write and is cached after the deletion stays
    until it expires: with w writes a second to a key whose read takes t seconds this happens to
    a share :math:`1 - e^{-wt}` of loads. No lease helps against a replica that lags.

    References
    ----------
    Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, sec. 3.2.1.

    Examples
    --------
    A write overtakes a read that is under way:

    >>> from scalelab.fakes.caching.backing_store import BackingStore
    >>> from scalelab.fakes.caching.lru_cache import LruCache
    >>> from scalelab.fakes.clock import VirtualClock
    >>> for guard in ("none", "lease"):
    ...     store = BackingStore(VirtualClock(), read_s=0.005, write_s=0.002)
    ...     users = CacheAside(store, LruCache(100), guard=guard)
    ...     write = users.put("user:1", "old")
    ...     users.submit_get("user:1", lambda value: None)
    ...     write = users.put("user:1", "new")
    ...     store.clock.advance(1.0)
    ...     print(guard, users.get("user:1"))
    none old
    lease new
    """

    GUARDS = ("none", "lease")

    def __init__(
        self,
        store: Any,
        cache: Cache | TtlCache,
        *,
        invalidate: str = "after",
        guard: str = "none",
        **settings: Unpack[CacheSettings],
    ) -> None:
        super().__init__(store, cache, guard=guard, **settings)
        self.invalidate = v.choice(self._name, "invalidate", invalidate, tuple(_STEPS))

    def _write(
        self, key: Hashable, write: Begin, given: Any, on_done: OnDone, on_failed: OnFailed
    ) -> None:
        request = self._request(on_done, on_failed)
        steps = list(_STEPS[self.invalidate])
        rows: list[Any] = []

        def wrote(row: Any) -> None:
            rows.append(row)
            next_step()

        def next_step() -> None:
            if not steps:
                self._done(request, rows[0])
            elif steps.pop(0) == "delete":
                self._invalidate(key, next_step)
            else:
                self._stats.db_writes += 1
                self._at_store(write, wrote, partial(self._fail, request))

        next_step()


class WriteThrough(CachedStore):
    """A write goes to the database and then, before it is acknowledged, into the cache.

    Parameters
    ----------
    store, cache, cache_s, read_from, single_flight, absent_ttl_s, rng
        See `CacheAside`.
    guard : {"none", "version"}
        With "version" the cache refuses a row that is older than its own. It then keeps deleted
        rows too, with their versions.
    read_through : bool
        Whether a miss is cached, or read from the database each time.
    caches : {"row", "changes"}
        What `update` puts into the cache: the whole row that the database returns, or only the
        changes it was given, which is a common mistake.

    Notes
    -----
    Two writers may reach the database in one order and the cache in the other; the older value
    then stays. A crash between both steps leaves the old value, too.

    Examples
    --------
    >>> from scalelab.fakes.caching.backing_store import BackingStore
    >>> from scalelab.fakes.caching.lru_cache import LruCache
    >>> from scalelab.fakes.clock import VirtualClock
    >>> for caches in ("row", "changes"):
    ...     users = WriteThrough(BackingStore(VirtualClock()), LruCache(100), caches=caches)
    ...     row = users.put("user:1", {"name": "Ann", "city": "Ulm"})
    ...     row = users.update("user:1", {"city": "Bonn"})
    ...     print(users.get("user:1"))
    {'name': 'Ann', 'city': 'Bonn'}
    {'city': 'Bonn'}
    """

    GUARDS = ("none", "version")

    def __init__(
        self,
        store: Any,
        cache: Cache | TtlCache,
        *,
        read_through: bool = True,
        caches: str = "row",
        guard: str = "none",
        **settings: Unpack[CacheSettings],
    ) -> None:
        super().__init__(store, cache, guard=guard, **settings)
        self.read_through = v.truth(self._name, "read_through", read_through)
        self.caches = v.choice(self._name, "caches", caches, ("row", "changes"))

    def _write(
        self, key: Hashable, write: Begin, given: Any, on_done: OnDone, on_failed: OnFailed
    ) -> None:
        request = self._request(on_done, on_failed)
        self._stats.db_writes += 1

        def wrote(row: Any) -> None:
            value = row.value if given is None or self.caches == "row" else given
            self._on_cache(lambda: store(Row(value=value, version=row.version), row))

        def store(cached: Row, row: Any) -> None:
            self._done(request, row)
            if self.guard == "version" and self._knows_newer(key, cached):
                self._stats.dropped_fills += 1
            elif cached.value is None and self.guard == "none":
                self.cache.delete(key)
            else:
                self.cache.put(key, cached)  # last, because it may call on_evict

        self._at_store(write, wrote, partial(self._fail, request))

    def _fill(self, load: _Load, row: Row) -> None:
        if self.read_through:
            super()._fill(load, row)
        else:
            self._end(load, row)
