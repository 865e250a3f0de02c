"""Arguments of the clock, the database and its pools."""

import math

from support import kinds as k
from support.kinds import RNG

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.fakes.pooling.session_pooler import SessionPooler
from scalelab.models.round_trips import connection_account

CLOCK = VirtualClock()
DATABASE = FakeDatabase(CLOCK)

PAUSE = k.POSITIVE.or_none()  # None stands for none
WAIT = k.Kind(-1.0, math.nan, math.inf, "2", 1j)


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
    "min_size": k.COUNT_OR_ZERO(0, 4),
    "max_size": k.COUNT(3),
    "acquire_timeout_s": k.POSITIVE(1.0),
    "idle_timeout_s": PAUSE(1.0),
    "max_lifetime_s": PAUSE(1.0),
    "lifetime_jitter": k.SHARE(0.1),
    "validate": k.ONLY("never", "always", None, 3),
    "validate_after_idle_s": k.NOT_NEGATIVE(0.5),
    "max_waiters": k.ONLY(3, -3, 2.5, 2.0, True, "2"),
    "leak_after_s": PAUSE(1.0),
    "rng": k.ONLY(RNG, 1, "x"),
}
WORK = {"cpu_s": k.NOT_NEGATIVE(0.1), "wait_s": k.NOT_NEGATIVE(0.1)}
CALLBACK = k.ANY(lambda *_: None)

TABLE = {
    "fakes.clock.VirtualClock": {},
    "fakes.clock.VirtualClock.advance": {"self": VirtualClock, "seconds": k.NOT_NEGATIVE(1.0)},
    "fakes.clock.VirtualClock.run": {"self": VirtualClock, "until_s": k.NOT_NEGATIVE(1.0)},
    "fakes.clock.VirtualClock.run_until": {
        "self": VirtualClock,
        "condition": k.ANY(lambda: False),
        "timeout_s": WAIT(1.0),
    },
    "fakes.clock.VirtualClock.schedule": {
        "self": VirtualClock,
        "delay_s": k.NOT_NEGATIVE(1.0),
        "action": CALLBACK,
    },
    "fakes.clock.VirtualClock.schedule_at": {
        "self": VirtualClock,
        "time_s": k.NOT_NEGATIVE(1.0),
        "action": CALLBACK,
    },
    "fakes.clock.VirtualClock.watch": {"self": VirtualClock, "look": CALLBACK},
    "fakes.clock.VirtualClock.wait_for": {
        "self": VirtualClock,
        "begin": k.ANY(lambda succeed, fail: succeed(1)),
    },
    "fakes.pooling.database.FakeDatabase": {
        "clock": k.ANY(CLOCK),
        "setup_s": k.NOT_NEGATIVE(0.1),
        "close_s": k.NOT_NEGATIVE(0.1),
        "round_trip_s": k.NOT_NEGATIVE(0.1),
        "cores": k.COUNT(2),
        "max_connections": k.COUNT(9),
    },
    "fakes.pooling.database.FakeConnection.query": {"self": connection, **WORK},
    "fakes.pooling.connection_pool.FakeConnectionPool": {
        "database": k.ANY(DATABASE),
        "clock": k.ONLY(CLOCK, VirtualClock()),
        **POOL,
    },
    "fakes.pooling.connection_pool.FakeConnectionPool.acquire": {
        "self": pool,
        "timeout_s": PAUSE(1.0),
        "holder": k.ANY("a"),
    },
    "fakes.pooling.connection_pool.FakeConnectionPool.request": {
        "self": pool,
        "on_granted": k.ANY(lambda lease: lease.release()),
        "on_failed": CALLBACK,
        "timeout_s": PAUSE(1.0),
        "holder": k.ANY("a"),
    },
    "fakes.pooling.pool_load.PoolLoad": {
        "pool": k.ANY(pool(DATABASE)),
        "database": k.ANY(DATABASE),
        "arrival_times_s": k.TIMES([1e6, 1e6 + 1]),
        "query_wait_s": k.ANY(lambda now_s: 0.1),
        "query_cpu_s": k.NOT_NEGATIVE(0.1),
        "patience_s": k.ONLY(1.0, 0, -1.0, math.nan, "2", None),
        "retries": k.COUNT_OR_ZERO(1),
        "leak_every": k.ONLY(2, 0, -3, 2.5, True, "2"),
    },
    "fakes.pooling.pool_load.PoolLoad.run": {
        "self": load,
        "until_s": k.ONLY(1.0, math.nan, math.inf, "2", None),
        "sample_every_s": k.POSITIVE(1.0),
    },
    "fakes.pooling.session_pooler.SessionPooler": {
        "connections": k.COUNT(2),
        "mode": k.CHOICE("session"),
        "busy": k.NOT_NEGATIVE(0.5),
        "rng": k.GENERATOR(RNG),
    },
    "fakes.pooling.session_pooler.settings_kept": {
        "mode": k.CHOICE("session"),
        "connections": k.COUNT(2),
        "busy": k.NOT_NEGATIVE(0.5),
        "trials": k.COUNT(10),
        "rng": k.GENERATOR(RNG),
    },
    "models.round_trips.ConnectionAccount": {
        "steps": k.ANY(connection_account(0.1).steps),
        "rtt_s": k.NOT_NEGATIVE(0.1),
    },
    "models.round_trips.Step": {
        "name": k.ANY("query"),
        "round_trips": k.COUNT_OR_ZERO(1),
        "work_s": k.NOT_NEGATIVE(0.1),
        "phase": k.ONLY("query", "later", None, 3),
    },
}
