"""How many other keys were asked for since a key was last: Mattson's stack distance, counted."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from scalelab.sim._compiled import Kernel
from scalelab.sim._requests import KeyArray

QUARTERS = 5  # steps of the tree that go up two levels at once; the compiler unrolls them
HALVES = 6  # least number of steps above them
LEAST_WORDS = 1 << (2 * QUARTERS + HALVES)
LATER = np.uint64(0x0001_0001_0001_0000)  # one death more before the second quarter and the rest


class CompiledCounter:
    """Counts with a tree, in memory that grows with the keys and not with the requests."""

    _CHUNK = 1 << 14  # requests at a time: the scratch array stays in the processor's cache

    def __init__(self, keys: int) -> None:
        # A request takes the next slot; when all are taken, dead ones are squeezed out. That is
        # rare with at least two slots a key, and the tree mostly fits the processor's cache.
        words = max(LEAST_WORDS, 1 << (2 * keys // 64).bit_length())
        self._last_use = np.full(keys, -1, np.int32)
        self._is_last = np.full(words, ~np.uint64(0))
        self._quarters = np.zeros(words // 3, np.uint64)  # 1/4 of the words, 1/16, and so on
        self._halves = np.zeros(words >> (2 * QUARTERS), np.uint64)
        self._scratch = np.empty(self._CHUNK, np.int32)
        self._used_slots = 0
        self.live = 0  # keys that were asked for
        self.distances = np.zeros(keys, np.int64)

    def feed(self, trace: KeyArray) -> None:
        """Count the distances of these requests, which follow those before."""
        requests = trace.view(np.uint32)  # indices that cannot count from the end are faster
        slots, start = 64 * self._is_last.size, 0
        while start < requests.size:
            if self._used_slots == slots:
                squeeze_slots(self._last_use, self._is_last)
                self._quarters[:] = 0
                self._halves[:] = 0
                self._used_slots = self.live
            chunk = requests[start : start + min(self._CHUNK, slots - self._used_slots)]
            self.live = count_distances(
                chunk,
                self._used_slots,
                self.live,
                self._last_use,
                self._is_last,
                self._quarters,
                self._halves,
                self._scratch,
                self.distances,
            )
            self._used_slots += chunk.size
            start += chunk.size


class PlainCounter:
    """Counts without numba: moments of last use in a sorted list, most changes near its end."""

    def __init__(self, keys: int) -> None:
        self._last_use: dict[int, int] = {}
        self._moments: list[int] = []
        self._now = 0
        self.distances: NDArray[np.int64] = np.zeros(keys, np.int64)

    @property
    def live(self) -> int:
        """Keys that were asked for."""
        return len(self._moments)

    def feed(self, trace: KeyArray) -> None:
        """Count the distances of these requests, which follow those before."""
        moments, last_use = self._moments, self._last_use
        for now, key in enumerate(trace.tolist(), self._now):
            use = last_use.get(key)
            if use is not None:
                place = bisect_left(moments, use)
                self.distances[len(moments) - 1 - place] += 1
                del moments[place]
            last_use[key] = now
            moments.append(now)
        self._now += trace.size


@Kernel
def count_distances(trace, slot, live, last_use, is_last, quarters, halves, scratch, distances):
    """Give each request a slot, from `slot` on, and count its distance; return the live slots.

    A slot is live while it is its key's last use. The distance of a key is the number of live
    slots after its own. Every bit starts as live, so that taking a slot costs nothing. Deaths are
    counted in a tree over words of 64 slots. Below, a node has four children and in one word the
    deaths before each of them, sixteen bits wide; above, where counts are larger, it has two, and
    those in its left half. The way up has no branch that depends on data, which beats a Fenwick
    tree's shorter one.
    """
    for j in range(trace.size):  # in passes of their own, for the sake of waiting memory
        scratch[j] = last_use[trace[j]]
        last_use[trace[j]] = slot + j
    for j in range(trace.size):
        use = scratch[j]
        if use < 0:
            scratch[j] = -1
            live += 1
            continue
        word = use >> 6
        bit = np.uint64(1) << np.uint64(use & 63)
        before = 64 * word + ones(is_last[word] & (bit - np.uint64(1)))
        is_last[word] &= ~bit
        node = np.uint64(word)
        died = np.uint64(0)
        level, size = np.uint64(0), np.uint64(is_last.size)  # nodes below `level` are done with
        for _ in range(QUARTERS):
            shift = (node & np.uint64(3)) << np.uint64(4)
            node >>= np.uint64(2)
            size >>= np.uint64(2)
            before_each = quarters[level + node]
            died += before_each >> shift & np.uint64(0xFFFF)
            quarters[level + node] = before_each + (LATER << shift)
            level += size
        node += np.uint64(halves.size)
        for _ in range(HALVES):
            is_right = node & np.uint64(1)
            node >>= np.uint64(1)
            left_half = halves[node]
            died += left_half * is_right
            halves[node] = left_half + (np.uint64(1) - is_right)
        while node > np.uint64(1):  # a tree for millions of keys is higher
            is_right = node & np.uint64(1)
            node >>= np.uint64(1)
            left_half = halves[node]
            died += left_half * is_right
            halves[node] = left_half + (np.uint64(1) - is_right)
        scratch[j] = live - 1 - before + np.int64(died)
    for j in range(trace.size):
        if scratch[j] >= 0:
            distances[scratch[j]] += 1
    return live


@Kernel
def ones(word):
    """Count the bits that are set; compilers know this loop and use one instruction."""
    count = 0
    while word:
        word &= word - np.uint64(1)
        count += 1
    return count


@Kernel
def squeeze_slots(last_use, is_last):
    """Move the live slots to the front, in their order, and make all others live again."""
    before = np.zeros(is_last.size, np.int32)  # live slots in earlier words
    for word in range(1, is_last.size):
        before[word] = before[word - 1] + ones(is_last[word - 1])
    for key in range(last_use.size):
        use = last_use[key]
        if use >= 0:
            below = (np.uint64(1) << np.uint64(use & 63)) - np.uint64(1)
            last_use[key] = before[use >> 6] + ones(is_last[use >> 6] & below)
    is_last[:] = ~np.uint64(0)
