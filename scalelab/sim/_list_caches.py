"""Kernels of the caches that reorder keys on a hit: LFU, 2Q, ARC and W-TinyLFU.

They fill `hit` with whether each request found its key. Their lists are doubly linked through
two arrays with a place for each key: `newer` and `older`. A list is a ring through a head that
stands behind the keys: ``newer[head]`` is its oldest key and ``older[head]`` its newest. A key
that is in no list is a ring by itself.
"""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel

MOST_USES = 15  # W-TinyLFU counts with four bits


@Kernel
def move(newer, older, key, head):
    """Take `key` out of its list and make it the newest of another; small, so it is inlined."""
    behind, ahead = older[key], newer[key]
    newer[behind] = ahead
    older[ahead] = behind
    newest = older[head]
    newer[newest] = key
    older[key] = newest
    newer[key] = head
    older[head] = key


@Kernel
def unlink(newer, older, key):
    """Take `key` out of its list."""
    behind, ahead = older[key], newer[key]
    newer[behind] = ahead
    older[ahead] = behind
    newer[key] = older[key] = key


@Kernel
def lfu(trace, keys, capacity, hit):
    """Keep one list for each number of uses."""
    # One list for each number of uses that a key in the cache has; never more than capacity + 1.
    # The lists are themselves a ring in order of that number, through 0: `more` leads on.
    newer = np.arange(keys + capacity + 2, dtype=np.int32)
    older = newer.copy()
    group = np.zeros(keys, np.int32)  # the list that a key is in; 0 for none
    uses = np.zeros(capacity + 2, np.int32)  # of the keys in a list
    more = np.arange(capacity + 2, dtype=np.int32)
    fewer = more.copy()
    spare = np.arange(1, capacity + 2, dtype=np.int32)  # a stack of unused lists
    spares = spare.size
    size = 0
    for now in range(trace.size):
        key = trace[now]
        own = group[key]
        hit[now] = own > 0
        left = own  # a list that may be left without keys
        if own == 0 and size < capacity:
            size += 1
        elif own == 0:
            left = more[0]
            victim = newer[keys + left]
            unlink(newer, older, victim)
            group[victim] = 0
        following = more[own]
        if following == 0 or uses[following] != uses[own] + 1:
            spares -= 1
            following = spare[spares]
            uses[following] = uses[own] + 1
            fewer[following], more[following] = own, more[own]
            fewer[more[own]] = following
            more[own] = following
        move(newer, older, key, keys + following)
        group[key] = following
        if left > 0 and newer[keys + left] == keys + left:
            unlink(more, fewer, left)
            spare[spares] = left
            spares += 1


@Kernel
def two_q(trace, keys, capacity, hit):
    """Keep lists of new keys, of keys that came back, and of ghosts."""
    new, proven, ghosts = 1, 2, 3
    newer = np.arange(keys + 4, dtype=np.int32)
    older = newer.copy()
    place, size = np.zeros(keys, np.uint8), np.zeros(4, np.int64)
    for now in range(trace.size):
        key = trace[now]
        was = place[key]
        hit[now] = was in (new, proven)
        if was == new:
            continue
        size[was] -= 1
        if was != proven and size[new] + size[proven] == capacity:
            source = new if size[new] > capacity // 4 else proven
            victim = newer[keys + source]
            size[source] -= 1
            if source == new:
                move(newer, older, victim, keys + ghosts)
                place[victim] = ghosts
                size[ghosts] += 1
                victim = newer[keys + ghosts]
            if source == proven or size[ghosts] > capacity // 2:
                size[ghosts] -= source == new
                unlink(newer, older, victim)
                place[victim] = 0
        place[key] = new if was == 0 else proven
        size[place[key]] += 1
        move(newer, older, key, keys + place[key])


@Kernel
def arc(trace, keys, capacity, hit):
    """Keep lists of keys seen once and often, and of the ghosts of both."""
    once, often, once_ghosts, often_ghosts = 1, 2, 3, 4
    newer = np.arange(keys + 5, dtype=np.int32)
    older = newer.copy()
    place, size = np.zeros(keys, np.uint8), np.zeros(5, np.int64)
    target = 0.0  # for the number of keys that were seen once
    for now in range(trace.size):
        key = trace[now]
        was = place[key]
        hit[now] = was in (once, often)
        if was == once_ghosts:
            step = max(1.0, size[often_ghosts] / size[once_ghosts])
            target = min(target + step, float(capacity))
        elif was == often_ghosts:
            step = max(1.0, size[once_ghosts] / size[often_ghosts])
            target = max(target - step, 0.0)
        make_room = was > often
        if was == 0:
            seen_once = size[once] + size[once_ghosts]
            total = seen_once + size[often] + size[often_ghosts]
            make_room = total >= capacity and not (seen_once == size[once] == capacity)
            if seen_once == capacity or total == 2 * capacity:  # forget one altogether
                source = often_ghosts
                if seen_once == capacity:
                    source = once_ghosts if make_room else once
                victim = newer[keys + source]
                unlink(newer, older, victim)
                place[victim] = 0
                size[source] -= 1
        if make_room:
            tie = was == often_ghosts and size[once] == target
            from_once = size[once] > 0 and (size[once] > target or tie)
            source, ghosts = (once, once_ghosts) if from_once else (often, often_ghosts)
            victim = newer[keys + source]
            move(newer, older, victim, keys + ghosts)
            place[victim] = ghosts
            size[source] -= 1
            size[ghosts] += 1
        size[was] -= 1
        place[key] = once if was == 0 else often
        size[place[key]] += 1
        move(newer, older, key, keys + place[key])


@Kernel
def w_tiny_lfu(trace, keys, capacity, hit):
    """Keep lists of the window and of both segments, and a count of recent uses."""
    window, probation, protected = 1, 2, 3
    window_capacity = max(1, capacity // 100)
    main_capacity = capacity - window_capacity
    newer = np.arange(keys + 4, dtype=np.int32)
    older = newer.copy()
    place, size = np.zeros(keys, np.uint8), np.zeros(4, np.int64)
    uses, counted = np.zeros(keys, np.uint8), np.zeros(keys, np.int32)
    for now in range(trace.size):
        epoch = now // (10 * capacity)
        key = trace[now]
        uses[key] = min(recent_uses(uses, counted, epoch, key) + 1, MOST_USES)
        counted[key] = epoch
        was = place[key]
        hit[now] = was > 0
        target = window if was <= window else protected
        move(newer, older, key, keys + target)
        place[key] = target
        size[was] -= 1
        size[target] += 1
        if size[protected] > 8 * main_capacity // 10:
            demoted = newer[keys + protected]
            move(newer, older, demoted, keys + probation)
            place[demoted] = probation
            size[protected] -= 1
            size[probation] += 1
        if size[window] <= window_capacity:
            continue
        candidate = newer[keys + window]
        loser = candidate
        if size[probation] + size[protected] < main_capacity:
            loser = -1  # there is room for both
        elif main_capacity > 0:
            victim = newer[keys + (probation if size[probation] > 0 else protected)]
            own_uses = recent_uses(uses, counted, epoch, candidate)
            if own_uses > recent_uses(uses, counted, epoch, victim):
                loser = victim
        if loser >= 0:
            size[place[loser]] -= 1
            place[loser] = 0
            unlink(newer, older, loser)
        if loser != candidate:
            move(newer, older, candidate, keys + probation)
            place[candidate] = probation
            size[window] -= 1
            size[probation] += 1


@Kernel
def recent_uses(uses, counted, epoch, key):
    """Return the uses of `key`, halved for each epoch since it was counted."""
    return uses[key] >> min(epoch - counted[key], 7)
