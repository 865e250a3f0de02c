"""What the event simulation of a system reads and writes: a table for each kind of thing.

Servers, database nodes and pools are lines: servers come first, then nodes (each primary followed
by its replicas), then pools, then the session store.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

ERROR_S = 0.001  # a refusal takes that long
LOOK_S, LOCK_S = 0.02, 2.0  # single flight: how often the others look, how long they trust it
EJECT_S = 10.0  # how long a server that answered with an error gets no requests
MOST_TOKENS = 10.0  # retries that a budget may save up
SPAN = 1 << 40  # an event's code is its kind times this and whom it concerns
NOBODY = -1
NEVER_S = -1e18

# Kinds of events; of those at the same time the first named happens first.
(
    APP_DONE,
    AT_SESSIONS,
    SESSION_DONE,
    HAS_SESSION,
    LOOKS_AGAIN,
    MISSED,
    AT_NODE,
    NODE_DONE,
    BACK,
    SHIPPED,
    REPLIED,
    GIVES_UP,
    POOL_GIVES_UP,
    REFUSED,
    RETRIED,
    STARTED,
    FAULT_BEGINS,
    FAULT_ENDS,
    SECOND,
) = range(19)

UNDER_WAY, IN_POOL_LINE, ENDED = range(3)  # phases of an attempt
AT_RANDOM, FEWEST_OUTSTANDING = range(2)  # how the balancer chooses
FLUSH, CONNECTION_LOSS, LEAK, SERVER_ERRORS, SLOW_NODE = range(5)  # kinds of faults


def _record(**kinds: str) -> np.dtype[Any]:
    # records whose fields are read and set as attributes, in Python as in compiled code
    kind_of = {"whole": np.int64, "real": np.float64, "flag": np.bool_}
    fields = [(name, kind_of[kind]) for kind, names in kinds.items() for name in names.split()]
    return np.dtype((np.record, np.dtype(fields, align=True)))


RULES = _record(
    real="""horizon_s lookup_s ttl_s jitter pool_timeout_s hop_s ship_s sync_s connect_s
    session_hop_s timeout_s backoff_s budget high low cooldown_s startup_s""",
    whole="""draws keys app_cores routing capacity pool nodes replicas db_cores session_cores
    servers first_node first_pool session_line first_replay retries line_limit
    every add remove least most""",
    flag="""reads_at_replica checks_deadline fills_when_left keeps_connection single_flight
    ejects""",
)
DRAW = _record(
    real="""app_s session_s read_s write_s apply_s
    server_coin node_coin backoff_coin leak_coin jitter_coin"""
)
REQUEST = _record(real="arrive_s done_s", whole="key tries", flag="writes failed hit stale")
ATTEMPT = _record(
    real="asked_s", whole="request server node phase behind", flag="gone connects stale"
)
LINE = _record(real="since_s area_s worked_s", whole="head tail length busy")
SERVER = _record(real="ejected_until_s", whole="opened outstanding", flag="failing")
NODE = _record(real="slow", whole="queries received applied", flag="wrote applying")
KEY = _record(
    real="cost expires_s filling_s",
    whole="shard newest in_flight newer older",
    flag="there old",
)
FAULT = _record(real="begin_s end_s size", whole="kind target")
EVENT = _record(real="time_s", whole="code")
NOW = _record(
    real="tokens changed_s load_sum leak_share",
    whole="arrived made running starting cached pending",
)
SECOND_ROW = _record(
    real="""asked attempts answered failed timed_out reads hits stale db_busy app_busy pool_wait_s
    pool_timeouts pool_used lag_s instances starting fullest_node mean_node connects fast_errors
    same_query writers"""
)


class Tables(NamedTuple):
    """The tables. Rules and now have one row; the last row of keys closes the cache's ring."""

    rules: Any
    draws: Any  # used again after so many attempts
    requests: Any
    attempts: Any  # and a row for each node's replay, which may stand in a line as well
    lines: Any
    servers: Any
    nodes: Any
    commit_s: Any  # when each write of a shard was committed, shape (shards, writes)
    keys: Any
    faults: Any
    heap: Any
    now: Any
    seconds: Any
