"""What threads and the network bring to a pool, and no fake on a virtual clock can show."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from scalelab.fakes.pooling.pool_types import PoolClosedError
from scalelab.real.redis_pool import RedisPool


@pytest.fixture
def patient(redis_server):
    """A real pool of one connection whose users wait for long."""
    pool = RedisPool(redis_server, max_size=1, acquire_timeout_s=30.0)
    yield pool
    pool.check_invariants()
    pool.close(force=True)


def wait_until(condition):
    end_s = time.monotonic() + 10
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.001)
    assert condition()


def test_an_unread_answer_never_reaches_the_next_user(patient):
    with patient.acquire(holder="ann") as lease:
        lease.query("SET", "secret", "of ann")
        lease.connection.send_command("GET", "secret")  # and gives up before the answer
    with patient.acquire(holder="bob") as lease:
        assert lease.query("PING") == b"PONG"
    assert patient.stats().opened == 2
    assert patient.stats().closed == 1


def test_an_answer_that_is_an_error_was_read(patient):
    redis = pytest.importorskip("redis")
    with patient.acquire() as lease, pytest.raises(redis.ResponseError):
        lease.query("NONSENSE")
    with patient.acquire() as lease:
        assert lease.query("PING") == b"PONG"
    assert patient.stats().opened == 1


def test_who_waits_is_told_of_the_closing_at_once(patient):
    patient.acquire()
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(patient.acquire) for _ in range(2)]
        wait_until(lambda: patient.stats().waiting == 2)
        patient.close(force=True)
        for one in waiting:
            with pytest.raises(PoolClosedError, match="got a closed one"):
                one.result(timeout=10)
    assert patient.stats().waiting == 0
    assert patient.stats().rejected == 2


def test_an_interrupt_while_waiting_leaves_the_books_right(patient, monkeypatch):
    lease = patient.acquire()

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(patient._changed, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            patient.acquire()
    assert patient.stats().waiting == 0
    patient.check_invariants()
    lease.release()
    patient.acquire().release()


def test_an_interrupt_while_connecting_leaves_the_books_right(patient, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(patient._pool, "get_connection", interrupted)
        with pytest.raises(KeyboardInterrupt):
            patient.acquire()
    assert patient.stats().waiting == 0
    patient.check_invariants()
    patient.acquire().release()  # the place is free again


def test_who_came_first_is_served_first(patient):
    lease, served = patient.acquire(), []

    def ask(name):
        with patient.acquire(holder=name):
            served.append(name)

    with ThreadPoolExecutor(3) as threads:
        for number, name in enumerate("abc"):
            threads.submit(ask, name)
            wait_until(lambda number=number: patient.stats().waiting == number + 1)
        lease.release()
    assert served == ["a", "b", "c"]
