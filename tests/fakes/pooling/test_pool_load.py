import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.models.finite_queues import mmc_abandonment


def make(size=1, timeout_s=10.0):
    clock = VirtualClock()
    database = FakeDatabase(clock, cores=100)
    pool = FakeConnectionPool(
        database, clock, min_size=size, max_size=size, acquire_timeout_s=timeout_s
    )
    pool.warm_up()
    return pool, database


def totals(load, until_s=60.0):
    return load.run(until_s).sum()


def test_one_second_of_queries_one_after_another():
    pool, database = make()
    seen = PoolLoad(pool, database, [1.0] * 10, query_wait_s=lambda now_s: 0.5).run(7.0)
    assert seen.answered.to_list() == [0, 2, 2, 2, 2, 2, 0]
    assert seen.arrived.to_list() == [10, 0, 0, 0, 0, 0, 0] or seen.arrived.sum() == 10


def test_who_loses_patience_is_served_for_nobody():
    pool, database = make()
    load = PoolLoad(pool, database, [1.0, 1.0], query_wait_s=lambda now_s: 2.0, patience_s=3.0)
    seen = totals(load)
    assert (seen.answered, seen.failed, seen.for_nobody) == (1, 1, 1)


def test_retries_are_new_attempts_and_end():
    pool, database = make(timeout_s=0.5)
    load = PoolLoad(pool, database, [1.0, 1.0], query_wait_s=lambda now_s: 30.0, retries=2)
    seen = totals(load)
    # The second caller gives up three times, after half a second each.
    assert (seen.started, seen.given_up, seen.failed, seen.answered) == (4, 3, 1, 1)


def test_every_caller_is_answered_or_fails(rng):
    pool, database = make(size=3, timeout_s=0.2)
    arrivals = 1 + np.sort(rng.uniform(0, 20, 500))
    load = PoolLoad(
        pool,
        database,
        arrivals,
        query_wait_s=lambda now_s: rng.exponential(0.15),
        patience_s=0.4,
        retries=2,
    )
    seen = totals(load)
    assert seen.answered + seen.failed == seen.arrived == 500
    assert pool.stats().borrowed == pool.stats().waiting == 0
    pool.check_invariants()


def test_a_leak_takes_connections_for_good():
    pool, database = make(size=4, timeout_s=0.5)
    load = PoolLoad(
        pool,
        database,
        1 + np.arange(100) / 10,
        query_wait_s=lambda now_s: 0.01,
        leak_every=10,
    )
    seen = load.run(30.0)
    assert seen.borrowed.iloc[-1] == 4
    assert seen.answered.sum() == 40


def test_agrees_with_the_model_of_abandonment(rng):
    """An acquire timeout, no retries: M/M/c with a fixed patience."""
    arrivals, services = rng.spawn(2)
    pool, database = make(size=4, timeout_s=0.25)
    times = 1 + np.cumsum(arrivals.exponential(1 / 45, 40_000))
    load = PoolLoad(pool, database, times, query_wait_s=lambda now_s: services.exponential(0.1))
    batches = load.run(float(times[-1]), sample_every_s=50.0)[2:]
    share = (batches.failed / batches.arrived).to_numpy()
    error = share.std(ddof=1) / np.sqrt(share.size)
    model = mmc_abandonment(45, 10, 4, 0.25).abandon_probability
    assert abs(share.mean() - model) < 4 * error
    assert abs(share.mean() - 1.25 * model) > 4 * error  # the comparison can fail


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"arrival_times_s": []}, r"PoolLoad: arrival_times_s must be a non-empty"),
        ({"patience_s": 0.0}, r"PoolLoad: patience_s must be finite and > 0, got 0"),
        ({"retries": -1}, r"PoolLoad: retries must be an integer >= 0, got -1"),
        ({"leak_every": 0}, r"PoolLoad: leak_every must be an integer >= 1, got 0"),
        ({"query_cpu_s": -1.0}, r"PoolLoad: query_cpu_s must be finite and >= 0"),
    ],
)
def test_bad_input(wrong, message):
    good = {"arrival_times_s": [1.0], "query_wait_s": lambda now_s: 0.1}
    with pytest.raises(ValueError, match=message):
        PoolLoad(*make(), **(good | wrong))


def test_bad_interval():
    load = PoolLoad(*make(), [1.0], query_wait_s=lambda now_s: 0.1)
    with pytest.raises(ValueError, match=r"PoolLoad.run: sample_every_s must be finite and > 0"):
        load.run(2.0, sample_every_s=0.0)
