"""Arguments of the clock, the database and its pools."""

import math

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    NOT_TIMES,
    RNG,
)

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.fakes.pooling.session_pooler import SessionPooler
from scalelab.models.round_trips import connection_account

CLOCK = VirtualClock()
DATABASE = FakeDatabase(CLOCK)
NOT_A_MODE = ["Session", "", None, 3]
NOT_A_PAUSE = [x for x in NOT_POSITIVE if x is not None]  # None stands for none
NOT_A_WAIT = [-1.0, math.nan, math.inf, "2", 1j]


def pool(database=None):
    database = database or FakeDatabase(VirtualClock())
    return FakeConnectionPool(
        database, database.clock, min_size=0, max_size=3, acquire_timeout_s=0.5
    )


def database():
    return FakeDatabase(VirtualClock())


def connection():
    return database().connect()


def load():
    return PoolLoad(pool(DATABASE), DATABASE, [CLOCK.now_s], query_wait_s=lambda now_s: 0.1)


def pooler():
    return SessionPooler(connections=2, mode="session", rng=RNG)


POOL = {
    "min_size": (0, [*NOT_A_COUNT_OR_ZERO, 4]),
    "max_size": (3, NOT_A_COUNT),
    "acquire_timeout_s": (1.0, NOT_POSITIVE),
    "idle_timeout_s": (1.0, NOT_A_PAUSE),
    "max_lifetime_s": (1.0, NOT_A_PAUSE),
    "lifetime_jitter": (0.1, NOT_A_SHARE),
    "validate": ("never", ["always", None, 3]),
    "validate_after_idle_s": (0.5, NEGATIVE),
    "max_waiters": (3, [-3, 2.5, 2.0, True, "2"]),
    "leak_after_s": (1.0, NOT_A_PAUSE),
    "rng": (RNG, [1, "x"]),
}
WORK = {"cpu_s": (0.1, NEGATIVE), "wait_s": (0.1, NEGATIVE)}
CALLBACK = (lambda *_: None, [])

TABLE = {
    "fakes.clock.VirtualClock": {"start_s": (0.0, NEGATIVE)},
    "fakes.clock.VirtualClock.advance": {"self": VirtualClock, "seconds": (1.0, NEGATIVE)},
    "fakes.clock.VirtualClock.run": {"self": VirtualClock, "until_s": (1.0, NEGATIVE)},
    "fakes.clock.VirtualClock.run_until": {
        "self": VirtualClock,
        "condition": (lambda: False, []),
        "timeout_s": (1.0, NOT_A_WAIT),
    },
    "fakes.clock.VirtualClock.schedule": {
        "self": VirtualClock,
        "delay_s": (1.0, NEGATIVE),
        "action": CALLBACK,
    },
    "fakes.clock.VirtualClock.schedule_at": {
        "self": VirtualClock,
        "time_s": (1.0, NEGATIVE),
        "action": CALLBACK,
    },
    "fakes.clock.VirtualClock.wait_for": {
        "self": VirtualClock,
        "begin": (lambda succeed, fail: succeed(1), []),
    },
    "fakes.pooling.database.FakeDatabase": {
        "clock": (CLOCK, []),
        "setup_s": (0.1, NEGATIVE),
        "close_s": (0.1, NEGATIVE),
        "round_trip_s": (0.1, NEGATIVE),
        "cores": (2, NOT_A_COUNT),
        "max_connections": (9, NOT_A_COUNT),
    },
    "fakes.pooling.database.FakeConnection.query": {"self": connection, **WORK},
    "fakes.pooling.connection_pool.FakeConnectionPool": {
        "database": (DATABASE, []),
        "clock": (CLOCK, [VirtualClock()]),
        **POOL,
    },
    "fakes.pooling.connection_pool.FakeConnectionPool.acquire": {
        "self": pool,
        "timeout_s": (1.0, NOT_A_PAUSE),
        "holder": ("a", []),
    },
    "fakes.pooling.connection_pool.FakeConnectionPool.request": {
        "self": pool,
        "on_granted": (lambda lease: lease.release(), []),
        "on_failed": CALLBACK,
        "timeout_s": (1.0, NOT_A_PAUSE),
        "holder": ("a", []),
    },
    "fakes.pooling.pool_load.PoolLoad": {
        "pool": (pool(DATABASE), []),
        "database": (DATABASE, []),
        "arrival_times_s": ([1e6, 1e6 + 1], NOT_TIMES),
        "query_wait_s": (lambda now_s: 0.1, []),
        "query_cpu_s": (0.1, NEGATIVE),
        "patience_s": (1.0, [0, -1.0, math.nan, "2", None]),
        "retries": (1, NOT_A_COUNT_OR_ZERO),
        "leak_every": (2, [0, -3, 2.5, True, "2"]),
    },
    "fakes.pooling.pool_load.PoolLoad.run": {
        "self": load,
        "until_s": (1.0, [math.nan, math.inf, "2", None]),
        "sample_every_s": (1.0, NOT_POSITIVE),
    },
    "fakes.pooling.session_pooler.SessionPooler": {
        "connections": (2, NOT_A_COUNT),
        "mode": ("session", NOT_A_MODE),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    "fakes.pooling.session_pooler.settings_kept": {
        "mode": ("session", NOT_A_MODE),
        "connections": (2, NOT_A_COUNT),
        "trials": (10, NOT_A_COUNT),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    "models.round_trips.ConnectionAccount": {
        "steps": (connection_account(0.1).steps, []),
        "rtt_s": (0.1, NEGATIVE),
    },
    "models.round_trips.Step": {
        "name": ("query", []),
        "round_trips": (1, NOT_A_COUNT_OR_ZERO),
        "work_s": (0.1, NEGATIVE),
        "phase": ("query", ["later", None, 3]),
    },
}
