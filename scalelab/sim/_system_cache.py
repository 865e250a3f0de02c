"""Events of a system: the cache, least recently used first out."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_lines import _book, _coin, _push



@Kernel
def _look_up(w, a, t, cost_s):
    cache, q = w.cache, w.draws.keys[w.attempts.request[a]]
    if w.rules.capacity > 0 and cache.there[q] and cache.expires_s[q] > t:
        _unlink(w, q)
        _link(w, q)
        w.attempts.stale[a] = cache.old[q]
        w.requests.hit[w.attempts.request[a]] = True
        _book(w, t, b.HITS, 1)
        _book(w, t, b.STALE, int(cache.old[q]))
        _push(w, t + cost_s, b.REPLIED, a)
    elif w.rules.single_flight and cache.filling_s[q] > t - b.LOCK_S:
        _push(w, t + b.LOOK_S, b.LOOKS_AGAIN, a)
    else:
        cache.filling_s[q] = t
        _push(w, t + cost_s, b.MISSED, a)


@Kernel
def _unlink(w, q):
    before, after = w.cache.before, w.cache.after
    after[before[q]] = after[q]
    before[after[q]] = before[q]


@Kernel
def _link(w, q):
    before, after = w.cache.before, w.cache.after
    ends = w.rules.keys  # the ring's sentinel: after it the newest, before it the oldest
    before[q], after[q] = ends, after[ends]
    before[after[ends]] = q
    after[ends] = q


@Kernel
def _fill(w, a, q, t):
    cache, rules = w.cache, w.rules
    cache.old[q] = w.attempts.stale[a]
    cache.expires_s[q] = t + rules.ttl_s * (1 - rules.jitter * _coin(w, a, b.JITTER_COIN))
    if cache.there[q]:
        _unlink(w, q)
    else:
        cache.there[q] = True
        w.whole[b.CACHED] += 1
    _link(w, q)
    if w.whole[b.CACHED] > rules.capacity:
        oldest = cache.before[rules.keys]
        _unlink(w, oldest)
        cache.there[oldest] = False
        w.whole[b.CACHED] -= 1


