"""A bounded cache whose entries expire."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of, function_or_none, key_of
from scalelab.fakes.caching.cache import Cache, CacheStats, OnEvict
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lfu_cache import LfuCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure

POLICIES: dict[str, type[Cache]] = {"lru": LruCache, "lfu": LfuCache, "fifo": FifoCache}


@dataclass(eq=False, slots=True)
class _Entry:
    value: Any
    expires_at_s: float
    timer: Timer | None = None

    def forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class TtlCache:
    """A cache of limited size and limited lifetimes, as Redis with ``EXPIRE`` is.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    ttl_s : float
        Lifetime of an entry in seconds, > 0; `put` may give another.
    capacity : int
        Entries that fit, >= 1.
    policy : {"lru", "lfu", "fifo"}
        What is evicted when the cache is full.
    expiry : {"lazy", "active"}
        Whether an expired entry goes when somebody asks for it, and takes room until then, or
        when it expires.
    jitter : float
        Lifetimes are uniform in ``ttl_s · (1 ± jitter)``, in [0, 1).
    rng : numpy.random.Generator, optional
        Needed for jitter.
    on_evict : callable, optional
        Called with key and value of what makes room; not of what expires.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> cache = TtlCache(clock, ttl_s=600, capacity=100)
    >>> cache.put("user:1", "Ann")
    >>> clock.advance(599)
    >>> cache.get("user:1"), cache.remaining_s("user:1")
    ('Ann', 1.0)
    >>> clock.advance(1)
    >>> cache.get("user:1"), cache.expirations
    (None, 1)
    """

    def __init__(
        self,
        clock: VirtualClock,
        ttl_s: float,
        capacity: int = 10_000,
        *,
        policy: str = "lru",
        expiry: str = "lazy",
        jitter: float = 0.0,
        rng: np.random.Generator | None = None,
        on_evict: OnEvict | None = None,
    ) -> None:
        name = "TtlCache"
        self.clock = clock_of(name, clock)
        self.ttl_s = v.number(name, "ttl_s", ttl_s)
        self.jitter = v.number(name, "jitter", jitter, minimum=0)
        if self.jitter >= 1:
            v.refuse(name, "jitter", "be < 1", jitter)
        self.expiry = v.choice(name, "expiry", expiry, ("lazy", "active"))
        if rng is not None or self.jitter:
            v.generator(name, rng)  # type: ignore[arg-type]  # None is refused with a remedy
        function_or_none(name, "on_evict", on_evict)
        self.expirations = 0
        self._rng = rng
        self._on_evict = on_evict
        self._entries = POLICIES[v.choice(name, "policy", policy, tuple(POLICIES))](
            capacity,
            on_evict=self._evicted,
        )

    @property
    def capacity(self) -> int:
        """Entries that fit."""
        return self._entries.capacity

    def get(self, key: Hashable, default: Any = None) -> Any:
        """Look a key up; an expired entry is a miss. See `Cache.get`."""
        self._drop_expired(key_of("TtlCache.get", key))
        entry = self._entries.get(key)
        return default if entry is None else entry.value

    def peek(self, key: Hashable, default: Any = None) -> Any:
        """Look a key up behind the cache's back: no use, no hit, no miss."""
        entry = self._live(key_of("TtlCache.peek", key))
        return default if entry is None else entry.value

    def put(self, key: Hashable, value: Any, *, ttl_s: float | None = None) -> None:
        """Store a value, and let its lifetime begin anew.

        Parameters
        ----------
        key : hashable
            Where to store.
        value : object
            What to store.
        ttl_s : float, optional
            Lifetime of this entry in seconds, > 0, without jitter; the cache's own by default.
        """
        key_of("TtlCache.put", key)
        lifetime_s = (
            self._lifetime_s() if ttl_s is None else v.number("TtlCache.put", "ttl_s", ttl_s)
        )
        self._drop_expired(key)
        before = self._entries.peek(key)
        entry = _Entry(value, self.clock.now_s + lifetime_s)
        if self.expiry == "active":
            entry.timer = self.clock.schedule(lifetime_s, lambda: self._expire(key, entry))
        if before is not None:
            before.forget_timer()
        self._entries.put(key, entry)  # last, because it calls on_evict

    def delete(self, key: Hashable) -> bool:
        """Remove an entry; whether a live one was there."""
        self._drop_expired(key_of("TtlCache.delete", key))
        entry = self._entries.peek(key)
        if entry is not None:
            entry.forget_timer()
        return self._entries.delete(key)

    def clear(self) -> None:
        """Remove everything; the counters stay."""
        for key in self._entries:
            self._entries.peek(key).forget_timer()
        self._entries.clear()

    def remaining_s(self, key: Hashable) -> float | None:
        """Seconds until an entry expires; None where there is none."""
        entry = self._live(key_of("TtlCache.remaining_s", key))
        return None if entry is None else entry.expires_at_s - self.clock.now_s

    def stats(self) -> CacheStats:
        """Return the books so far; the size counts what expired and has not gone."""
        return self._entries.stats()

    def __contains__(self, key: Hashable) -> bool:
        return self._live(key) is not None

    def __len__(self) -> int:
        return len(self._entries)

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        self._entries.check_invariants()
        now_s = self.clock.now_s
        late = [key for key in self._entries if self._entries.peek(key).expires_at_s < now_s]
        ensure(self.expiry == "lazy" or not late, "an expired entry outlived active expiry")

    def _lifetime_s(self) -> float:
        if self._rng is None or not self.jitter:
            return self.ttl_s
        return self.ttl_s * self._rng.uniform(1 - self.jitter, 1 + self.jitter)

    def _live(self, key: Hashable) -> _Entry | None:
        entry = self._entries.peek(key)
        return None if entry is None or entry.expires_at_s <= self.clock.now_s else entry

    def _evicted(self, key: Hashable, entry: _Entry) -> None:
        entry.forget_timer()
        if self._on_evict is not None:
            self._on_evict(key, entry.value)

    def _drop_expired(self, key: Hashable) -> None:
        entry = self._entries.peek(key)
        if entry is not None and entry.expires_at_s <= self.clock.now_s:
            self._expire(key, entry)

    def _expire(self, key: Hashable, entry: _Entry) -> None:
        """Remove an entry that is due, unless another took its place meanwhile."""
        if self._entries.peek(key) is entry:
            entry.forget_timer()
            self._entries.delete(key)
            self.expirations += 1
