"""Events of a system: pools of connections, database nodes, and replay on replicas."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_cache import _fill
from scalelab.sim._system_lines import _drop, _join, _leave, _leave_alive, _push, _use


@Kernel
def _ask_pool(w, a, t):
    rules, attempt = w.rules[0], w.attempts[a]
    pool = rules.first_pool + attempt.server
    attempt.asked_s, attempt.phase = t, b.IN_POOL_LINE
    if rules.checks_deadline and attempt.gone:
        _drop(w, a)
    elif w.lines[pool].busy < rules.pool:
        _use(w, pool, t, 1)
        _query(w, a, t)
    else:
        _join(w, pool, a)
        if rules.pool_timeout_s < rules.horizon_s:
            _push(w, t + rules.pool_timeout_s, b.POOL_GIVES_UP, a)


@Kernel
def _query(w, a, t):
    # it has a connection: to the primary of its key, or to a replica that may answer a read
    rules, attempt, second = w.rules[0], w.attempts[a], w.seconds[int(t)]
    request = w.requests[attempt.request]
    key = w.keys[request.key]
    node = key.shard * (1 + rules.replicas)
    if rules.reads_at_replica and not request.writes:
        node += 1 + int(w.draws[a % rules.draws].node_coin * rules.replicas)
    attempt.phase, attempt.node = b.UNDER_WAY, node
    w.nodes[node].queries += 1
    key.in_flight += 1
    second.same_query = max(second.same_query, key.in_flight)
    opened = w.servers[attempt.server].opened
    attempt.connects = w.lines[rules.first_pool + attempt.server].busy > opened
    second.connects += int(attempt.connects)
    second.pool_wait_s += t - attempt.asked_s
    _push(w, t + rules.hop_s, b.AT_NODE, a)


@Kernel
def _give_back(w, a, t):
    rules, attempt = w.rules[0], w.attempts[a]
    server, pool = w.servers[attempt.server], rules.first_pool + attempt.server
    if attempt.connects:
        server.opened = min(server.opened + 1, rules.pool)
    if attempt.gone and not rules.keeps_connection:
        server.opened = max(server.opened - 1, 0)
    if w.draws[a % rules.draws].leak_coin < w.now[0].leak_share:
        return  # nobody can take it again
    following = _leave_alive(w, pool)
    if following == b.NOBODY:
        _use(w, pool, t, -1)
    else:
        _query(w, following, t)


@Kernel
def _at_node(w, job, node, t):
    if w.lines[w.rules[0].first_node + node].busy < w.rules[0].db_cores:
        _work_at_node(w, job, node, t)
    else:
        _join(w, w.rules[0].first_node + node, job)


@Kernel
def _work_at_node(w, job, node, t):
    rules = w.rules[0]
    if job >= rules.first_replay:
        work_s = w.draws[(w.nodes[node].applied + node) % rules.draws].apply_s
    else:
        request, draw = w.requests[w.attempts[job].request], w.draws[job % rules.draws]
        work_s = draw.write_s if request.writes else draw.read_s * w.keys[request.key].cost
    work_s *= w.nodes[node].slow
    if job < rules.first_replay and w.attempts[job].connects:
        work_s += rules.connect_s
    _use(w, rules.first_node + node, t, 1)
    _push(w, t + work_s, b.NODE_DONE, job)


@Kernel
def _node_done(w, job, t):
    first = w.rules[0].first_replay
    node = job - first if job >= first else w.attempts[job].node
    line = w.rules[0].first_node + node
    _use(w, line, t, -1)
    if job >= first:
        replica = w.nodes[node]
        replica.applied += 1
        replica.applying = replica.applied < replica.received
        if replica.applying:
            _join(w, line, job)
    else:
        _query_done(w, job, node, t)
    following = _leave(w, line)
    if following != b.NOBODY:
        _work_at_node(w, following, node, t)


@Kernel
def _query_done(w, a, node, t):
    rules, attempt = w.rules[0], w.attempts[a]
    request = w.requests[attempt.request]
    key, back_s = w.keys[request.key], t + rules.hop_s
    key.in_flight -= 1
    if request.writes:
        _commit(w, request.key, node, t)
        back_s += rules.sync_s
    else:
        of_replica = node % (1 + rules.replicas) > 0
        attempt.stale = of_replica and w.nodes[node].applied < key.newest
        w.seconds[int(t)].stale += int(attempt.stale)
        key.filling_s = b.NEVER_S
        if rules.capacity > 0 and (rules.fills_when_left or not attempt.gone):
            _fill(w, a, request.key, t)
    _push(w, back_s, b.BACK, a)


@Kernel
def _commit(w, q, node, t):
    rules, primary = w.rules[0], w.nodes[node]
    w.commit_s[node // (1 + rules.replicas), primary.applied] = t
    primary.applied += 1
    primary.wrote = True
    w.keys[q].newest, w.keys[q].expires_s = primary.applied, b.NEVER_S
    for replica in range(rules.replicas):
        _push(w, t + rules.ship_s, b.SHIPPED, node + 1 + replica)


@Kernel
def _shipped(w, node, t):
    w.nodes[node].received += 1
    if not w.nodes[node].applying:
        w.nodes[node].applying = True
        _at_node(w, w.rules[0].first_replay + node, node, t)


@Kernel
def _lag_s(w, t):
    # of the replica that is furthest behind: the age of the first commit that it has not applied
    each, longest_s = 1 + w.rules[0].replicas, 0.0
    for node in range(w.rules[0].nodes):
        applied = w.nodes[node].applied
        if applied < w.nodes[node - node % each].applied:
            longest_s = max(longest_s, t - w.commit_s[node // each, applied])
    return longest_s
