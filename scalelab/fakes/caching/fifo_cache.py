"""A cache that evicts first in, first out."""

from __future__ import annotations

from scalelab.fakes.caching.cache import Cache


class FifoCache(Cache):
    """A cache that evicts what came in first, however often it was used since.

    See `Cache` for parameters and verbs.

    Examples
    --------
    >>> cache = FifoCache(2)
    >>> for key in ("a", "b"):
    ...     cache.put(key, key.upper())
    >>> cache.get("a")
    'A'
    >>> cache.put("c", "C")
    >>> "a" in cache, "b" in cache
    (False, True)
    """
