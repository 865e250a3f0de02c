"""Write-behind: the cache acknowledges a write, and the database gets it later."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

from scalelab import _validate as v
from scalelab.fakes._checks import changed_fields
from scalelab.fakes.caching._cached_store import CachedStore, CacheSettings, OnDone, OnFailed
from scalelab.fakes.caching.backing_store import Row
from scalelab.fakes.caching.cache import Cache
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.invariants import ensure


@dataclass(eq=False, slots=True)
class BufferedWrite:
    """A write that was acknowledged and that the database does not have."""

    key: Hashable
    """Where to write."""
    value: Any
    """What to write; None deletes."""


class WriteBehind(CachedStore):
    """A write goes into the cache and a buffer, and is acknowledged; the buffer is flushed.

    Parameters
    ----------
    store, cache, cache_s, read_from, single_flight, absent_ttl_s, rng
        See `scalelab.fakes.caching.cache_patterns.CacheAside`; there is no guard to choose,
        because a load never overwrites what was written since it began.
    flush_every_s : float
        Seconds from the first write in the buffer to its flush, > 0. A flush sends what the
        buffer holds then, one write after the other; the next begins as long after it, or at
        once if it took longer.
    coalesce : bool
        Whether the last of several writes to a key stands for them all.

    Notes
    -----
    Without coalescing as many writes go out as come in: the database has as much to do as
    before, only later. A database that is slower than the writers lets the buffer grow for ever.

    Examples
    --------
    >>> from scalelab.fakes.caching.backing_store import BackingStore
    >>> from scalelab.fakes.caching.lru_cache import LruCache
    >>> from scalelab.fakes.clock import VirtualClock
    >>> store = BackingStore(VirtualClock())
    >>> views = WriteBehind(store, LruCache(100), flush_every_s=1.0)
    >>> for count in range(1, 101):
    ...     row = views.put("page:1", count)
    >>> store.get("page:1"), views.get("page:1"), views.buffered
    (None, 100, 1)
    >>> store.clock.advance(1.0)
    >>> store.get("page:1"), store.writes
    (100, 1)
    """

    def __init__(
        self,
        store: Any,
        cache: Cache | TtlCache,
        *,
        flush_every_s: float = 1.0,
        coalesce: bool = True,
        **settings: Unpack[CacheSettings],
    ) -> None:
        super().__init__(store, cache, **settings)
        self.flush_every_s = v.number(self._name, "flush_every_s", flush_every_s)
        self.coalesce = v.truth(self._name, "coalesce", coalesce)
        self.guard = "lease"  # every write voids the loads of its key
        self.acknowledged = self.coalesced_writes = 0
        self.lost_writes: list[BufferedWrite] = []
        self._buffer: deque[BufferedWrite] = deque()
        self._latest: dict[Hashable, BufferedWrite] = {}  # until the database has it
        self._sent: BufferedWrite | None = None
        self._flushing = False

    @property
    def buffered(self) -> int:
        """Writes that a crash would lose now."""
        return len(self._buffer)

    def flush(self) -> None:
        """Let time pass until the database has every write.

        Raises
        ------
        RuntimeError
            Nothing is left that could empty the buffer.
        """
        if not self.clock.run_until(lambda: not self._latest):
            raise RuntimeError(f"{self._name}.flush: no event is left that could empty the buffer")

    def crash(self) -> None:
        """Kill the cache with its buffer: entries and unsent writes are lost.

        A write that was sent already reaches the database.
        """
        super().crash()
        self.lost_writes.extend(self._buffer)
        self._buffer.clear()
        self._latest.clear()
        self.cache.clear()
        self._sent, self._flushing = None, False

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        super().check_invariants()
        sent = [] if self._sent is None else [self._sent]
        latest = {write.key: write for write in [*sent, *self._buffer]}
        ensure(latest == self._latest, "a write is neither buffered nor sent")
        ensure(self._flushing or not self._buffer, "nobody will flush the buffer")
        out = self._stats.db_writes + self.coalesced_writes + len(self.lost_writes)
        ensure(self.acknowledged == out + len(self._buffer), "a write is lost or sent twice")
        keys = [write.key for write in self._buffer]
        ensure(not self.coalesce or len(keys) == len(set(keys)), "a key is buffered twice")

    def _update(
        self, key: Hashable, changes: Mapping[str, Any], on_done: OnDone, on_failed: OnFailed
    ) -> None:
        def merge(old: Any) -> None:
            try:
                value = changed_fields(f"{self._name}.update", changes, old)
            except Exception as error:
                on_failed(error)
                return
            self._write(key, None, value, on_done, on_failed)

        self.submit_get(key, merge, on_failed)

    def _write(
        self, key: Hashable, write: Any, given: Any, on_done: OnDone, on_failed: OnFailed
    ) -> None:
        wait_s = self._cache_s()  # the caller's function; nothing is begun if it fails
        request = self._request(on_done, on_failed)

        def store() -> None:
            row = Row(value=given, version=None)
            self._void_leases(key)
            self._keep_for_later(key, given)
            self._done(request, row)
            if given is None:
                self.cache.delete(key)
            else:
                self.cache.put(key, row)  # last, because it may call on_evict

        self.clock.schedule(wait_s, self._while_up(store))

    def _keep_for_later(self, key: Hashable, value: Any) -> None:
        self.acknowledged += 1
        latest = self._latest.get(key)
        if self.coalesce and latest is not None and latest is not self._sent:
            latest.value = value
            self.coalesced_writes += 1
            return
        write = BufferedWrite(key, value)
        self._buffer.append(write)
        self._latest[key] = write
        self._flush_in(self.flush_every_s)

    def _unwritten(self, key: Hashable) -> Row | None:
        write = self._latest.get(key)
        return None if write is None else Row(value=write.value, version=None)

    def _flush_in(self, wait_s: float) -> None:
        if self._flushing:
            return
        self._flushing = True

        def begin() -> None:
            due_s = self.clock.now_s + self.flush_every_s
            self._send_next(len(self._buffer), due_s)

        self.clock.schedule(wait_s, self._while_up(begin))

    def _send_next(self, left: int, due_s: float) -> None:
        """Send the next of the `left` writes of this flush."""
        if not left:
            self._flushing = False
            if self._buffer:
                self._flush_in(max(0.0, due_s - self.clock.now_s))
            return
        write = self._sent = self._buffer.popleft()
        self._stats.db_writes += 1

        def written(row: object) -> None:
            self._sent = None
            if self._latest.get(write.key) is write:
                del self._latest[write.key]
            self._send_next(left - 1, due_s)

        def failed(error: Exception) -> None:
            self._stats.db_writes -= 1
            self._take_back(write)
            self._send_next(0, self.clock.now_s + self.flush_every_s)

        begin = partial(self.store.submit_put, write.key, write.value)
        if write.value is None:
            begin = partial(self.store.submit_delete, write.key)
        self._at_store(begin, written, failed)

    def _take_back(self, write: BufferedWrite) -> None:
        """Put a write that the database did not take first in line again."""
        self._sent = None
        if self.coalesce and self._latest.get(write.key) is not write:
            self.coalesced_writes += 1  # a later one stands for it
        else:
            self._buffer.appendleft(write)
