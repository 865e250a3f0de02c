"""From the description of a system to the books that its event simulation begins with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from scalelab.models.system_parts import ROUTINGS, System
from scalelab.sim import _system_books as b
from scalelab.sim.shard_map import shard_of_keys
from scalelab.sim.system_needs import FAULTS, Autoscaler, Clients, Fault, Guards

Work = Callable[[float, int], Any]  # mean in seconds and count, to an array
WHOLE = 1 << 40  # a line without a limit


def rules_of(
    system: System,
    duration_s: int,
    clients: Clients,
    guards: Guards,
    autoscaler: Autoscaler | None,
) -> Any:
    """Return the table of rules, but for the sizes of the other tables."""
    rules = _table(b.RULES, 1)
    for name, value in (
        _tiers(system) | _needs(clients, guards) | _scaling(system, autoscaler)
    ).items():
        rules[name] = value
    nodes = system.database.shards * (1 + system.database.replicas)
    rules.horizon_s, rules.keys, rules.nodes = duration_s, system.demand.keys, nodes
    rules.first_node = rules.servers
    rules.first_pool = rules.servers + nodes
    rules.session_line = rules.first_pool + rules.servers
    return rules


def _tiers(system: System) -> dict[str, Any]:
    app, database, cache, sessions = system.app, system.database, system.cache, system.sessions
    sync_s = database.delay_s + database.rtt_s / 2
    return {
        "app_cores": app.cores,
        "routing": ROUTINGS.index(app.routing),
        "capacity": min(cache.capacity, system.demand.keys) if cache else 0,
        "lookup_s": cache.lookup_s if cache else 0.0,
        "ttl_s": cache.ttl_s if cache and cache.ttl_s is not None else math.inf,
        "pool": database.connections,
        "replicas": database.replicas,
        "db_cores": database.cores,
        "hop_s": database.rtt_s / 2,
        "ship_s": database.delay_s,
        "sync_s": sync_s if database.sync_replicas else 0.0,
        "reads_at_replica": system.reads_at_replica,
        "session_cores": sessions.cores if sessions else 0,
        "session_hop_s": sessions.rtt_s / 2 if sessions else 0.0,
    }


def _needs(clients: Clients, guards: Guards) -> dict[str, Any]:
    return {
        "timeout_s": math.inf if clients.timeout_s is None else clients.timeout_s,
        "retries": clients.retries,
        "backoff_s": clients.backoff_s,
        "budget": -1.0 if clients.retry_budget is None else clients.retry_budget,
        "line_limit": WHOLE if guards.line_limit is None else guards.line_limit,
        "checks_deadline": guards.checks_deadline,
        "fills_when_left": guards.fills_when_left,
        "keeps_connection": guards.keeps_connection,
        "connect_s": guards.connect_s,
        "single_flight": guards.single_flight,
        "jitter": guards.ttl_jitter,
        "pool_timeout_s": math.inf if guards.pool_timeout_s is None else guards.pool_timeout_s,
        "ejects": guards.ejects,
    }


def _scaling(system: System, autoscaler: Autoscaler | None) -> dict[str, Any]:
    if autoscaler is None:
        return {"every": 0, "servers": system.app.servers}
    return {
        "every": autoscaler.every_s,
        "high": autoscaler.high,
        "low": autoscaler.low,
        "add": autoscaler.add,
        "remove": autoscaler.remove,
        "cooldown_s": autoscaler.cooldown_s,
        "startup_s": autoscaler.startup_s,
        "least": autoscaler.min_servers,
        "most": autoscaler.max_servers,
        "servers": max(system.app.servers, autoscaler.max_servers),
    }


def requests_of(arrive_s: Any, keys: Any, writes: Any) -> Any:
    """Return the table of requests that have made no attempt."""
    requests = _table(b.REQUEST, len(arrive_s))
    requests.arrive_s, requests.key, requests.writes = arrive_s, keys, writes
    requests.done_s = np.nan
    return requests


def draws_of(
    system: System, count: int, work: Work, *, correlated: bool, rng: np.random.Generator
) -> Any:
    """Return the table of work and coins, for as many attempts."""
    draws, database = _table(b.DRAW, count), system.database
    draws.app_s = work(system.app.app_s, count)
    size = draws.app_s / system.app.app_s if correlated else work(1.0, count)
    draws.read_s, draws.write_s = database.read_s * size, database.write_s * size
    draws.apply_s = work(database.apply_s, count)
    draws.session_s = work(system.sessions.visit_s, count) if system.sessions else 0.0
    for coin in ("server", "node", "backoff", "leak", "jitter"):
        draws[f"{coin}_coin"] = rng.random(count)
    return draws


def keys_of(system: System, read_cost: Any, warm_s: Any) -> Any:
    """Return the table of keys, of which the cache holds the first ones for so many seconds."""
    demand, database, warm = system.demand, system.database, len(warm_s)
    keys = _table(b.KEY, demand.keys + 1)
    keys.shard[:-1] = shard_of_keys(demand.keys, database.shards, database.placement)
    keys.cost[:-1] = read_cost
    keys.expires_s, keys.filling_s = b.NEVER_S, b.NEVER_S
    keys.there[:warm], keys.expires_s[:warm] = True, warm_s
    ring = np.concatenate([[demand.keys], np.arange(warm)])  # the end, then the newest and on
    keys.older[ring], keys.newer[ring] = np.roll(ring, -1), np.roll(ring, 1)
    return keys


def faults_of(faults: Sequence[Fault]) -> Any:
    """Return the table of faults."""
    table = _table(b.FAULT, len(faults))
    for row, fault in zip(table, faults, strict=True):
        row.kind, row.target, row.size = FAULTS.index(fault.kind), fault.target, fault.size
        row.begin_s = fault.at_s
        row.end_s = math.inf if fault.until_s is None else fault.until_s
    return table


def books_of(
    rules: Any, requests: Any, draws: Any, keys: Any, faults: Any, servers: int
) -> b.Tables:
    """Return the books of a system at rest, with so many servers that run."""
    rule = rules[0]
    attempts = len(requests) * (1 + rule.retries)
    writes = int(requests.writes.sum()) * (1 + rule.retries)
    shards = rule.nodes // (1 + rule.replicas)
    rule.draws, rule.first_replay = max(len(draws), 1), attempts
    lines = _table(b.LINE, rule.first_pool + rule.servers + 1)
    lines.head = lines.tail = b.NOBODY
    fleet, nodes, now = _table(b.SERVER, rule.servers), _table(b.NODE, rule.nodes), _table(b.NOW, 1)
    fleet.opened, fleet.ejected_until_s, nodes.slow = rule.pool, b.NEVER_S, 1.0
    now.tokens, now.changed_s, now.running = b.MOST_TOKENS, b.NEVER_S, servers
    now.cached = np.count_nonzero(keys.there)
    events = [(1.0, b.SECOND, 0)]
    for which, fault in enumerate(faults):
        events.append((fault.begin_s, b.FAULT_BEGINS, which))
        if fault.end_s < rule.horizon_s:
            events.append((fault.end_s, b.FAULT_ENDS, which))
    heap = _table(b.EVENT, 4 * attempts + writes * rule.replicas + len(events) + 16)
    for row, (time_s, kind, who) in zip(heap, sorted(events), strict=False):  # sorted is a heap
        row.time_s, row.code = time_s, kind * b.SPAN + who
    now.pending = len(events)
    return b.Tables(
        rules,
        draws,
        requests,
        _table(b.ATTEMPT, attempts + rule.nodes),
        lines,
        fleet,
        nodes,
        np.zeros((shards, writes + 1)),
        keys,
        faults,
        heap,
        now,
        _table(b.SECOND_ROW, int(rule.horizon_s) + 1),
    )


def as_objects(books: b.Tables) -> b.Tables:
    """Return a copy with lists of objects for tables, which Python reads faster than records."""
    return b.Tables(*(_objects(table) if table.dtype.names else table for table in books))


def put_back(objects: b.Tables, books: b.Tables) -> None:
    """Write what became of such a copy into the books."""
    for rows, table in zip(objects, books, strict=True):
        for name in table.dtype.names or ():
            table[name] = [getattr(row, name) for row in rows]


def _objects(table: Any) -> list[SimpleNamespace]:
    names = table.dtype.names
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in table.tolist()]


def _table(kind: Any, rows: int) -> Any:
    return np.zeros(rows, kind).view(np.recarray)
