"""Kernels of the caches that keep their keys in a queue: FIFO, LRU, CLOCK, SIEVE, S3-FIFO.

They fill `hit` with whether each request found its key. No queue is a linked list: a position in
the order of arrival is enough, with a bit or a gap for what has left from the middle. Whether a
request hits is hard to foresee, for a processor too, so the first four do the same work for both
and choose by arithmetic where it goes.
"""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel

ABSENT, PRESENT, VISITED = 0, 1, 2  # states of a key; two bits
SMALL, MAIN = 1, 2  # where a key is under S3-FIFO, if it is not ABSENT
MOST_USES = 3  # S3-FIFO counts with two bits
EVERY_BIT = ~np.uint64(0)


@Kernel
def fifo(trace, keys, capacity, hit):
    """Turn a hand round a ring: what it points at came in first."""
    state = np.zeros(keys + 1, np.uint8)
    ring = np.full(capacity + 1, keys, np.uint32)  # at first it holds a key nobody asks for
    nobody, aside = np.uint64(keys), np.uint64(capacity)  # where writes go that change nothing
    hand = np.uint64(0)
    for now in range(trace.size):
        key = trace[now]
        miss = np.uint64(state[key] == ABSENT)
        hit[now] = miss == 0
        state[choose(miss, ring[hand], nobody)] = ABSENT
        ring[choose(miss, hand, aside)] = key
        state[key] = PRESENT
        hand += miss
        if hand == aside:
            hand = np.uint64(0)


@Kernel
def choose(first, this, that):
    """Return `this` if `first` is 1, `that` if it is 0: a branch here is mispredicted too often."""
    return this * first + that * (np.uint64(1) - first)


@Kernel
def lru(trace, keys, capacity, hit):
    """Keep the keys with the latest `capacity` last uses; a bit tells which moments are one.

    The cache begins full of keys that nobody asks for, so that it never has to ask whether it is.
    Each request ends one last use, its key's own or the oldest, and begins another.
    """
    last_use = np.zeros(keys, np.uint32)  # zero, a moment of the first word, is too long ago
    is_last = np.full((2 * 64 + capacity + trace.size) // 64, EVERY_BIT)
    place = np.uint64(1)
    word = is_last[place]  # with the oldest bit; its place in the array is not read again
    for now in range(trace.size):
        key = trace[now]
        use = np.uint64(last_use[key])
        last_use[key] = 64 + capacity + now
        own, bit = use >> np.uint64(6), np.uint64(1) << (use & np.uint64(63))
        is_last[own] &= ~bit
        bit *= np.uint64(own == place)
        inside = np.uint64(own > place) | np.uint64(word & bit != 0)
        hit[now] = inside == 1
        word &= ~bit
        word &= word - (np.uint64(1) - inside)  # without its lowest bit after a miss
        while word == 0:
            place += np.uint64(1)
            word = is_last[place]


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
    state = np.zeros(keys + 1, np.uint8)
    ring = np.full(capacity + 1, keys, np.uint32)
    nobody, aside = np.uint64(keys), np.uint64(capacity)  # as for FIFO
    hand = np.uint64(0)
    for now in range(trace.size):
        key = trace[now]
        miss = np.uint64(state[key] == ABSENT)
        hit[now] = miss == 0
        victim = ring[hand]
        while state[victim] & VISITED * miss:
            state[victim] = PRESENT
            hand += np.uint64(1)
            if hand == aside:
                hand = np.uint64(0)
            victim = ring[hand]
        state[choose(miss, victim, nobody)] = ABSENT
        ring[choose(miss, hand, aside)] = key
        state[key] = VISITED - miss  # PRESENT after a miss
        hand += miss
        if hand == aside:
            hand = np.uint64(0)


@Kernel
def sieve(trace, keys, capacity, hit):
    """Walk a hand from old to new; what was visited stays where it is, the rest is evicted.

    What the hand passes moves down to ``queue[:kept]``, what it has yet to see lies in
    ``queue[hand:end]``, and between them is a gap of those that it evicted.
    """
    state = np.zeros(keys + 1, np.uint8)
    queue = np.full(2 * capacity + 64, keys, np.uint32)  # full of a key that nobody asks for
    nobody, room = np.uint64(keys), np.uint64(queue.size)
    kept, hand, end = np.uint64(0), np.uint64(0), np.uint64(capacity)
    for now in range(trace.size):
        key = trace[now]
        miss = np.uint64(state[key] == ABSENT)
        hit[now] = miss == 0
        victim = queue[hand]
        while state[victim] & VISITED * miss:
            state[victim] = PRESENT
            queue[kept] = victim
            kept, hand = kept + np.uint64(1), hand + np.uint64(1)
            if hand == end:
                kept, hand, end = np.uint64(0), np.uint64(0), kept
            victim = queue[hand]
        state[choose(miss, victim, nobody)] = ABSENT
        hand += miss
        if hand == end:  # before the insertion: the new key is not the next victim
            kept, hand, end = np.uint64(0), np.uint64(0), kept
        queue[end] = key
        end += miss
        state[key] = VISITED - miss  # PRESENT after a miss
        if end == room:
            hand, end = close_up(queue, kept, hand, end)


@Kernel
def close_up(queue, kept, hand, end):
    """Close the gap before the hand; return where the hand and the end have moved."""
    for place in range(hand, end):
        queue[kept + place - hand] = queue[place]
    return kept, kept + end - hand


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
