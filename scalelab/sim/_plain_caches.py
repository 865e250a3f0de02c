"""The caches without numba: the same policies on dictionaries, deques and a heap.

Each takes the requests and the capacity and yields, for each request, whether it is a hit.
"""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator, Sequence

Trace = Sequence[int]


def fifo(trace: Trace, capacity: int) -> Iterator[bool]:
    """First in, first out."""
    queue: deque[int] = deque()
    inside: set[int] = set()
    for key in trace:
        hit = key in inside
        yield hit
        if not hit:
            if len(queue) == capacity:
                inside.remove(queue.popleft())
            queue.append(key)
            inside.add(key)


def lru(trace: Trace, capacity: int) -> Iterator[bool]:
    """Least recently used: an ordered dictionary, the oldest first."""
    cache: OrderedDict[int, None] = OrderedDict()
    for key in trace:
        hit = key in cache
        yield hit
        if hit:
            cache.move_to_end(key)
        else:
            if len(cache) == capacity:
                cache.popitem(last=False)
            cache[key] = None


def clock(trace: Trace, capacity: int) -> Iterator[bool]:
    """CLOCK as a queue: what was visited goes round once more."""
    visited: OrderedDict[int, bool] = OrderedDict()
    for key in trace:
        hit = key in visited
        yield hit
        if hit:
            visited[key] = True
            continue
        while len(visited) == capacity:
            victim, again = visited.popitem(last=False)
            if again:
                visited[victim] = False
        visited[key] = False


def sieve(trace: Trace, capacity: int) -> Iterator[bool]:
    """SIEVE on a ring of keys, each with its next newer one; -1 stands between new and old."""
    visited: dict[int, bool] = {}
    newer, older = {-1: -1}, {-1: -1}
    hand = -1
    for key in trace:
        hit = key in visited
        yield hit
        if hit:
            visited[key] = True
            continue
        if len(visited) == capacity:
            hand = newer[-1] if hand == -1 else hand
            while visited[hand]:
                visited[hand] = False
                hand = newer[hand]
                hand = newer[-1] if hand == -1 else hand
            del visited[hand]
            behind, ahead = older.pop(hand), newer.pop(hand)
            newer[behind], older[ahead] = ahead, behind
            hand = ahead
        newest = older[-1]
        newer[newest], older[key], newer[key], older[-1] = key, newest, -1, key
        visited[key] = False


def s3_fifo(trace: Trace, capacity: int) -> Iterator[bool]:
    """S3-FIFO on two queues, a count of uses and an ordered dictionary of ghosts."""
    small_capacity, ghost_capacity = max(1, capacity // 10), max(1, 9 * capacity // 10)
    small: deque[int] = deque()
    main: deque[int] = deque()
    ghosts: OrderedDict[int, None] = OrderedDict()
    uses: dict[int, int] = {}
    has_evicted = False

    def evict_from_main() -> None:
        while uses[victim := main.popleft()]:
            uses[victim] -= 1
            main.append(victim)
        del uses[victim]

    def evict_from_small() -> None:
        while small:
            victim = small.popleft()
            if uses[victim] < 2:
                del uses[victim]
                ghosts[victim] = None
                if len(ghosts) > ghost_capacity:
                    ghosts.popitem(last=False)
                return
            uses[victim] = 0
            main.append(victim)

    for key in trace:
        hit = key in uses
        yield hit
        if hit:
            uses[key] = min(uses[key] + 1, 3)
            continue
        came_back = key in ghosts
        ghosts.pop(key, None)
        while len(uses) >= capacity:
            has_evicted = True
            if len(main) > capacity - small_capacity or not small:
                evict_from_main()
            else:
                evict_from_small()
        uses[key] = 0
        filling = not has_evicted and len(small) >= small_capacity
        (main if came_back or filling else small).append(key)


def lfu(trace: Trace, capacity: int) -> Iterator[bool]:
    """Least frequently used: one ordered dictionary for each number of uses."""
    uses: dict[int, int] = {}
    used: defaultdict[int, OrderedDict[int, None]] = defaultdict(OrderedDict)
    fewest = 1
    for key in trace:
        hit = key in uses
        yield hit
        if hit:
            del used[uses[key]][key]
            if uses[key] == fewest and not used[fewest]:
                fewest += 1
        else:
            if len(uses) == capacity:
                victim, _ = used[fewest].popitem(last=False)
                del uses[victim]
            fewest = 1
        uses[key] = uses.get(key, 0) + 1
        used[uses[key]][key] = None


def two_q(trace: Trace, capacity: int) -> Iterator[bool]:
    """2Q: a queue of new keys, its ghosts, and an LRU list of keys that came back."""
    new: OrderedDict[int, None] = OrderedDict()
    ghosts: OrderedDict[int, None] = OrderedDict()
    proven: OrderedDict[int, None] = OrderedDict()
    for key in trace:
        hit = key in new or key in proven
        yield hit
        if key in proven:
            proven.move_to_end(key)
        if hit:
            continue
        came_back = key in ghosts
        ghosts.pop(key, None)
        if len(new) + len(proven) == capacity:
            if len(new) > capacity // 4:
                ghosts[new.popitem(last=False)[0]] = None
                if len(ghosts) > capacity // 2:
                    ghosts.popitem(last=False)
            else:
                proven.popitem(last=False)
        (proven if came_back else new)[key] = None


def arc(trace: Trace, capacity: int) -> Iterator[bool]:
    """ARC: keys seen once and more often, the ghosts of both, and a target that they move."""
    once: OrderedDict[int, None] = OrderedDict()
    often: OrderedDict[int, None] = OrderedDict()
    once_ghosts: OrderedDict[int, None] = OrderedDict()
    often_ghosts: OrderedDict[int, None] = OrderedDict()
    target = 0.0  # for the number of keys seen once

    def replace(key: int) -> None:
        if once and (len(once) > target or (key in often_ghosts and len(once) == target)):
            once_ghosts[once.popitem(last=False)[0]] = None
        else:
            often_ghosts[often.popitem(last=False)[0]] = None

    for key in trace:
        hit = key in once or key in often
        yield hit
        if hit:
            (once if key in once else often).pop(key)
            often[key] = None
        elif key in once_ghosts:
            target = min(target + max(1, len(often_ghosts) / len(once_ghosts)), capacity)
            replace(key)
            del once_ghosts[key]
            often[key] = None
        elif key in often_ghosts:
            target = max(target - max(1, len(once_ghosts) / len(often_ghosts)), 0)
            replace(key)
            del often_ghosts[key]
            often[key] = None
        else:
            seen_once = len(once) + len(once_ghosts)
            total = seen_once + len(often) + len(often_ghosts)
            if seen_once == capacity and not once_ghosts:
                once.popitem(last=False)
            elif seen_once == capacity:
                once_ghosts.popitem(last=False)
                replace(key)
            elif total >= capacity:
                if total == 2 * capacity:
                    often_ghosts.popitem(last=False)
                replace(key)
            once[key] = None


def w_tiny_lfu(trace: Trace, capacity: int) -> Iterator[bool]:
    """W-TinyLFU: a small LRU window, and a segmented LRU that admits by frequency."""
    window_capacity = max(1, capacity // 100)
    main_capacity = capacity - window_capacity
    window: OrderedDict[int, None] = OrderedDict()
    probation: OrderedDict[int, None] = OrderedDict()
    protected: OrderedDict[int, None] = OrderedDict()
    uses: Counter[int] = Counter()
    for now, key in enumerate(trace):
        if now % (10 * capacity) == 0:  # what was popular once shall not stay so for ever
            uses = Counter({key: count // 2 for key, count in uses.items() if count > 1})
        uses[key] = min(uses[key] + 1, 15)
        hit = key in window or key in probation or key in protected
        yield hit
        if key in window:
            window.move_to_end(key)
        elif key in protected:
            protected.move_to_end(key)
        elif key in probation:
            del probation[key]
            protected[key] = None
            if len(protected) > 8 * main_capacity // 10:
                probation[protected.popitem(last=False)[0]] = None
        else:
            window[key] = None
            if len(window) <= window_capacity:
                continue
            candidate, _ = window.popitem(last=False)
            if len(probation) + len(protected) < main_capacity:
                probation[candidate] = None
            elif main_capacity:
                segment = probation or protected
                if uses[candidate] > uses[next(iter(segment))]:
                    segment.popitem(last=False)
                    probation[candidate] = None


def belady(trace: Trace, capacity: int) -> Iterator[bool]:
    """Belady's optimum: a heap of the next requests, the furthest first."""
    following: list[int] = []
    later: dict[int, int] = {}
    for now in range(len(trace) - 1, -1, -1):
        following.append(later.get(trace[now], len(trace)))
        later[trace[now]] = now
    following.reverse()
    inside: dict[int, int] = {}
    furthest: list[tuple[int, int]] = []
    for key, following_use in zip(trace, following, strict=True):
        hit = key in inside
        yield hit
        if not hit and len(inside) == capacity:
            use, victim = heapq.heappop(furthest)
            while inside.get(victim) != -use:  # out of date: the key was asked for since
                use, victim = heapq.heappop(furthest)
            del inside[victim]
        inside[key] = following_use
        heapq.heappush(furthest, (-following_use, key))
