"""A whole system, event by event.

A request makes attempts. An attempt goes from the balancer to a core of its server, to the session
store, to the cache, through the pool of its server to a core of a database node, and back.
"""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_cache import _look_again, _look_up
from scalelab.sim._system_database import (
    _ask_pool,
    _at_node,
    _give_back,
    _lag_s,
    _node_done,
    _shipped,
)
from scalelab.sim._system_lines import _drop, _pop, _push, _use
from scalelab.sim._system_servers import (
    _app_done,
    _at_sessions,
    _attempt,
    _refused,
    _replied,
    _session_done,
    _unanswered,
)


@Kernel
def _fault(w, which, begins):
    fault = w.faults[which]
    if fault.kind == b.FLUSH:
        for q in range(w.rules[0].keys):
            w.keys[q].expires_s = b.NEVER_S
    elif fault.kind == b.CONNECTION_LOSS:
        for k in range(w.rules[0].servers):
            w.servers[k].opened = 0
    elif fault.kind == b.LEAK:
        w.now[0].leak_share = fault.size if begins else 0.0
    elif fault.kind == b.SERVER_ERRORS:
        w.servers[fault.target].failing = begins
    else:
        w.nodes[fault.target].slow = fault.size if begins else 1.0


@Kernel
def _close_books(w, first, last):
    # core or connection seconds since the last row: the most of one line, and of all
    most_s, total_s = 0.0, 0.0
    for line in range(first, last):
        at = w.lines[line]
        most_s = max(most_s, at.area_s)
        total_s += at.area_s
        at.worked_s += at.area_s
        at.area_s = 0.0
    return most_s, total_s


@Kernel
def _read_gauges(w, t):
    rules, row, running = w.rules[0], w.seconds[int(t) - 1], w.now[0].running
    for line in range(len(w.lines)):
        _use(w, line, t, 0)
    used = 0.0
    for k in range(running):
        used += w.lines[rules.first_pool + k].busy
    row.pool_used = used / running / rules.pool
    _, total_s = _close_books(w, 0, running)
    row.app_busy = total_s / running / rules.app_cores
    _close_books(w, running, rules.servers)
    most_s, _ = _close_books(w, rules.first_node, rules.first_pool)
    row.db_busy = most_s / rules.db_cores
    _close_books(w, rules.first_pool, len(w.lines))
    row.lag_s, row.instances, row.starting = _lag_s(w, t), running, w.now[0].starting
    for node in range(rules.nodes):
        row.fullest_node = max(row.fullest_node, w.nodes[node].queries)
        row.mean_node += w.nodes[node].queries / rules.nodes
        row.writers += int(w.nodes[node].wrote)
        w.nodes[node].queries, w.nodes[node].wrote = 0, False


@Kernel
def _scale(w, t):
    rules, now = w.rules[0], w.now[0]
    now.load_sum += w.seconds[int(t) - 1].app_busy
    if int(t) % rules.every:
        return
    load = now.load_sum / rules.every
    now.load_sum = 0.0
    if now.starting > 0 or t - now.changed_s < rules.cooldown_s:
        return
    if load > rules.high and now.running < rules.most:
        now.starting, now.changed_s = min(rules.add, rules.most - now.running), t
        _push(w, t + rules.startup_s, b.STARTED, 0)
    elif load < rules.low and now.running > rules.least:
        now.running, now.changed_s = max(now.running - rules.remove, rules.least), t


@Kernel
def _in_need(w, kind, who, t):
    # clients who wait no longer, instances, faults, and the clock
    if kind == b.GIVES_UP:
        if not w.attempts[who].gone:
            w.seconds[int(t)].timed_out += 1
            _unanswered(w, who, t)
    elif kind == b.POOL_GIVES_UP:
        if w.attempts[who].phase == b.IN_POOL_LINE:
            w.seconds[int(t)].pool_timeouts += 1
            _drop(w, who)
            _unanswered(w, who, t)
    elif kind == b.REFUSED:
        _refused(w, who, t)
    elif kind == b.RETRIED:
        _attempt(w, who, t)
    elif kind == b.STARTED:
        w.now[0].running += w.now[0].starting
        w.now[0].starting = 0
    elif kind == b.SECOND:
        _read_gauges(w, t)
        if w.rules[0].every > 0:
            _scale(w, t)
        _push(w, t + 1.0, b.SECOND, 0)
    else:
        _fault(w, who, kind == b.FAULT_BEGINS)


@Kernel
def _has_session(w, a, t):
    if w.requests[w.attempts[a].request].writes:
        _ask_pool(w, a, t)
    else:
        w.seconds[int(t)].reads += 1
        _look_up(w, a, t, w.rules[0].lookup_s)


@Kernel
def _happen(w, kind, who, t):
    if kind == b.APP_DONE:
        _app_done(w, who, t)
    elif kind == b.AT_SESSIONS:
        _at_sessions(w, who, t)
    elif kind == b.SESSION_DONE:
        _session_done(w, who, t)
    elif kind == b.HAS_SESSION:
        _has_session(w, who, t)
    elif kind == b.LOOKS_AGAIN:
        _look_again(w, who, t)
    elif kind == b.MISSED:
        _ask_pool(w, who, t)
    elif kind == b.AT_NODE:
        _at_node(w, who, w.attempts[who].node, t)
    elif kind == b.NODE_DONE:
        _node_done(w, who, t)
    elif kind == b.BACK:
        _give_back(w, who, t)
        _replied(w, who, t)
    elif kind == b.SHIPPED:
        _shipped(w, who, t)
    elif kind == b.REPLIED:
        _replied(w, who, t)
    else:
        _in_need(w, kind, who, t)


@Kernel
def _arrive(w, r, t):
    now = w.now[0]
    now.arrived += 1
    now.tokens = min(now.tokens + w.rules[0].budget, b.MOST_TOKENS)
    w.seconds[int(t)].asked += 1
    _attempt(w, r, t)


@Kernel
def _run(w):
    requests, horizon_s = w.requests, w.rules[0].horizon_s
    while True:
        t, r = w.heap[0].time_s, w.now[0].arrived
        if r < len(requests) and requests[r].arrive_s < t:
            _arrive(w, r, requests[r].arrive_s)
            continue
        if t > horizon_s:
            return
        code = w.heap[0].code
        _pop(w)
        _happen(w, code // b.SPAN, code % b.SPAN, t)
