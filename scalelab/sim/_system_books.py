"""What the event simulation of a system reads and writes.

The books are arrays, or lists for a machine without numba. Servers, database nodes and pools are
lines: servers come first, then nodes (each primary followed by its replicas), then pools.
"""

from __future__ import annotations

from typing import Any, NamedTuple

ERROR_S = 0.001  # a refusal takes that long
LOOK_S, LOCK_S = 0.02, 2.0  # single flight: how often the others look, how long they trust it
EJECT_S = 10.0  # how long a server that answered with an error gets no requests
MOST_TOKENS = 10.0  # retries that a budget may save up
SPAN = 1 << 40  # an event's code is its kind times this and whom it concerns
NOBODY = -1

# Kinds of events; of those at the same time the first named happens first.
(
    APP_DONE,
    MISSED,
    AT_NODE,
    NODE_DONE,
    SHIPPED,
    REPLIED,
    GIVES_UP,
    POOL_GIVES_UP,
    REFUSED,
    LOOKS_AGAIN,
    RETRIED,
    STARTED,
    FAULT_BEGINS,
    FAULT_ENDS,
    SECOND,
) = range(15)

UNDER_WAY, IN_POOL_LINE, ENDED = range(3)  # phases of an attempt
AT_RANDOM, LEAST_OUTSTANDING = range(2)  # how the balancer chooses
FLUSH, CONNECTION_LOSS, LEAK, SERVER_FAULT, SLOW_NODE = range(5)  # kinds of faults
SERVER_COIN, NODE_COIN, BACKOFF_COIN, LEAK_COIN, JITTER_COIN = range(5)
COINS = 5
ARRIVED, MADE, RUNNING, STARTING, CACHED, PENDING = range(6)  # places in Books.whole
TOKENS, CHANGED_S, LOAD_SUM, LEAK_SHARE = range(4)  # places in Books.flow

GAUGES = """asked attempts answered failed timed_out reads hits stale db_busy app_busy pool_wait_s
pool_timeouts pool_used lag_s instances starting fullest_node mean_node connects fast_errors
same_query writers""".split()
(
    ASKED,
    ATTEMPTS,
    ANSWERED,
    FAILED,
    TIMED_OUT,
    READS,
    HITS,
    STALE,
    DB_BUSY,
    APP_BUSY,
    POOL_WAIT_S,
    POOL_TIMEOUTS,
    POOL_USED,
    LAG_S,
    INSTANCES,
    STARTS,
    FULLEST_NODE,
    MEAN_NODE,
    CONNECTS,
    FAST_ERRORS,
    SAME_QUERY,
    WRITERS,
) = range(22)
COLUMNS = len(GAUGES)


class Rules(NamedTuple):
    """What does not change during a run."""

    horizon_s: float
    draws: int  # after so many attempts the draws are used again
    keys: int
    # the tiers
    app_cores: int
    routing: int
    capacity: int  # entries of the cache; 0: there is none
    cache_s: float
    ttl_s: float
    jitter: float
    pool: int
    pool_timeout_s: float
    nodes: int
    replicas: int
    db_cores: int
    hop_s: float
    ship_s: float
    connect_s: float
    reads_primary: bool
    # lines, and jobs that are no attempts
    servers: int
    first_node: int
    first_pool: int
    first_replay: int
    # what clients and servers do in need
    timeout_s: float
    retries: int
    backoff_s: float
    budget: float  # retries allowed for each request; negative: any number
    line_limit: int
    checks_deadline: bool
    fills_when_left: bool
    keeps_connection: bool
    single_flight: bool
    ejects: bool
    # the autoscaler, in whole seconds; every 0: there is none
    every: int
    high: float
    low: float
    add: int
    remove: int
    cooldown_s: float
    startup_s: float
    least: int
    most: int


class Draws(NamedTuple):
    """All that is random, drawn before: an entry a request, an attempt, a key, or a fault."""

    arrive_s: Any
    keys: Any
    writes: Any
    app_s: Any
    read_s: Any
    write_s: Any
    apply_s: Any
    coins: Any
    shards: Any
    cost: Any
    fault_kind: Any
    fault_target: Any
    fault_size: Any


class Requests(NamedTuple):
    tries: Any
    done_s: Any
    failed: Any
    hit: Any
    stale: Any


class Attempts(NamedTuple):
    request: Any
    server: Any
    node: Any
    phase: Any
    gone: Any  # the client no longer waits for this attempt
    connects: Any
    stale: Any
    asked_s: Any  # the pool
    after: Any  # who stands behind it in its line; replicas' replay has places after the attempts


class Lines(NamedTuple):
    head: Any
    tail: Any
    length: Any
    busy: Any
    since_s: Any
    area_s: Any
    worked_s: Any


class Servers(NamedTuple):
    opened: Any
    outstanding: Any
    ejected_until_s: Any
    failing: Any


class Nodes(NamedTuple):
    queries: Any
    wrote: Any
    slow: Any
    received: Any
    applied: Any
    applying: Any
    commits: Any  # of a shard's primary
    commit_s: Any  # a row a shard, laid end to end


class Cache(NamedTuple):
    there: Any
    old: Any  # holds what a replica had not yet
    expires_s: Any
    filling_s: Any
    newest: Any  # number of the newest commit
    in_flight: Any
    before: Any
    after: Any


class Heap(NamedTuple):
    time_s: Any
    code: Any


class Books(NamedTuple):
    """Everything: an entry a request, attempt, line and so on, or the state of a moment."""

    rules: Rules
    draws: Draws
    requests: Requests
    attempts: Attempts
    lines: Lines
    servers: Servers
    nodes: Nodes
    cache: Cache
    heap: Heap
    whole: Any
    flow: Any
    rows: Any  # one a second, COLUMNS numbers each, laid end to end
