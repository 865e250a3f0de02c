"""Events of a system: pools of connections, database nodes, and replay on replicas."""

from __future__ import annotations

from scalelab.sim import _system_books as b
from scalelab.sim._compiled import Kernel
from scalelab.sim._system_lines import _book, _coin, _drop, _join, _leave, _leave_alive, _push, _use
from scalelab.sim._system_cache import _fill



@Kernel
def _ask_pool(w, a, t):
    rules = w.rules
    pool = rules.first_pool + w.attempts.server[a]
    w.attempts.asked_s[a] = t
    if rules.checks_deadline and w.attempts.gone[a]:
        _drop(w, a)
    elif w.lines.busy[pool] < rules.pool:
        _use(w, pool, t, 1)
        _query(w, a, t)
    else:
        w.attempts.phase[a] = b.IN_POOL_LINE
        _join(w, pool, a)
        if rules.pool_timeout_s < rules.horizon_s:
            _push(w, t + rules.pool_timeout_s, b.POOL_GIVES_UP, a)


@Kernel
def _query(w, a, t):
    # it has a connection: to the primary of the key's shard, or to one that may answer a read
    rules, r, k = w.rules, w.attempts.request[a], w.attempts.server[a]
    q = w.draws.keys[r]
    node = w.draws.shards[q] * (1 + rules.replicas)
    if not w.draws.writes[r] and rules.replicas > 0:
        choices = rules.replicas + int(rules.reads_primary)
        chosen = int(_coin(w, a, b.NODE_COIN) * choices)
        node += chosen if rules.reads_primary else chosen + 1
    w.attempts.phase[a], w.attempts.node[a] = b.UNDER_WAY, node
    w.nodes.queries[node] += 1
    w.cache.in_flight[q] += 1
    here = int(t) * b.COLUMNS + b.SAME_QUERY
    w.rows[here] = max(w.rows[here], w.cache.in_flight[q])
    w.attempts.connects[a] = w.lines.busy[rules.first_pool + k] > w.servers.opened[k]
    _book(w, t, b.CONNECTS, int(w.attempts.connects[a]))
    _book(w, t, b.POOL_WAIT_S, t - w.attempts.asked_s[a])
    _push(w, t + rules.hop_s, b.AT_NODE, a)


@Kernel
def _give_back(w, a, t):
    rules, k = w.rules, w.attempts.server[a]
    if w.attempts.connects[a]:
        w.servers.opened[k] = min(w.servers.opened[k] + 1, rules.pool)
    if w.attempts.gone[a] and not rules.keeps_connection:
        w.servers.opened[k] = max(w.servers.opened[k] - 1, 0)
    if _coin(w, a, b.LEAK_COIN) < w.flow[b.LEAK_SHARE]:
        return  # nobody can take it again
    following = _leave_alive(w, rules.first_pool + k)
    if following == b.NOBODY:
        _use(w, rules.first_pool + k, t, -1)
    else:
        _query(w, following, t)


@Kernel
def _at_node(w, job, node, t):
    if w.lines.busy[w.rules.first_node + node] < w.rules.db_cores:
        _work_at_node(w, job, node, t)
    else:
        _join(w, w.rules.first_node + node, job)


@Kernel
def _work_at_node(w, job, node, t):
    rules, draws = w.rules, w.draws
    if job >= rules.first_replay:
        shard = node // (1 + rules.replicas)
        work_s = draws.apply_s[(w.nodes.applied[node] + shard) % rules.draws]
    elif draws.writes[w.attempts.request[job]]:
        work_s = draws.write_s[job % rules.draws]
    else:
        work_s = draws.read_s[job % rules.draws] * draws.cost[draws.keys[w.attempts.request[job]]]
    work_s *= w.nodes.slow[node]
    if job < rules.first_replay and w.attempts.connects[job]:
        work_s += rules.connect_s
    _use(w, rules.first_node + node, t, 1)
    _push(w, t + work_s, b.NODE_DONE, job)


@Kernel
def _node_done(w, job, t):
    replays = job >= w.rules.first_replay
    node = job - w.rules.first_replay if replays else w.attempts.node[job]
    line = w.rules.first_node + node
    _use(w, line, t, -1)
    if replays:
        w.nodes.applied[node] += 1
        w.nodes.applying[node] = w.nodes.applied[node] < w.nodes.received[node]
        if w.nodes.applying[node]:
            _join(w, line, job)
    else:
        _query_done(w, job, node, t)
    following = _leave(w, line)
    if following != b.NOBODY:
        _work_at_node(w, following, node, t)


@Kernel
def _query_done(w, a, node, t):
    rules, q = w.rules, w.draws.keys[w.attempts.request[a]]
    w.cache.in_flight[q] -= 1
    if w.draws.writes[w.attempts.request[a]]:
        _commit(w, q, node, t)
    else:
        of_replica = node % (1 + rules.replicas) > 0
        w.attempts.stale[a] = of_replica and w.nodes.applied[node] < w.cache.newest[q]
        _book(w, t, b.STALE, int(w.attempts.stale[a]))
        w.cache.filling_s[q] = -b.LOCK_S
        if rules.capacity > 0 and (rules.fills_when_left or not w.attempts.gone[a]):
            _fill(w, a, q, t)
    _give_back(w, a, t)
    _push(w, t + rules.hop_s, b.REPLIED, a)


@Kernel
def _commit(w, q, node, t):
    rules, nodes, cache = w.rules, w.nodes, w.cache
    shard = node // (1 + rules.replicas)
    row = len(nodes.commit_s) // (rules.nodes // (1 + rules.replicas))
    nodes.commit_s[shard * row + nodes.commits[shard]] = t
    nodes.commits[shard] += 1
    nodes.wrote[node] = True
    cache.newest[q] = nodes.commits[shard]
    cache.expires_s[q] = -1.0
    for replica in range(rules.replicas):
        _push(w, t + rules.ship_s, b.SHIPPED, node + 1 + replica)


@Kernel
def _shipped(w, node, t):
    w.nodes.received[node] += 1
    if not w.nodes.applying[node]:
        w.nodes.applying[node] = True
        _at_node(w, w.rules.first_replay + node, node, t)


@Kernel
def _lag_s(w, t):
    # of the replica that is furthest behind: the age of the first commit that it has not applied
    rules, nodes, longest_s = w.rules, w.nodes, 0.0
    row = len(nodes.commit_s) // (rules.nodes // (1 + rules.replicas))
    for node in range(rules.nodes):
        shard = node // (1 + rules.replicas)
        if node % (1 + rules.replicas) > 0 and nodes.applied[node] < nodes.commits[shard]:
            longest_s = max(longest_s, t - nodes.commit_s[shard * row + nodes.applied[node]])
    return longest_s
