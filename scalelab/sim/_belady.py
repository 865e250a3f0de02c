"""Kernels of Belady's optimum, the policy that knows the future."""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel


@Kernel
def following_uses(trace, keys, following):
    """When each request's key is asked for next; the trace's length where it never is."""
    later = np.full(keys, trace.size, np.int32)
    for now in range(trace.size - 1, -1, -1):
        key = trace[now]
        following[now] = later[key]
        later[key] = now


@Kernel
def belady(trace, keys, capacity, hit):
    """Evict the key that will be asked for last, or never."""
    # A set of the moments at which the keys in the cache will be asked for: a request is a hit
    # if its moment is in the set, and the victim is the key of the last moment. Each level has
    # one bit for a word of 64 below it that is not empty. Keys that nobody will ask for again
    # only take space, and go first.
    following = np.empty(trace.size, np.int32)
    following_uses(trace, keys, following)
    starts, words = np.zeros(8, np.int64), (trace.size + 63) // 64
    levels = 1
    while words > 1:
        starts[levels] = starts[levels - 1] + words
        words = (words + 63) // 64
        levels += 1
    bits = np.zeros(starts[levels - 1] + 1, np.uint64)
    size = useless = 0
    for now in range(trace.size):
        hit[now] = contains(bits, now)
        if hit[now]:
            remove(bits, starts, levels, now)
        elif size < capacity:
            size += 1
        elif useless > 0:
            useless -= 1
        else:
            remove(bits, starts, levels, largest(bits, starts, levels))
        if following[now] < trace.size:
            insert(bits, starts, levels, following[now])
        else:
            useless += 1


@Kernel
def contains(bits, moment):
    """Whether the moment is in the set."""
    return bool((bits[moment >> 6] >> np.uint64(moment & 63)) & np.uint64(1))


@Kernel
def insert(bits, starts, levels, moment):
    """Put the moment into the set."""
    place = np.int64(moment)
    for level in range(levels):
        bits[starts[level] + (place >> 6)] |= np.uint64(1) << np.uint64(place & 63)
        place >>= 6


@Kernel
def remove(bits, starts, levels, moment):
    """Take the moment out of the set."""
    place = np.int64(moment)
    for level in range(levels):
        word = starts[level] + (place >> 6)
        bits[word] &= ~(np.uint64(1) << np.uint64(place & 63))
        if bits[word] != np.uint64(0):
            break
        place >>= 6


@Kernel
def largest(bits, starts, levels):
    """Return the last moment in the set."""
    place = np.int64(0)
    for level in range(levels - 1, -1, -1):
        place = (place << 6) + highest_bit(bits[starts[level] + place])
    return place


@Kernel
def highest_bit(word):
    """Place of the highest bit that is set, by halving."""
    place = 0
    for half in (32, 16, 8, 4, 2, 1):
        if word >> np.uint64(half) != np.uint64(0):
            word >>= np.uint64(half)
            place += half
    return place
