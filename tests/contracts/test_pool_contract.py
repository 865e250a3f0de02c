"""What every connection pool keeps to, the fake one and redis-py's on a real server."""

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_types import PoolClosedError, PoolError, PoolTimeoutError
from scalelab.real.redis_pool import RedisPool
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError


def fake_pool(max_size, server):
    clock = VirtualClock()
    database = FakeDatabase(clock, setup_s=0.07)
    return FakeConnectionPool(database, clock, min_size=0, max_size=max_size, acquire_timeout_s=0.5)


def redis_pool(max_size, server):
    return RedisPool(server, max_size=max_size, acquire_timeout_s=0.03)


@pytest.fixture(scope="module")
def server():
    """A real server, or in its place the reason why there is none."""
    try:
        server = start_server()
    except RealComponentError as error:
        yield str(error)
        return
    with server:
        yield server


@pytest.fixture(params=[fake_pool, redis_pool], ids=["fake", "redis"])
def make_pool(request, server):
    if request.param is redis_pool and isinstance(server, str):
        pytest.skip(server)
    pools = []

    def make(max_size=3):
        pools.append(request.param(max_size, server))
        return pools[-1]

    yield make
    for pool in pools:
        pool.check_invariants()
        pool.close(force=True)


def test_lends_distinct_connections_up_to_the_maximum(make_pool):
    pool = make_pool(max_size=3)
    leases = [pool.acquire() for _ in range(3)]
    assert len({lease.connection for lease in leases}) == 3
    assert pool.stats().borrowed == pool.stats().size == pool.stats().max_borrowed == 3


def test_opens_nothing_for_requests_that_take_turns(make_pool):
    pool = make_pool(max_size=3)
    for _ in range(5):
        with pool.acquire() as lease:
            lease.query()
    assert pool.stats().opened == pool.stats().size == 1


def test_reuses_a_released_connection(make_pool):
    pool = make_pool()
    first = pool.acquire()
    connection = first.connection
    first.release()
    assert pool.acquire().connection is connection


def test_lends_the_connection_used_last(make_pool):
    pool = make_pool(max_size=2)
    one, two = pool.acquire(), pool.acquire()
    last = two.connection
    one.release()
    two.release()
    assert pool.acquire().connection is last


def test_times_out_beyond_the_maximum_and_recovers(make_pool):
    pool = make_pool(max_size=1)
    lease = pool.acquire()
    with pytest.raises(PoolTimeoutError, match=r"must come free within .* got none"):
        pool.acquire()
    assert pool.stats().timed_out == 1
    lease.release()
    pool.acquire().query()


def test_a_lease_ends_with_its_block_even_on_an_error(make_pool):
    pool = make_pool(max_size=1)
    with pytest.raises(ZeroDivisionError), pool.acquire():
        raise ZeroDivisionError
    assert pool.stats().borrowed == 0
    with pool.acquire() as lease:
        lease.release()  # early; the end of the block must not release again
    assert pool.stats().idle == 1


def test_refuses_a_second_release(make_pool):
    pool = make_pool(max_size=2)
    lease = pool.acquire(holder="checkout")
    lease.release()
    with pytest.raises(PoolError, match=r"Lease.release: .* 'checkout', ended by its release"):
        lease.release()
    assert pool.stats().idle == 1
    one, two = pool.acquire(), pool.acquire()
    assert one.connection is not two.connection  # what a double release would corrupt


def test_refuses_use_after_release(make_pool):
    lease = make_pool().acquire()
    lease.release()
    with pytest.raises(PoolError, match=r"Lease.query: .*; acquire a new one"):
        lease.query()
    with pytest.raises(PoolError, match=r"Lease.connection: .*; acquire a new one"):
        _ = lease.connection


def test_refuses_another_pools_lease(make_pool):
    lease = make_pool().acquire()
    with pytest.raises(PoolError, match="lease must be of this pool"):
        make_pool().release(lease)
    lease.query()


def test_refuses_to_close_with_borrowed_connections(make_pool):
    pool = make_pool(max_size=2)
    lease = pool.acquire(holder="report")
    with pytest.raises(PoolError, match=r"close: .* got 1 borrowed by report"):
        pool.close()
    lease.query()
    pool.acquire().release()  # open as before
    lease.release()
    pool.close()
    assert pool.stats().size == 0


def test_closes_by_force(make_pool):
    pool = make_pool()
    lease = pool.acquire()
    pool.close(force=True)
    with pytest.raises(PoolError, match="ended by close"):
        lease.query()
    assert pool.stats().size == pool.stats().borrowed == 0


def test_refuses_requests_once_closed(make_pool):
    pool = make_pool()
    pool.close()
    pool.close()
    with pytest.raises(PoolClosedError, match="the pool must be open, got a closed one"):
        pool.acquire()


def test_stats_add_up(make_pool):
    pool = make_pool(max_size=2)
    leases = [pool.acquire(), pool.acquire()]
    with pytest.raises(PoolTimeoutError):
        pool.acquire()
    leases.pop().release()
    stats = pool.stats()
    assert (stats.requested, stats.granted, stats.timed_out, stats.rejected) == (3, 2, 1, 0)
    assert (stats.size, stats.idle, stats.borrowed, stats.waiting) == (2, 1, 1, 0)
    assert (stats.opened, stats.closed, stats.max_borrowed) == (2, 0, 2)


def test_a_failed_close_leaves_those_who_wait_waiting(make_pool):
    pool = make_pool(max_size=1)
    lease = pool.acquire()
    with pytest.raises(PoolError, match="every connection must be back"):
        pool.close()
    lease.release()
    pool.acquire().query()


@pytest.mark.parametrize("seed", range(3))
def test_random_actions_keep_the_books_in_order(make_pool, seed):
    rng = np.random.default_rng(seed)
    pool, held, ended = make_pool(max_size=4), [], []
    for _ in range(150):
        action = rng.choice(["acquire", "release", "query", "misuse"], p=[0.4, 0.35, 0.2, 0.05])
        if action == "acquire" and len(held) < 4:
            held.append(pool.acquire())
        elif action == "acquire" and rng.random() < 0.1:  # each real timeout takes its time
            with pytest.raises(PoolTimeoutError):
                pool.acquire()
        elif action == "release" and held:
            ended.append(held.pop(rng.integers(len(held))))
            ended[-1].release()
        elif action == "query" and held:
            held[rng.integers(len(held))].query()
        elif action == "misuse" and ended:
            with pytest.raises(PoolError):
                ended[rng.integers(len(ended))].release()
        pool.check_invariants()
        assert pool.stats().borrowed == len(held)
        assert len({lease.connection for lease in held}) == len(held)


def test_the_invariants_can_fail(make_pool):
    pool = make_pool()
    lease = pool.acquire()
    lease.end()  # behind the pool's back
    with pytest.raises(AssertionError, match="a released lease is kept"):
        pool.check_invariants()
    lease._ended_by = None
