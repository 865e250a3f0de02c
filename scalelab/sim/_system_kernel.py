"""A whole system, event by event. The text runs on lists as well as on arrays.

A request makes attempts. An attempt goes from the balancer to a core of its server, to the cache,
through the pool of its server to a core of a database node, and back.
"""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_cache import _look_up
from scalelab.sim._system_database import (
    _ask_pool,
    _at_node,
    _lag_s,
    _node_done,
    _shipped,
)
from scalelab.sim._system_lines import _book, _drop, _pop, _push, _use
from scalelab.sim._system_servers import (
    _app_done,
    _attempt,
    _gone_or_refused,
    _refused,
    _replied,
)


@Kernel
def _fault(w, which, begins):
    kind, target = w.draws.fault_kind[which], w.draws.fault_target[which]
    if kind == b.FLUSH:
        for q in range(w.rules.keys):
            w.cache.expires_s[q] = -1.0
    elif kind == b.CONNECTION_LOSS:
        for k in range(w.rules.servers):
            w.servers.opened[k] = 0
    elif kind == b.LEAK:
        w.flow[b.LEAK_SHARE] = w.draws.fault_size[which] if begins else 0.0
    elif kind == b.SERVER_FAULT:
        w.servers.failing[target] = begins
    else:
        w.nodes.slow[target] = w.draws.fault_size[which] if begins else 1.0


@Kernel
def _busy_of(w, first, last):
    # in core or connection seconds since the last row: the largest, and the sum; books are closed
    most, total = 0.0, 0.0
    for line in range(first, last):
        most = max(most, w.lines.area_s[line])
        total += w.lines.area_s[line]
        w.lines.worked_s[line] += w.lines.area_s[line]
        w.lines.area_s[line] = 0.0
    return most, total


@Kernel
def _read_gauges(w, t):
    rules, rows, running = w.rules, w.rows, w.whole[b.RUNNING]
    here = (int(t) - 1) * b.COLUMNS
    for line in range(len(w.lines.busy)):
        _use(w, line, t, 0)
    used = 0.0
    for pool in range(rules.first_pool, rules.first_pool + running):
        used += w.lines.busy[pool]
    rows[here + b.POOL_USED] = used / running / rules.pool
    _, total_s = _busy_of(w, 0, running)
    rows[here + b.APP_BUSY] = total_s / running / rules.app_cores
    _busy_of(w, running, rules.servers)
    most_s, _ = _busy_of(w, rules.first_node, rules.first_pool)
    rows[here + b.DB_BUSY] = most_s / rules.db_cores
    _busy_of(w, rules.first_pool, len(w.lines.busy))
    rows[here + b.LAG_S] = _lag_s(w, t)
    rows[here + b.INSTANCES], rows[here + b.STARTS] = running, w.whole[b.STARTING]
    _count_nodes(w, here)


@Kernel
def _count_nodes(w, here):
    nodes, most, total, writers = w.nodes, 0, 0, 0
    for node in range(w.rules.nodes):
        most, total = max(most, nodes.queries[node]), total + nodes.queries[node]
        writers += int(nodes.wrote[node])
        nodes.queries[node], nodes.wrote[node] = 0, False
    w.rows[here + b.FULLEST_NODE], w.rows[here + b.MEAN_NODE] = most, total / w.rules.nodes
    w.rows[here + b.WRITERS] = writers


@Kernel
def _scale(w, t):
    rules, whole, flow = w.rules, w.whole, w.flow
    flow[b.LOAD_SUM] += w.rows[(int(t) - 1) * b.COLUMNS + b.APP_BUSY]
    if int(t) % rules.every:
        return
    load, flow[b.LOAD_SUM] = flow[b.LOAD_SUM] / rules.every, 0.0
    if whole[b.STARTING] > 0 or t - flow[b.CHANGED_S] < rules.cooldown_s:
        return
    if load > rules.high and whole[b.RUNNING] < rules.most:
        whole[b.STARTING] = min(rules.add, rules.most - whole[b.RUNNING])
        flow[b.CHANGED_S] = t
        _push(w, t + rules.startup_s, b.STARTED, 0)
    elif load < rules.low and whole[b.RUNNING] > rules.least:
        whole[b.RUNNING] = max(whole[b.RUNNING] - rules.remove, rules.least)
        flow[b.CHANGED_S] = t


@Kernel
def _in_need(w, kind, who, t):
    # clients who wait no longer, instances, faults, and the clock
    attempts = w.attempts
    if kind == b.GIVES_UP:
        if not attempts.gone[who]:
            _book(w, t, b.TIMED_OUT, 1)
            _gone_or_refused(w, who, t)
    elif kind == b.POOL_GIVES_UP:
        if attempts.phase[who] == b.IN_POOL_LINE:
            _book(w, t, b.POOL_TIMEOUTS, 1)
            _drop(w, who)
            _gone_or_refused(w, who, t)
    elif kind == b.REFUSED:
        _refused(w, who, t)
    elif kind == b.RETRIED:
        _attempt(w, who, t)
    elif kind == b.STARTED:
        w.whole[b.RUNNING] += w.whole[b.STARTING]
        w.whole[b.STARTING] = 0
    elif kind == b.SECOND:
        _read_gauges(w, t)
        if w.rules.every > 0:
            _scale(w, t)
        _push(w, t + 1.0, b.SECOND, 0)
    else:
        _fault(w, who, kind == b.FAULT_BEGINS)


@Kernel
def _happen(w, kind, who, t):
    if kind == b.APP_DONE:
        _app_done(w, who, t)
    elif kind == b.LOOKS_AGAIN:
        _look_up(w, who, t, 0.0)
    elif kind == b.MISSED:
        _ask_pool(w, who, t)
    elif kind == b.AT_NODE:
        _at_node(w, who, w.attempts.node[who], t)
    elif kind == b.NODE_DONE:
        _node_done(w, who, t)
    elif kind == b.SHIPPED:
        _shipped(w, who, t)
    elif kind == b.REPLIED:
        _replied(w, who, t)
    else:
        _in_need(w, kind, who, t)


@Kernel
def _arrive(w, t):
    r = w.whole[b.ARRIVED]
    w.whole[b.ARRIVED] += 1
    _book(w, t, b.ASKED, 1)
    w.flow[b.TOKENS] = min(w.flow[b.TOKENS] + w.rules.budget, b.MOST_TOKENS)
    _attempt(w, r, t)


@Kernel
def _run(w):
    arrive_s, horizon_s = w.draws.arrive_s, w.rules.horizon_s
    while True:
        t, following = w.heap.time_s[0], w.whole[b.ARRIVED]
        if following < len(arrive_s) and arrive_s[following] < t:
            if arrive_s[following] >= horizon_s:
                return
            _arrive(w, arrive_s[following])
            continue
        if t > horizon_s:
            return
        code = w.heap.code[0]
        _pop(w)
        _happen(w, code // b.SPAN, code % b.SPAN, t)
