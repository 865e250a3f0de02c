"""What all cache patterns share: reads, fills, crashes and the books."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._callbacks import raise_error
from scalelab.fakes._checks import key_of
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.caching.backing_store import Row
from scalelab.fakes.caching.cache import Cache
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.invariants import ensure

OnDone = Callable[[Any], object]
OnFailed = Callable[[Exception], object]
Begin = Callable[[OnDone, OnFailed], object]


class CrashedError(RuntimeError):
    """The process that worked on the request has crashed."""


@dataclass(kw_only=True)
class CachedStoreStats:
    """A pattern's books."""

    hits: int = 0
    """Reads answered from the cache, or from what waits to be written."""
    misses: int = 0
    """Reads that were not."""
    coalesced: int = 0
    """Misses that waited for the load of another."""
    db_reads: int = 0
    """Reads sent to the database or to the replica."""
    db_writes: int = 0
    """Writes sent to the database."""
    refreshes: int = 0
    """Loads begun before the entry expired; part of `db_reads`."""
    dropped_fills: int = 0
    """Loaded rows that were not cached because the guard knew of something newer."""
    stale_reads: int = 0
    """Reads answered with an older version than the database had at that moment."""


@dataclass(eq=False, slots=True)
class _Request:
    on_done: OnDone
    on_failed: OnFailed


@dataclass(eq=False, slots=True)
class _Load:
    """One read of the database, and the requests that wait for it."""

    key: Hashable
    lease: int
    requests: list[_Request] = field(default_factory=list)


class CacheSettings(TypedDict, total=False):
    """What every pattern takes and hands to `CachedStore`."""

    cache_s: Delay
    read_from: Any
    single_flight: bool
    absent_ttl_s: float | None
    rng: np.random.Generator | None


class AsideSettings(CacheSettings, total=False):
    """What `CacheAside` takes besides its store and its cache."""

    invalidate: str
    guard: str


class CachedStore(ABC):
    """A store behind a cache; the patterns differ in what a write does.

    Parameters
    ----------
    store : BackingStore or ReplicatedStore
        The truth.
    cache : Cache or TtlCache
        Holds `Row` objects: values with versions.
    cache_s : float or callable
        Seconds of each operation on the cache, >= 0: a constant, or a function that draws them.
        It takes effect at the end.
    read_from : LaggingReplica or another cached store, optional
        Where misses are read, if not from `store`.
    single_flight : bool
        Whether a miss waits for the load of its key that is under way, instead of its own.
    absent_ttl_s : float, optional
        Seconds for which a `TtlCache` keeps that a key is absent; without it nobody remembers.
    guard : {"none", ...}
        What keeps an old row from being cached; see the patterns.
    rng : numpy.random.Generator, optional
        Needed where times are drawn.
    """

    GUARDS: tuple[str, ...] = ("none",)

    def __init__(
        self,
        store: Any,
        cache: Cache | TtlCache,
        *,
        cache_s: Delay = 0.0,
        read_from: Any = None,
        single_flight: bool = False,
        absent_ttl_s: float | None = None,
        guard: str = "none",
        rng: np.random.Generator | None = None,
    ) -> None:
        name = self._name = type(self).__name__
        _must_have(name, "store", store, ("submit_read", "submit_put", "submit_delete"))
        if not isinstance(cache, (Cache, TtlCache)):
            v.refuse(name, "cache", "be a Cache or a TtlCache", cache)
        if read_from is not None:
            _must_have(name, "read_from", read_from, ("submit_read",))
        if absent_ttl_s is not None:
            absent_ttl_s = v.number(name, "absent_ttl_s", absent_ttl_s)
            if not isinstance(cache, TtlCache):
                v.refuse(
                    name,
                    "cache",
                    "be a TtlCache to forget what is absent",
                    v.Words(type(cache).__name__),
                )
        self.store, self.cache = store, cache
        self.guard = v.choice(name, "guard", guard, self.GUARDS)
        self.clock = store.clock
        self.single_flight = v.truth(name, "single_flight", single_flight)
        self.absent_ttl_s = absent_ttl_s
        self._source = store if read_from is None else read_from
        self._cache_s = delay_source(name, "cache_s", cache_s, rng)
        self._stats = CachedStoreStats()
        self._requests: dict[_Request, None] = {}  # without an end, in order
        self._loads: dict[Hashable, _Load] = {}
        self._leases: dict[Hashable, int] = {}  # how often a key was invalidated or written
        self._requested = self._answered = self._failed = 0
        self._epoch = 0  # of the process; a crash begins a new one

    def get(self, key: Hashable) -> Any:
        """Read a value, None where there is nothing, and let time pass.

        Raises
        ------
        StoreDownError
            The key was not cached, and the store is down.
        """
        return self.clock.wait_for(partial(self.submit_get, key))

    def put(self, key: Hashable, value: Any) -> Row:
        """Write a value other than None, and let time pass.

        Raises
        ------
        StoreDownError
            The store is down.
        """
        return self.clock.wait_for(partial(self.submit_put, key, value))

    def update(self, key: Hashable, changes: Mapping[str, Any]) -> Row:
        """Change some fields of a row, and let time pass; see `put`."""
        return self.clock.wait_for(partial(self.submit_update, key, changes))

    def delete(self, key: Hashable) -> Row:
        """Delete a row, and let time pass; see `put`."""
        return self.clock.wait_for(partial(self.submit_delete, key))

    def submit_get(self, key: Hashable, on_done: OnDone, on_failed: OnFailed = raise_error) -> None:
        """Begin to read; `on_done(value)` or `on_failed(error)` is called once."""
        self.submit_read(key, lambda row: on_done(row.value), on_failed)

    def submit_read(
        self, key: Hashable, on_done: OnDone, on_failed: OnFailed = raise_error
    ) -> None:
        """Begin to read a row with its version; so one cache can stand before another."""
        key_of(f"{self._name}.get", key)
        wait_s = self._cache_s()  # the caller's function; nothing is begun if it fails
        request = self._request(on_done, on_failed)
        self.clock.schedule(wait_s, self._while_up(lambda: self._look_up(key, request)))

    def submit_put(
        self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed = raise_error
    ) -> None:
        """Begin to write a value; `on_done(row)` or `on_failed(error)` is called once."""
        key_of(f"{self._name}.put", key)
        if value is None:
            v.refuse(f"{self._name}.put", "value", "not be None", value, "use delete")
        self._write(key, partial(self.store.submit_put, key, value), value, on_done, on_failed)

    def submit_update(
        self,
        key: Hashable,
        changes: Mapping[str, Any],
        on_done: OnDone,
        on_failed: OnFailed = raise_error,
    ) -> None:
        """Begin to change some fields of a row; see `submit_put`."""
        key_of(f"{self._name}.update", key)
        if not isinstance(changes, Mapping):
            v.refuse(f"{self._name}.update", "changes", "be a mapping of fields", changes)
        self._update(key, changes, on_done, on_failed)

    def submit_delete(
        self, key: Hashable, on_done: OnDone, on_failed: OnFailed = raise_error
    ) -> None:
        """Begin to delete a row; see `submit_put`."""
        key_of(f"{self._name}.delete", key)
        self._write(key, partial(self.store.submit_delete, key), None, on_done, on_failed)

    def crash(self) -> None:
        """Kill the process between its steps, and start it again.

        What it worked on fails, and its next steps never come. Cache and database live on, and
        finish what they were asked for.
        """
        self._epoch += 1
        self._loads.clear()
        requests, self._requests = list(self._requests), {}
        for request in requests:
            self._failed += 1
            error = CrashedError(f"{self._name}: the process must stay up, got a crash")
            self.clock.schedule(0.0, partial(request.on_failed, error))

    def stats(self) -> CachedStoreStats:
        """Return the books so far."""
        return CachedStoreStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        self.cache.check_invariants()
        ended = self._answered + self._failed
        ensure(self._requested == ended + len(self._requests), "a request has no end")
        waiting = [request for load in self._loads.values() for request in load.requests]
        ensure(len(waiting) == len(set(waiting)), "a request waits twice")
        ensure(set(waiting) <= self._requests.keys(), "a load answers a request that is over")

    # steps --------------------------------------------------------------------------------

    @abstractmethod
    def _write(
        self, key: Hashable, write: Begin, given: Any, on_done: OnDone, on_failed: OnFailed
    ) -> None:
        """Do what a write does; `write` begins it at the store, `given` is what is written."""

    def _update(
        self, key: Hashable, changes: Mapping[str, Any], on_done: OnDone, on_failed: OnFailed
    ) -> None:
        write = partial(self.store.submit_update, key, changes)
        self._write(key, write, dict(changes), on_done, on_failed)

    def _request(self, on_done: OnDone, on_failed: OnFailed) -> _Request:
        request = _Request(on_done, on_failed)
        self._requests[request] = None
        self._requested += 1
        return request

    def _while_up(self, step: Callable[..., object]) -> Callable[..., object]:
        """Return the step, which will not happen after a crash."""
        epoch = self._epoch
        return lambda *given: step(*given) if epoch == self._epoch else None

    def _on_cache(self, step: Callable[[], object]) -> None:
        wait_s = 0.0
        try:
            wait_s = self._cache_s()
        finally:  # the caller's function may fail; what was begun goes on
            self.clock.schedule(wait_s, self._while_up(step))

    def _at_store(self, begin: Begin, done: OnDone, failed: OnFailed) -> None:
        """Begin something at the store; what it refuses at once fails, too."""
        try:
            begin(self._while_up(done), self._while_up(failed))
        except Exception as error:
            failed(error)

    # An outcome is called back from the clock: others may wait for the same step.

    def _done(self, request: _Request, result: Any) -> None:
        del self._requests[request]
        self._answered += 1
        self.clock.schedule(0.0, partial(request.on_done, result))

    def _fail(self, request: _Request, error: Exception) -> None:
        del self._requests[request]
        self._failed += 1
        self.clock.schedule(0.0, partial(request.on_failed, error))

    def _look_up(self, key: Hashable, request: _Request) -> None:
        row = self.cache.get(key)
        if row is None:
            row = self._unwritten(key)
        if row is None:
            self._stats.misses += 1
            self._load(key, request)
            return
        self._stats.hits += 1
        self._found(key)
        self._answer(key, row, request)

    def _answer(self, key: Hashable, row: Row, request: _Request) -> None:
        if row.version is not None and row.version < self.store.version_of(key):
            self._stats.stale_reads += 1
        self._done(request, row)

    def _unwritten(self, key: Hashable) -> Row | None:
        """Row that waits to be written; see write-behind."""
        return None

    def _found(self, key: Hashable) -> None:  # noqa: B027, most patterns have nothing to do
        """Act on a hit; see refresh-ahead."""

    def _filled(self, key: Hashable) -> None:  # noqa: B027
        """Act on a fill; see refresh-ahead."""

    def _load(self, key: Hashable, request: _Request | None = None) -> None:
        """Read a row, cache it, answer; without a request it is a refresh."""
        under_way = self._loads.get(key) if self.single_flight else None
        if under_way is not None:
            if request is not None:
                self._stats.coalesced += 1
                under_way.requests.append(request)
            return
        load = _Load(key, self._leases.get(key, 0), [] if request is None else [request])
        if self.single_flight:
            self._loads[key] = load
        self._stats.db_reads += 1
        read = partial(self._source.submit_read, key)
        self._at_store(read, partial(self._fill, load), partial(self._give_up, load))

    def _give_up(self, load: _Load, error: Exception) -> None:
        self._loads.pop(load.key, None)
        for request in load.requests:
            self._fail(request, error)

    def _fill(self, load: _Load, row: Row) -> None:
        if row.value is None and self.absent_ttl_s is None:
            self._end(load, row)
            return

        def store() -> None:
            self._end(load, row)
            if self._may_fill(load, row):
                try:
                    self._keep(load.key, row)  # may call on_evict, which may fail
                finally:
                    self._filled(load.key)
            else:
                self._stats.dropped_fills += 1

        self._on_cache(store)

    def _keep(self, key: Hashable, row: Row) -> None:
        if row.value is None and isinstance(self.cache, TtlCache):
            self.cache.put(key, row, ttl_s=self.absent_ttl_s)
        else:
            self.cache.put(key, row)

    def _end(self, load: _Load, row: Row) -> None:
        if self._loads.get(load.key) is load:
            del self._loads[load.key]
        for request in load.requests:
            self._answer(load.key, row, request)

    def _may_fill(self, load: _Load, row: Row) -> bool:
        if self.guard == "lease":
            return load.lease == self._leases.get(load.key, 0)
        return not (self.guard == "version" and self._knows_newer(load.key, row))

    def _knows_newer(self, key: Hashable, row: Row) -> bool:
        cached = self.cache.peek(key)
        return cached is not None and (cached.version or 0) > (row.version or 0)

    def _invalidate(self, key: Hashable, then: Callable[[], object]) -> None:
        def delete() -> None:
            self.cache.delete(key)
            self._void_leases(key)
            then()

        self._on_cache(delete)

    def _void_leases(self, key: Hashable) -> None:
        self._leases[key] = self._leases.get(key, 0) + 1


def _must_have(function: str, argument: str, value: object, verbs: tuple[str, ...]) -> None:
    if not all(callable(getattr(value, verb, None)) for verb in verbs):
        v.refuse(function, argument, f"have {', '.join(verbs)}", value)
