"""The same traces through other caches: libcachesim, cachetools, lru-dict, OrderedDict.

And through a kernel as one would first write it, which shows what its branches cost.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from pathlib import Path

import cachetools
import libcachesim
import lru
import numpy as np

from scalelab.sim._compiled import Kernel
from scalelab.workloads.oracle_general import write_oracle_general

# Buckets of its hash table, as a power of two: the fastest by trial at each capacity. With the
# library's own, 24, it takes two to three times as long.
HASH_POWER = {10_000: 17, 100_000: 18}
LIBRARYS_OWN = 24


class LibCacheSim:
    """A trace in a file, mapped by its reader, for runs without Python in the loop."""

    def __init__(self, trace: np.ndarray) -> None:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "trace.oracleGeneral"
        write_oracle_general(file, trace)
        kind = libcachesim.TraceType.ORACLE_GENERAL_TRACE
        self._reader = libcachesim.TraceReader(str(file), kind)
        self._requests = trace.size

    def hits(self, policy: str, capacity: int, hash_power: int | None = None) -> int:
        """Run the whole trace through a new cache; return the number of hits."""
        self._reader.reset()
        power = hash_power or HASH_POWER[capacity]
        cache = getattr(libcachesim, policy)(capacity, hashpower=power)
        misses, _ = cache.process_trace(self._reader)
        return round((1 - misses) * self._requests)


def ordered_dict_hits(trace: np.ndarray, capacity: int) -> np.ndarray:
    """LRU as everybody writes it."""
    cache: OrderedDict[int, bool] = OrderedDict()
    hit = []
    for key in trace.tolist():
        hit.append(key in cache)
        if hit[-1]:
            cache.move_to_end(key)
        else:
            if len(cache) == capacity:
                cache.popitem(last=False)
            cache[key] = True
    return np.array(hit)


def cachetools_hits(trace: np.ndarray, capacity: int) -> np.ndarray:
    """LRUCache of cachetools."""
    cache = cachetools.LRUCache(capacity)
    hit = []
    for key in trace.tolist():
        try:
            hit.append(cache[key])
        except KeyError:
            hit.append(False)
            cache[key] = True
    return np.array(hit)


def lru_dict_hits(trace: np.ndarray, capacity: int) -> np.ndarray:
    """LRU of lru-dict, which is written in C."""
    cache = lru.LRU(capacity)
    hit = []
    for key in trace.tolist():
        found = cache.get(key, False)
        hit.append(found)
        if not found:
            cache[key] = True
    return np.array(hit)


def clock_with_branches(trace: np.ndarray, capacity: int) -> np.ndarray:
    """CLOCK compiled, with an `if` for hits and misses."""
    hit = np.empty(trace.size, np.bool_)
    _clock_with_branches(trace.view(np.uint32), int(trace.max()) + 1, capacity, hit)
    return hit


@Kernel
def _clock_with_branches(trace, keys, capacity, hit):
    inside, visited = np.zeros(keys, np.bool_), np.zeros(keys, np.bool_)
    ring = np.zeros(capacity, np.uint32)
    hand = size = 0
    for now in range(trace.size):
        key = trace[now]
        hit[now] = inside[key]
        if inside[key]:
            visited[key] = True
            continue
        if size < capacity:
            size += 1
        else:
            while visited[ring[hand]]:
                visited[ring[hand]] = False
                hand = hand + 1 if hand + 1 < capacity else 0
            inside[ring[hand]] = False
        ring[hand] = key
        inside[key] = True
        hand = hand + 1 if hand + 1 < capacity else 0
