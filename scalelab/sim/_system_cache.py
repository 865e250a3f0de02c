"""Events of a system: the cache, least recently used first out."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_lines import _end, _push


@Kernel
def _look_up(w, a, t, cost_s):
    rules, r = w.rules[0], w.attempts[a].request
    q = w.requests[r].key
    key = w.keys[q]
    if rules.capacity > 0 and key.there and key.expires_s > t:
        _unlink(w, q)
        _link(w, q)
        w.attempts[a].stale, w.requests[r].hit = key.old, True
        w.seconds[int(t)].hits += 1
        w.seconds[int(t)].stale += int(key.old)
        _push(w, t + cost_s, b.REPLIED, a)
    elif rules.single_flight and key.filling_s > t - b.LOCK_S:
        _push(w, t + b.LOOK_S, b.LOOKS_AGAIN, a)
    else:
        key.filling_s = t
        _push(w, t + cost_s, b.MISSED, a)


@Kernel
def _look_again(w, a, t):
    # while another one fills the key; a handler that was cancelled with its client looks no more
    if w.attempts[a].gone and not w.rules[0].fills_when_left:
        _end(w, a)
    else:
        _look_up(w, a, t, 0.0)


@Kernel
def _unlink(w, q):
    newer, older = w.keys[q].newer, w.keys[q].older
    w.keys[newer].older = older
    w.keys[older].newer = newer


@Kernel
def _link(w, q):
    ends = w.rules[0].keys  # closes the ring: older than it is the newest, newer the oldest
    newest = w.keys[ends].older
    w.keys[q].newer, w.keys[q].older = ends, newest
    w.keys[newest].newer = q
    w.keys[ends].older = q


@Kernel
def _fill(w, a, q, t):
    rules, now, key = w.rules[0], w.now[0], w.keys[q]
    key.old = w.attempts[a].stale
    key.expires_s = t + rules.ttl_s * (1 - rules.jitter * w.draws[a % rules.draws].jitter_coin)
    if key.there:
        _unlink(w, q)
    else:
        key.there = True
        now.cached += 1
    _link(w, q)
    if now.cached > rules.capacity:
        oldest = w.keys[rules.keys].newer
        _unlink(w, oldest)
        w.keys[oldest].there = False
        now.cached -= 1
