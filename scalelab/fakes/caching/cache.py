"""Bounded caches in memory that evict by LRU, LFU or FIFO."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._callbacks import call_all
from scalelab.fakes._checks import function_or_none, key_of
from scalelab.fakes.invariants import ensure

OnEvict = Callable[[Hashable, Any], object]


@dataclass(frozen=True, kw_only=True)
class CacheStats:
    """A cache's books."""

    hits: int
    """Lookups that found their key."""
    misses: int
    """Lookups that did not."""
    evictions: int
    """Entries that made room for others."""
    size: int
    """Entries now."""
    size_bytes: int
    """Bytes of their values; 0 in a cache that does not count bytes."""

    @property
    def hit_ratio(self) -> float:
        """Share of lookups that hit, 0 before the first."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0


class Cache:
    """A bounded cache; as it stands, what came in first has to go. Policies override that.

    Parameters
    ----------
    capacity : int
        Entries that fit, >= 1.
    capacity_bytes : int, optional
        Bytes of values that fit, >= 1; without it values are not measured.
    size_of : callable, optional
        Bytes of a value; ``len`` by default, which suits texts of ASCII and bytes.
    on_evict : callable, optional
        Called with key and value of each entry that makes room, when the `put` that needed it
        is complete. It must not change this cache.
    """

    def __init__(
        self,
        capacity: int,
        *,
        capacity_bytes: int | None = None,
        size_of: Callable[[Any], int] = len,
        on_evict: OnEvict | None = None,
    ) -> None:
        name = type(self).__name__
        self.capacity = v.count(name, "capacity", capacity)
        if capacity_bytes is not None:
            capacity_bytes = v.count(name, "capacity_bytes", capacity_bytes)
        if not callable(size_of):
            v.refuse(name, "size_of", "be callable", size_of)
        function_or_none(name, "on_evict", on_evict)
        self.capacity_bytes = capacity_bytes
        self._size_of = size_of
        self._on_evict = on_evict
        self._is_telling = False
        self._values: dict[Hashable, Any] = {}
        self._sizes: dict[Hashable, int] = {}
        self._begin()
        self._size_bytes = self._hits = self._misses = self._evictions = 0

    def get(self, key: Hashable, default: Any = None) -> Any:
        """Look a key up, which counts as a use of its entry.

        Parameters
        ----------
        key : hashable
            What to look up.
        default : object
            What to return for a miss.

        Returns
        -------
        object
            The value, or `default`.
        """
        if key_of(f"{type(self).__name__}.get", key) not in self._values:
            self._misses += 1
            return default
        self._hits += 1
        self._use(key)
        return self._values[key]

    def peek(self, key: Hashable, default: Any = None) -> Any:
        """Look a key up behind the cache's back: no use, no hit, no miss."""
        return self._values.get(key_of(f"{type(self).__name__}.peek", key), default)

    def put(self, key: Hashable, value: Any) -> None:
        """Store a value; where room is short, others go first.

        Parameters
        ----------
        key : hashable
            Where to store; an entry that is there gets the new value, and was used.
        value : object
            What to store.

        Raises
        ------
        ValueError
            The value alone is larger than `capacity_bytes`.
        RuntimeError
            Called from within `on_evict`.
        """
        name = f"{type(self).__name__}.put"
        key_of(name, key)
        size_bytes = self._measured(name, value)
        self._refuse_within("put")
        if key in self._values:
            self._size_bytes -= self._sizes[key]
            self._use(key)
        gone = []
        while not self._fits(key, size_bytes):
            gone.append(self._evict(self._victim(key)))
        if key not in self._values:
            self._admit(key)
        self._values[key] = value
        self._sizes[key] = size_bytes
        self._size_bytes += size_bytes
        self._tell(gone)

    def delete(self, key: Hashable) -> bool:
        """Remove an entry; whether it was there."""
        key_of(f"{type(self).__name__}.delete", key)
        self._refuse_within("delete")
        if key not in self._values:
            return False
        self._remove(key)
        return True

    def clear(self) -> None:
        """Remove everything; the counters stay."""
        self._refuse_within("clear")
        for key in list(self._values):
            self._remove(key)

    def stats(self) -> CacheStats:
        """Return the books so far."""
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            evictions=self._evictions,
            size=len(self._values),
            size_bytes=self._size_bytes,
        )

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(list(self._values))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        ensure(len(self._values) <= self.capacity, "more entries than fit")
        limit = self.capacity_bytes
        ensure(limit is None or self._size_bytes <= limit, "more bytes than fit")
        ensure(self._sizes.keys() == self._values.keys(), "an entry without a size")
        ensure(self._size_bytes == sum(self._sizes.values()), "bytes do not add up")
        ensure(set(self._order()) == self._values.keys(), "the order misses an entry")

    def _measured(self, function: str, value: Any) -> int:
        if self.capacity_bytes is None:
            return 0
        try:
            size_bytes = v.count(function, "size_of(value)", self._size_of(value), minimum=0)
        except TypeError:
            v.refuse(function, "value", "be something that size_of measures", value)
        if size_bytes > self.capacity_bytes:
            rule = f"be at most capacity_bytes={self.capacity_bytes} long"
            v.refuse(function, "value", rule, v.Words(f"{size_bytes} bytes"))
        return size_bytes

    def _fits(self, key: Hashable, size_bytes: int) -> bool:
        if key not in self._values and len(self._values) == self.capacity:
            return False
        return self.capacity_bytes is None or self._size_bytes + size_bytes <= self.capacity_bytes

    def _evict(self, key: Hashable) -> tuple[Hashable, Any]:
        value = self._values[key]
        self._remove(key)
        self._evictions += 1
        return key, value

    def _tell(self, gone: list[tuple[Hashable, Any]]) -> None:
        """Call `on_evict` for each entry that has gone, also when it fails for one."""
        if self._on_evict is None:
            return
        self._is_telling = True
        try:
            call_all(partial(self._on_evict, key, value) for key, value in gone)
        finally:
            self._is_telling = False

    def _refuse_within(self, verb: str) -> None:
        # An entry that is put back evicts another, which is put back, and so on for ever.
        if self._is_telling:
            raise RuntimeError(
                f"{type(self).__name__}.{verb}: call must come from outside on_evict, got one "
                "from within it; keep what was evicted elsewhere, such as in another cache"
            )

    def _remove(self, key: Hashable) -> None:
        self._forget(key)
        del self._values[key]
        self._size_bytes -= self._sizes.pop(key)

    # the order in which entries go; policies override it -------------------------------------

    def _begin(self) -> None:
        """Make an order without keys."""
        self._line: OrderedDict[Hashable, None] = OrderedDict()  # the next to go first

    def _admit(self, key: Hashable) -> None:
        """Take a new key into the order."""
        self._line[key] = None

    def _use(self, key: Hashable) -> None:
        """Note that a key was used."""

    def _forget(self, key: Hashable) -> None:
        """Take a key out of the order."""
        del self._line[key]

    def _order(self) -> Iterator[Hashable]:
        """Keys, the next to be evicted first."""
        return iter(self._line)

    def _victim(self, kept: Hashable) -> Hashable:
        """Key that has to go next; never the one that is being written."""
        return next(key for key in self._order() if key != kept)
