"""The scene of the chapter on connection pooling: callers that ask again, and a slow database."""

from __future__ import annotations

import numpy as np

from scalelab.course.shows.pool import show_pool
from scalelab.course.stage import Stage
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.workloads.arrivals import poisson_arrivals_until_s

CALLERS = {  # second tries, and how many may stand in line
    "give up": (0, None),
    "ask 3 times more": (3, None),
    "ask 3 times more, line of 6": (3, 6),
}
UNTIL_S = 17.0
SLOW_S, WELL_S = 4.0, 7.0  # the database is slow between


def retry_storm(stage: Stage, caller: tuple[int, int | None]) -> None:
    """Let callers without patience use a pool of four while its database is slow for 3 s."""
    retries, most_waiting = caller
    rng = np.random.default_rng(3)
    database = FakeDatabase(stage.clock)
    pool = FakeConnectionPool(
        database,
        stage.clock,
        min_size=4,
        max_size=4,
        acquire_timeout_s=8.0,
        max_waiters=most_waiting,
    )
    load = PoolLoad(
        pool,
        database,
        poisson_arrivals_until_s(5.5, UNTIL_S - 1, rng=np.random.default_rng(5)) + 0.1,
        query_wait_s=lambda now_s: float(
            rng.exponential(1.2 if SLOW_S <= now_s < WELL_S else 0.35)
        ),
        patience_s=1.5,
        retries=retries,
    )
    show_pool(stage, pool, load)
    stage.at(SLOW_S, "The database becomes slow: 1.2 s a query instead of 0.35 s, on average.")
    stage.at(WELL_S, "The database is as fast as before. Does the line shrink?")
    stage.at(14.0, "Seven seconds later. Rings are attempts that nobody waits for any more.")


SCENES = ((retry_storm, CALLERS, UNTIL_S),)
