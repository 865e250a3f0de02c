"""The heap of events, and the lines: cores or connections, and who waits for them."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel



@Kernel
def _push(w, time_s, kind, who):
    times, codes = w.heap.time_s, w.heap.code
    code, place = kind * b.SPAN + who, w.whole[b.PENDING]
    w.whole[b.PENDING] += 1
    while place > 0:
        parent = (place - 1) >> 1
        if times[parent] < time_s or (times[parent] == time_s and codes[parent] < code):
            break
        times[place], codes[place], place = times[parent], codes[parent], parent
    times[place], codes[place] = time_s, code


@Kernel
def _pop(w):
    times, codes = w.heap.time_s, w.heap.code
    w.whole[b.PENDING] -= 1
    last = w.whole[b.PENDING]
    time_s, code, place, child = times[last], codes[last], 0, 1
    while child < last:
        right = child + 1
        if right < last and (
            times[right] < times[child]
            or (times[right] == times[child] and codes[right] < codes[child])
        ):
            child = right
        if time_s < times[child] or (time_s == times[child] and code < codes[child]):
            break
        times[place], codes[place], place = times[child], codes[child], child
        child = 2 * place + 1
    times[place], codes[place] = time_s, code


@Kernel
def _book(w, t, column, amount):
    w.rows[int(t) * b.COLUMNS + column] += amount


@Kernel
def _use(w, line, t, change):
    lines = w.lines
    lines.area_s[line] += lines.busy[line] * (t - lines.since_s[line])
    lines.since_s[line] = t
    lines.busy[line] += change


@Kernel
def _join(w, line, job):
    lines, after = w.lines, w.attempts.after
    if lines.tail[line] == b.NOBODY:
        lines.head[line] = job
    else:
        after[lines.tail[line]] = job
    lines.tail[line] = job
    after[job] = b.NOBODY
    lines.length[line] += 1


@Kernel
def _leave(w, line):
    lines = w.lines
    job = lines.head[line]
    if job != b.NOBODY:
        lines.head[line] = w.attempts.after[job]
        lines.length[line] -= 1
        if lines.head[line] == b.NOBODY:
            lines.tail[line] = b.NOBODY
    return job


@Kernel
def _leave_alive(w, line):
    # whose client left, or who gave up the pool, is passed over; the former if anybody checks
    job = _leave(w, line)
    while job != b.NOBODY:
        if w.attempts.phase[job] != b.ENDED:
            if not (w.rules.checks_deadline and w.attempts.gone[job]):
                break
            if w.attempts.phase[job] == b.IN_POOL_LINE:
                _drop(w, job)
            else:
                _end(w, job)
        job = _leave(w, line)
    return job


@Kernel
def _drop(w, a):
    # a query that is never sent: a read no longer fills the cache, so another one may
    if not w.draws.writes[w.attempts.request[a]]:
        w.cache.filling_s[w.draws.keys[w.attempts.request[a]]] = -b.LOCK_S
    _end(w, a)


@Kernel
def _end(w, a):
    w.attempts.phase[a] = b.ENDED
    w.servers.outstanding[w.attempts.server[a]] -= 1


@Kernel
def _coin(w, a, which):
    return w.draws.coins[(a % w.rules.draws) * b.COINS + which]
