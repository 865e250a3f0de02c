"""The fake pool under Poisson load, against queueing theory.

In two steps, for a fake takes too long to narrow a mean wait to a percent:
request by request the fake equals a recursion of a few lines, and over two
million requests the recursion agrees with Erlang C.
"""

import heapq

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_types import PoolFullError
from scalelab.models.queueing import erlang_b, mmc_mean_wait_s

SIZE, LOAD = 4, 0.8


def poisson_load(rng, requests, size=SIZE, load=LOAD):
    """Arrival times and query times; a query takes a second on average."""
    arrivals, services = rng.spawn(2)
    return np.cumsum(arrivals.exponential(1 / (load * size), requests)), services.exponential(
        1.0, requests
    )


def fake_waits_s(arrivals_s, queries_s, size=SIZE, **settings):
    """Seconds that each request waits for its connection; NaN when it was refused."""
    clock = VirtualClock()
    database = FakeDatabase(clock, setup_s=0.0)
    pool = FakeConnectionPool(
        database, clock, min_size=size, max_size=size, acquire_timeout_s=1e6, **settings
    )
    pool.warm_up()
    waits_s = np.full(len(arrivals_s), np.nan)
    refusals = []

    def arrive(i):
        def use(lease):
            waits_s[i] = clock.now_s - arrivals_s[i]
            database.submit(lease.connection, wait_s=queries_s[i], on_done=lease.release)

        pool.request(use, refusals.append)
        if i + 1 < len(arrivals_s):
            clock.schedule_at(arrivals_s[i + 1], lambda: arrive(i + 1))

    clock.schedule_at(arrivals_s[0], lambda: arrive(0))
    clock.run_until(lambda: pool.stats().requested == len(arrivals_s))
    clock.advance(1e5)
    pool.check_invariants()
    assert {type(error) for error in refusals} <= {PoolFullError}
    assert pool.stats().granted + len(refusals) == len(arrivals_s)
    return waits_s


def recursion_waits_s(arrivals_s, queries_s, size=SIZE):
    """First come, first served: a request gets the connection that is free the earliest."""
    free_s, waits_s = [0.0] * size, []
    for arrival_s, query_s in zip(arrivals_s.tolist(), queries_s.tolist(), strict=True):
        start_s = max(arrival_s, free_s[0])
        heapq.heapreplace(free_s, start_s + query_s)
        waits_s.append(start_s - arrival_s)
    return np.array(waits_s)


@pytest.fixture(scope="module")
def replicate_means_s():
    """Mean waits of 20 runs of 100,000 requests, their first 1,000 left out."""
    rngs = np.random.default_rng(20260101).spawn(20)
    return np.array([recursion_waits_s(*poisson_load(r, 100_000))[1_000:].mean() for r in rngs])


def standard_errors_off(means, expected):
    return abs(means.mean() - expected) / (means.std(ddof=1) / np.sqrt(len(means)))


@pytest.mark.parametrize(("size", "load"), [(1, 0.7), (4, 0.8), (10, 0.95)])
def test_each_request_waits_as_long_as_in_the_recursion(rng, size, load):
    arrivals_s, queries_s = poisson_load(rng, 5_000, size, load)
    expected = recursion_waits_s(arrivals_s, queries_s, size)
    assert (expected > 0).mean() > 0.3
    np.testing.assert_allclose(
        fake_waits_s(arrivals_s, queries_s, size), expected, rtol=1e-9, atol=1e-9
    )


def test_the_equality_can_fail(rng):
    arrivals_s, queries_s = poisson_load(rng, 1_000)
    one_more = fake_waits_s(arrivals_s, queries_s, SIZE + 1)
    assert not np.allclose(one_more, recursion_waits_s(arrivals_s, queries_s))


def test_the_recursion_agrees_with_erlang_c(replicate_means_s):
    expected = mmc_mean_wait_s(LOAD * SIZE, 1.0, SIZE)
    assert standard_errors_off(replicate_means_s, expected) < 4


@pytest.mark.parametrize("error", [0.9, 1.1])
def test_the_agreement_can_fail(replicate_means_s, error):
    expected = mmc_mean_wait_s(LOAD * SIZE, 1.0, SIZE)
    assert standard_errors_off(replicate_means_s, error * expected) > 4


@pytest.fixture(scope="module")
def refused_shares():
    """Of 10 runs of 4,000 requests on a pool where nobody may wait."""
    rngs = np.random.default_rng(20260102).spawn(10)
    runs = [fake_waits_s(*poisson_load(r, 4_000, load=1.0), max_waiters=0) for r in rngs]
    return np.array([np.isnan(waits_s).mean() for waits_s in runs])


def test_without_a_line_refusals_agree_with_erlang_b(refused_shares):
    assert standard_errors_off(refused_shares, erlang_b(SIZE, 1.0, SIZE)) < 4


@pytest.mark.parametrize("error", [0.9, 1.1])
def test_that_agreement_can_fail_too(refused_shares, error):
    assert standard_errors_off(refused_shares, error * erlang_b(SIZE, 1.0, SIZE)) > 4
