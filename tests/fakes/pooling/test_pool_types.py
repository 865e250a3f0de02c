"""Leases and errors that all pools share; the pools themselves pass tests/contracts."""

import pytest

from scalelab.fakes.pooling.pool_types import (
    Lease,
    PoolClosedError,
    PoolError,
    PoolFullError,
    PoolTimeoutError,
)


def test_pool_errors_are_pool_errors():
    for error in (PoolTimeoutError, PoolFullError, PoolClosedError):
        assert issubclass(error, PoolError)


class Pool:
    """Takes leases back and counts them."""

    def __init__(self):
        self.released = []

    def release(self, lease):
        self.released.append(lease.end())


class Connection:
    def query(self, text):
        return text.upper()


def lease(pool):
    return Lease(pool, Connection(), number=7, holder="ann", granted_at_s=0.0)


def test_a_lease_ends_once_also_when_the_body_fails():
    pool = Pool()
    held = lease(pool)
    assert held.query("select 1") == "SELECT 1"
    with pytest.raises(KeyError), held:
        raise KeyError("theirs")
    assert held.released
    assert len(pool.released) == 1
    with lease(pool) as other:
        other.release()
    assert len(pool.released) == 2


def test_a_lease_that_is_over_gives_nothing():
    held = lease(Pool())
    held.release()
    for use, what in (
        (lambda: held.query("x"), "Lease.query"),
        (lambda: held.connection, "Lease.connection"),
        (held.release, "Lease.release"),
    ):
        with pytest.raises(PoolError, match=rf"{what}: the lease must be in force, got lease 7"):
            use()
    assert repr(held) == "<Lease 7 of 'ann', released>"
