"""Refresh-ahead: cache-aside that loads an entry anew before it expires."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Unpack

from scalelab import _validate as v
from scalelab.fakes.caching._cached_store import AsideSettings, _Load
from scalelab.fakes.caching.backing_store import Row
from scalelab.fakes.caching.cache_patterns import CacheAside
from scalelab.fakes.caching.ttl_cache import TtlCache


class RefreshAhead(CacheAside):
    """Readers fill the cache, and who meets an entry near its end has it loaded anew.

    Parameters
    ----------
    store, cache, invalidate, guard, cache_s, read_from, single_flight, absent_ttl_s, rng
        See `CacheAside`; the cache must be a `TtlCache`.
    share : float
        The last part of a lifetime in which an entry is loaded anew, in (0, 1).
    trigger : {"access", "timer"}
        Whether a hit in that part sets off the load, or a timer at its beginning does, also for
        what nobody asks for any more.

    Notes
    -----
    Refreshed on access, a key with x requests in a lifetime still misses a share
    :math:`e^{-sx}/(1 + (1-s)x)` of them, for a share s and loads that take no time.

    Examples
    --------
    >>> from scalelab.fakes.caching.backing_store import BackingStore
    >>> from scalelab.fakes.clock import VirtualClock
    >>> store = BackingStore(VirtualClock())
    >>> users = RefreshAhead(store, TtlCache(store.clock, ttl_s=600), share=0.1)
    >>> row, value = users.put("user:1", "Ann"), users.get("user:1")
    >>> store.clock.advance(550)
    >>> users.get("user:1"), store.clock.advance(550), users.get("user:1"), users.stats().misses
    ('Ann', None, 'Ann', 1)
    """

    def __init__(
        self,
        store: Any,
        cache: TtlCache,
        *,
        share: float = 0.1,
        trigger: str = "access",
        **settings: Unpack[AsideSettings],
    ) -> None:
        super().__init__(store, cache, **settings)
        if not isinstance(cache, TtlCache):
            v.refuse(self._name, "cache", "be a TtlCache, whose entries expire", cache)
        self.share = v.number(self._name, "share", share)
        if self.share >= 1:
            v.refuse(self._name, "share", "be < 1", share)
        self.trigger = v.choice(self._name, "trigger", trigger, ("access", "timer"))
        self._ttl = cache
        self._refreshing: set[Hashable] = set()

    def crash(self) -> None:
        """Kill the process, its timers too; see `CacheAside.crash`."""
        super().crash()
        self._refreshing.clear()

    def _found(self, key: Hashable) -> None:
        remaining_s = self._ttl.remaining_s(key)
        soon = remaining_s is not None and remaining_s <= self.share * self._ttl.ttl_s
        if self.trigger == "access" and soon:
            self._refresh(key)

    def _filled(self, key: Hashable) -> None:
        if self.trigger == "timer" and key in self._ttl:
            row = self._ttl.peek(key)
            wait_s = max(0.0, (self._ttl.remaining_s(key) or 0.0) - self.share * self._ttl.ttl_s)

            def due() -> None:
                if self._ttl.peek(key) is row:
                    self._refresh(key)

            self.clock.schedule(wait_s, self._while_up(due))

    def _end(self, load: _Load, row: Row) -> None:
        self._refreshing.discard(load.key)
        super()._end(load, row)

    def _give_up(self, load: _Load, error: Exception) -> None:
        self._refreshing.discard(load.key)
        super()._give_up(load, error)

    def _refresh(self, key: Hashable) -> None:
        if key in self._refreshing:
            return
        self._refreshing.add(key)
        self._stats.refreshes += 1
        self._load(key)
