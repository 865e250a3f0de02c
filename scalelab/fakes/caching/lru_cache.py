"""A cache that evicts the least recently used."""

from __future__ import annotations

from collections.abc import Hashable

from scalelab.fakes.caching.cache import Cache


class LruCache(Cache):
    """A cache that evicts what was used least recently.

    See `Cache` for parameters and verbs.

    Examples
    --------
    >>> cache = LruCache(2)
    >>> for key in ("a", "b"):
    ...     cache.put(key, key.upper())
    >>> cache.get("a")
    'A'
    >>> cache.put("c", "C")
    >>> "a" in cache, "b" in cache
    (True, False)
    """

    def _use(self, key: Hashable) -> None:
        self._line.move_to_end(key)
