"""Events of a system: the balancer, the servers, and clients who try again."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_lines import _book, _coin, _end, _join, _leave_alive, _push, _use
from scalelab.sim._system_cache import _look_up



@Kernel
def _pick_server(w, coin, t):
    running, until_s, at = w.whole[b.RUNNING], w.servers.ejected_until_s, w.servers.outstanding
    first = int(coin * running)
    best = first
    for step in range(running):
        k = (first + step) % running
        if until_s[k] > t:
            continue
        if w.rules.routing != b.LEAST_OUTSTANDING:
            return k
        if until_s[best] > t or at[k] < at[best]:
            best = k
    return best


@Kernel
def _attempt(w, r, t):
    attempts, rules = w.attempts, w.rules
    a = w.whole[b.MADE]
    w.whole[b.MADE] += 1
    _book(w, t, b.ATTEMPTS, 1)
    k = _pick_server(w, _coin(w, a, b.SERVER_COIN), t)
    attempts.request[a], attempts.server[a] = r, k
    w.servers.outstanding[k] += 1
    if rules.timeout_s < rules.horizon_s:
        _push(w, t + rules.timeout_s, b.GIVES_UP, a)
    full = w.lines.busy[k] >= rules.app_cores
    if w.servers.failing[k] or (full and w.lines.length[k] >= rules.line_limit):
        _push(w, t + b.ERROR_S, b.REFUSED, a)
    elif full:
        _join(w, k, a)
    else:
        _work_at_server(w, a, t)


@Kernel
def _work_at_server(w, a, t):
    _use(w, w.attempts.server[a], t, 1)
    _push(w, t + w.draws.app_s[a % w.rules.draws], b.APP_DONE, a)


@Kernel
def _app_done(w, a, t):
    k = w.attempts.server[a]
    _use(w, k, t, -1)
    following = _leave_alive(w, k)
    if following != b.NOBODY:
        _work_at_server(w, following, t)
    if w.draws.writes[w.attempts.request[a]]:
        _push(w, t + w.rules.cache_s, b.MISSED, a)
    else:
        _book(w, t, b.READS, 1)
        _look_up(w, a, t, w.rules.cache_s)


@Kernel
def _gone_or_refused(w, a, t):
    # the client has no answer from this attempt: another one, or the request has failed
    attempts, requests, rules = w.attempts, w.requests, w.rules
    if attempts.gone[a]:
        return
    attempts.gone[a] = True
    r = attempts.request[a]
    if requests.tries[r] < rules.retries and (rules.budget < 0 or w.flow[b.TOKENS] >= 1):
        w.flow[b.TOKENS] -= 1
        wait_s = rules.backoff_s * 2.0 ** requests.tries[r] * (0.5 + _coin(w, a, b.BACKOFF_COIN))
        requests.tries[r] += 1
        _push(w, t + wait_s, b.RETRIED, r)
    else:
        requests.failed[r] = True
        _book(w, t, b.FAILED, 1)


@Kernel
def _refused(w, a, t):
    _end(w, a)
    _book(w, t, b.FAST_ERRORS, 1)
    if w.rules.ejects:
        w.servers.ejected_until_s[w.attempts.server[a]] = t + b.EJECT_S
    _gone_or_refused(w, a, t)


@Kernel
def _replied(w, a, t):
    _end(w, a)
    if not w.attempts.gone[a]:
        w.attempts.gone[a] = True
        w.requests.done_s[w.attempts.request[a]] = t
        w.requests.stale[w.attempts.request[a]] = w.attempts.stale[a]
        _book(w, t, b.ANSWERED, 1)


