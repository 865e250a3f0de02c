"""A pool on the stage: watched and unwatched alike, with every kind of end."""

import numpy as np
import pytest

from scalelab.course.shows.pool import show_pool
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.workloads.arrivals import poisson_arrivals_until_s


def storm(clock, retries, most_waiting, timeout_s):
    """A pool of four, whose database is slow for a while."""
    rng = np.random.default_rng(3)
    database = FakeDatabase(clock)
    pool = FakeConnectionPool(
        database,
        clock,
        min_size=4,
        max_size=4,
        acquire_timeout_s=timeout_s,
        max_waiters=most_waiting,
    )
    load = PoolLoad(
        pool,
        database,
        poisson_arrivals_until_s(6.0, 19.0, rng=np.random.default_rng(5)) + 0.1,
        query_wait_s=lambda now_s: float(rng.exponential(1.2 if 6 <= now_s < 10 else 0.35)),
        patience_s=1.5,
        retries=retries,
    )
    return pool, load


@pytest.mark.parametrize(
    ("retries", "most_waiting", "timeout_s"),
    [(0, None, 8.0), (3, None, 8.0), (3, 6, 8.0), (1, None, 1.0)],
)
def test_the_watched_storm_is_the_unwatched_one(retries, most_waiting, timeout_s):
    stage = Stage()
    pool, load = storm(stage.clock, retries, most_waiting, timeout_s)
    show_pool(stage, pool, load)
    trace = stage.run(20.0)
    alone, unwatched = storm(VirtualClock(), retries, most_waiting, timeout_s)
    seen = unwatched.run(20.0).sum()
    end = trace.end_ms
    assert trace.count("answered", end) == seen["answered"]
    assert trace.count("answered for nobody", end) == seen["for_nobody"]
    assert trace.count("in line", end) == alone.stats().waiting
    assert trace.count("refused", end) == alone.stats().rejected
    assert trace.count("timed out in line", end) == alone.stats().timed_out
    assert sum(trace.count(counter, end) for counter in trace.counters) == len(trace.steps)
    assert {name: trace.count(name, end) for name in stage.books[-1][1]} == stage.books[-1][1]


def test_the_settings_reach_each_end():
    ends = set()
    for retries, most_waiting, timeout_s in [(3, 6, 8.0), (1, None, 1.0)]:
        stage = Stage()
        show_pool(stage, *storm(stage.clock, retries, most_waiting, timeout_s))
        trace = stage.run(20.0)
        ends |= {name for name in trace.counters if trace.count(name, trace.end_ms)}
    assert ends >= {"answered", "answered for nobody", "refused", "timed out in line"}
