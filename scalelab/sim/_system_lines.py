"""The heap of events, and the lines: cores or connections, and who waits for them."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel


@Kernel
def _push(w, time_s, kind, who):
    heap, now = w.heap, w.now[0]
    code, place = kind * b.SPAN + who, now.pending
    now.pending += 1
    while place > 0:
        above = (place - 1) >> 1
        if heap[above].time_s < time_s or (
            heap[above].time_s == time_s and heap[above].code < code
        ):
            break
        heap[place].time_s, heap[place].code = heap[above].time_s, heap[above].code
        place = above
    heap[place].time_s, heap[place].code = time_s, code


@Kernel
def _earlier(w, one, other):
    heap = w.heap
    return heap[one].time_s < heap[other].time_s or (
        heap[one].time_s == heap[other].time_s and heap[one].code < heap[other].code
    )


@Kernel
def _pop(w):
    heap, now = w.heap, w.now[0]
    now.pending -= 1
    last, place, child = now.pending, 0, 1
    while child < last:
        if child + 1 < last and _earlier(w, child + 1, child):
            child += 1
        if _earlier(w, last, child):
            break
        heap[place].time_s, heap[place].code = heap[child].time_s, heap[child].code
        place, child = child, 2 * child + 1
    heap[place].time_s, heap[place].code = heap[last].time_s, heap[last].code


@Kernel
def _use(w, line, t, change):
    at = w.lines[line]
    at.area_s += at.busy * (t - at.since_s)
    at.since_s = t
    at.busy += change


@Kernel
def _join(w, line, job):
    at = w.lines[line]
    if at.tail == b.NOBODY:
        at.head = job
    else:
        w.attempts[at.tail].behind = job
    at.tail = job
    w.attempts[job].behind = b.NOBODY
    at.length += 1


@Kernel
def _leave(w, line):
    at = w.lines[line]
    job = at.head
    if job != b.NOBODY:
        at.head = w.attempts[job].behind
        at.length -= 1
        if at.head == b.NOBODY:
            at.tail = b.NOBODY
    return job


@Kernel
def _leave_alive(w, line):
    # pass over who gave up the pool and, if anybody checks, those whose client has left
    job = _leave(w, line)
    while job != b.NOBODY:
        if w.attempts[job].phase != b.ENDED:
            if not (w.rules[0].checks_deadline and w.attempts[job].gone):
                break
            _drop(w, job)
        job = _leave(w, line)
    return job


@Kernel
def _drop(w, a):
    # one that never asks the database: if it was to fill the cache, another one may
    if w.attempts[a].phase == b.IN_POOL_LINE and not w.requests[w.attempts[a].request].writes:
        w.keys[w.requests[w.attempts[a].request].key].filling_s = b.NEVER_S
    _end(w, a)


@Kernel
def _end(w, a):
    w.attempts[a].phase = b.ENDED
    w.servers[w.attempts[a].server].outstanding -= 1
