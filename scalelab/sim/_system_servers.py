"""Events of a system: the balancer, the servers, and clients who try again."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_lines import _end, _join, _leave, _leave_alive, _push, _use


@Kernel
def _pick_server(w, coin, t):
    running, servers = w.now[0].running, w.servers
    first = int(coin * running)
    best = first
    for step in range(running):
        k = (first + step) % running
        if servers[k].ejected_until_s > t:
            continue
        if w.rules[0].routing != b.FEWEST_OUTSTANDING:
            return k
        if servers[best].ejected_until_s > t or servers[k].outstanding < servers[best].outstanding:
            best = k
    return best


@Kernel
def _attempt(w, r, t):
    rules, a = w.rules[0], w.now[0].made
    w.now[0].made += 1
    w.seconds[int(t)].attempts += 1
    k = _pick_server(w, w.draws[a % rules.draws].server_coin, t)
    w.attempts[a].request, w.attempts[a].server = r, k
    w.servers[k].outstanding += 1
    if rules.timeout_s < rules.horizon_s:
        _push(w, t + rules.timeout_s, b.GIVES_UP, a)
    full = w.lines[k].busy >= rules.app_cores
    if w.servers[k].failing or (full and w.lines[k].length >= rules.line_limit):
        _push(w, t + b.ERROR_S, b.REFUSED, a)
    elif full:
        _join(w, k, a)
    else:
        _work_at_server(w, a, t)


@Kernel
def _work_at_server(w, a, t):
    _use(w, w.attempts[a].server, t, 1)
    _push(w, t + w.draws[a % w.rules[0].draws].app_s, b.APP_DONE, a)


@Kernel
def _app_done(w, a, t):
    rules, k = w.rules[0], w.attempts[a].server
    _use(w, k, t, -1)
    following = _leave_alive(w, k)
    if following != b.NOBODY:
        _work_at_server(w, following, t)
    if rules.session_cores > 0:
        _push(w, t + rules.session_hop_s, b.AT_SESSIONS, a)
    else:
        _push(w, t, b.HAS_SESSION, a)


@Kernel
def _at_sessions(w, a, t):
    line = w.rules[0].session_line
    if w.lines[line].busy < w.rules[0].session_cores:
        _use(w, line, t, 1)
        _push(w, t + w.draws[a % w.rules[0].draws].session_s, b.SESSION_DONE, a)
    else:
        _join(w, line, a)


@Kernel
def _session_done(w, a, t):
    line = w.rules[0].session_line
    _use(w, line, t, -1)
    following = _leave(w, line)
    if following != b.NOBODY:
        _at_sessions(w, following, t)
    _push(w, t + w.rules[0].session_hop_s, b.HAS_SESSION, a)


@Kernel
def _unanswered(w, a, t):
    # the client has no answer from this attempt: it tries again, or the request has failed
    rules, now = w.rules[0], w.now[0]
    if w.attempts[a].gone:
        return
    w.attempts[a].gone = True
    request = w.requests[w.attempts[a].request]
    if request.tries < rules.retries and (rules.budget < 0 or now.tokens >= 1):
        now.tokens -= 1
        coin = w.draws[a % rules.draws].backoff_coin
        wait_s = rules.backoff_s * 2.0**request.tries * (0.5 + coin)
        request.tries += 1
        _push(w, t + wait_s, b.RETRIED, w.attempts[a].request)
    else:
        request.failed = True
        w.seconds[int(t)].failed += 1


@Kernel
def _refused(w, a, t):
    _end(w, a)
    w.seconds[int(t)].fast_errors += 1
    if w.rules[0].ejects:
        w.servers[w.attempts[a].server].ejected_until_s = t + b.EJECT_S
    _unanswered(w, a, t)


@Kernel
def _replied(w, a, t):
    _end(w, a)
    if not w.attempts[a].gone:
        w.attempts[a].gone = True
        w.requests[w.attempts[a].request].done_s = t
        w.requests[w.attempts[a].request].stale = w.attempts[a].stale
        w.seconds[int(t)].answered += 1
