"""Kernels of the caches that keep their keys in a queue: FIFO, LRU, CLOCK, SIEVE, S3-FIFO.

They fill `hit` with whether each request found its key. No queue is a linked list: a position in
the order of arrival is enough, with a bit or a hole for what has left from the middle.
"""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel

ABSENT, PRESENT, VISITED = 0, 1, 2  # states of a key under CLOCK and SIEVE
SMALL, MAIN = 1, 2  # where a key is under S3-FIFO, if it is not ABSENT
MOST_USES = 3  # S3-FIFO counts with two bits
EVERY_BIT = ~np.uint64(0)


@Kernel
def fifo(trace, keys, capacity, hit):
    """Keep the keys of the last `capacity` misses: nothing ever needs to be evicted."""
    brought_in = np.full(keys, -capacity - 1, np.int32)  # by which miss
    misses = 0
    for now in range(trace.size):
        key = trace[now]
        miss = brought_in[key]
        inside = miss + capacity >= misses
        hit[now] = inside
        brought_in[key] = miss if inside else misses  # not a branch, which would be mispredicted
        misses += not inside


@Kernel
def lru(trace, keys, capacity, hit):
    """Keep what was used at `oldest` or later; a bit tells which moments are a last use.

    The cache begins full of keys that nobody asks for, so that it never has to ask whether it is.
    Each request ends one last use, its key's own or the oldest, and begins another.
    """
    last_use = np.full(keys, -1, np.int32)
    is_last = np.full((capacity + trace.size + 63) // 64, EVERY_BIT)
    oldest = place = 0
    for now in range(trace.size):
        key = trace[now]
        use = last_use[key]
        last_use[key] = capacity + now
        hit[now] = use >= oldest
        strike(is_last, max(use, oldest))
        while is_last[place] == np.uint64(0):
            place += 1
        oldest = 64 * place + trailing_zeros(is_last[place])


@Kernel
def strike(bits, position):
    """Clear one bit."""
    bits[position >> 6] &= ~(np.uint64(1) << np.uint64(position & 63))


@Kernel
def trailing_zeros(word):
    """Count the zeros below the lowest bit that is set."""
    below = (word ^ (word & (word - np.uint64(1)))) - np.uint64(1)  # ones where it ends in zeros
    zeros = 0
    while below:  # compilers know this loop, and count with one instruction
        below &= below - np.uint64(1)
        zeros += 1
    return zeros


@Kernel
def strike_first(bits, position):
    """Strike the first bit from `position` on; return the position after it."""
    place = position >> 6
    while bits[place] == np.uint64(0):
        place += 1
    first = 64 * place + trailing_zeros(bits[place])
    strike(bits, first)
    return first + 1


@Kernel
def clock(trace, keys, capacity, hit):
    """Turn a hand round a ring; what was visited gets another round."""
    state = np.zeros(keys, np.uint8)
    ring = np.zeros(capacity, np.uint32)
    hand = size = 0
    for now in range(trace.size):
        key = trace[now]
        if state[key] != ABSENT:
            hit[now] = True
            state[key] = VISITED
            continue
        hit[now] = False
        if size < capacity:
            size += 1
        else:
            while state[ring[hand]] == VISITED:
                state[ring[hand]] = PRESENT
                hand += 1
                if hand == capacity:
                    hand = 0
            state[ring[hand]] = ABSENT
        ring[hand] = key
        state[key] = PRESENT
        hand += 1
        if hand == capacity:
            hand = 0


@Kernel
def sieve(trace, keys, capacity, hit):
    """Walk a hand from old to new; what was visited gets another round where it is."""
    # The queue has holes (-1) where the hand evicted, and is squeezed when it is full.
    state = np.zeros(keys, np.uint8)
    queue = np.full(2 * capacity + 64, -1, np.int32)
    end = hand = size = 0
    for now in range(trace.size):
        key = trace[now]
        if state[key] != ABSENT:
            hit[now] = True
            state[key] = VISITED
            continue
        hit[now] = False
        if size < capacity:
            size += 1
        else:
            while True:  # from old to new, then again from the oldest
                if hand == end:
                    hand = 0
                victim = queue[hand]
                if victim >= 0:
                    if state[victim] == PRESENT:
                        break
                    state[victim] = PRESENT
                hand += 1
            state[victim] = ABSENT
            queue[hand] = -1
            hand += 1
            if hand == end:  # before the insertion: the new key is not the next victim
                hand = 0
        if end == queue.size:
            hand, end = squeeze(queue, hand, end)
        queue[end] = key
        end += 1
        state[key] = PRESENT


@Kernel
def squeeze(queue, mark, end):
    """Close the holes before `end`; return where the mark and the end have moved."""
    kept = mark_moved = 0
    for place in range(end):
        if place == mark:
            mark_moved = kept
        if queue[place] >= 0:
            queue[kept] = queue[place]
            kept += 1
    queue[kept:end] = -1
    return mark_moved, kept


@Kernel
def s3_fifo(trace, keys, capacity, hit):
    """Two queues in rings; a ghost is known by its number among the leavers of the small one."""
    small_capacity, ring = max(1, capacity // 10), capacity + 1
    small, main = np.zeros(ring, np.uint32), np.zeros(ring, np.uint32)
    small_head = small_size = main_head = main_size = leavers = oldest_ghost = 0
    place, uses = np.zeros(keys, np.uint8), np.zeros(keys, np.uint8)
    left, is_ghost = np.full(keys, -1, np.int32), np.full((trace.size + 64) // 64, EVERY_BIT)
    filling, ghost_room = True, max(1, 9 * capacity // 10)
    for now in range(trace.size):
        key = trace[now]
        hit[now] = place[key] != ABSENT
        if hit[now]:
            uses[key] = min(uses[key] + 1, MOST_USES)
            continue
        came_back = left[key] >= oldest_ghost
        if came_back:
            strike(is_ghost, left[key])
            left[key] = -1
            ghost_room += 1
        while small_size + main_size >= capacity:
            filling = False
            if main_size > capacity - small_capacity or small_size == 0:
                main_head = first_unused(main, main_head, main_size, uses)
                place[main[main_head]] = ABSENT
                main_head, main_size = wrapped(main_head + 1, ring), main_size - 1
                continue
            while small_size > 0 and uses[small[small_head]] > 1:  # used twice: on to main
                victim = small[small_head]
                small_head, small_size = wrapped(small_head + 1, ring), small_size - 1
                uses[victim], place[victim] = 0, MAIN
                main[wrapped(main_head + main_size, ring)] = victim
                main_size += 1
            if small_size > 0:
                victim = small[small_head]
                small_head, small_size = wrapped(small_head + 1, ring), small_size - 1
                place[victim], left[victim] = ABSENT, leavers
                leavers, ghost_room = leavers + 1, ghost_room - 1
                if ghost_room < 0:
                    oldest_ghost, ghost_room = strike_first(is_ghost, oldest_ghost), 0
        to_main = came_back or (filling and small_size >= small_capacity)
        uses[key], place[key] = 0, MAIN if to_main else SMALL
        if to_main:
            main[wrapped(main_head + main_size, ring)] = key
            main_size += 1
        else:
            small[wrapped(small_head + small_size, ring)] = key
            small_size += 1


@Kernel
def wrapped(position, ring):
    """Return the place in a ring of something that is less than one round ahead."""
    return position - ring if position >= ring else position


@Kernel
def first_unused(main, head, size, uses):
    """Send used keys round the main queue, with one use less; return where an unused one is."""
    while uses[main[head]] > 0:
        key = main[head]
        uses[key] -= 1
        main[wrapped(head + size, main.size)] = key  # the one free place, where size is the most
        head = wrapped(head + 1, main.size)
    return head
