"""A cache that evicts the least frequently used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator

from scalelab.fakes.caching.cache import Cache


class LfuCache(Cache):
    """A cache that evicts what was used least often since it came in; of equals, least recently.

    See `Cache` for parameters and verbs.

    Examples
    --------
    >>> cache = LfuCache(2)
    >>> for key in ("a", "b"):
    ...     cache.put(key, key.upper())
    >>> [cache.get(key) for key in ("a", "a", "b")]
    ['A', 'A', 'B']
    >>> cache.put("c", "C")
    >>> "a" in cache, "b" in cache
    (True, False)
    """

    def _begin(self) -> None:
        self._uses: dict[Hashable, int] = {}
        self._lines: dict[int, OrderedDict[Hashable, None]] = {}  # keys by number of uses

    def _admit(self, key: Hashable) -> None:
        self._set_uses(key, 1)

    def _use(self, key: Hashable) -> None:
        uses = self._uses[key]
        self._forget(key)
        self._set_uses(key, uses + 1)

    def _forget(self, key: Hashable) -> None:
        uses = self._uses.pop(key)
        del self._lines[uses][key]
        if not self._lines[uses]:
            del self._lines[uses]

    def _order(self) -> Iterator[Hashable]:
        for uses in sorted(self._lines):
            yield from self._lines[uses]

    def _set_uses(self, key: Hashable, uses: int) -> None:
        self._uses[key] = uses
        self._lines.setdefault(uses, OrderedDict())[key] = None
