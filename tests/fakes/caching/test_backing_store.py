"""The database behind the caches: its rows, its crashes, its lagging replica."""

import numpy as np
import pytest

from scalelab.fakes.caching.backing_store import BackingStore, LaggingReplica, StoreDownError
from scalelab.fakes.clock import VirtualClock


def ignore(result):
    """Take a result that nobody needs."""


def store(**settings):
    return BackingStore(VirtualClock(), **settings)


def test_a_read_sees_the_row_as_it_was_when_its_work_began():
    base = store(read_s=0.005, write_s=0.002)
    base.put("a", 1)
    seen = []
    base.submit_read("a", seen.append, ignore)
    assert base.put("a", 2).version == 2
    base.clock.advance(1.0)
    assert (seen[0].value, base.get("a")) == (1, 2)
    base.check_invariants()


def test_workers_let_requests_queue():
    base = store(write_s=0.010, workers=2)
    done = []
    for number in range(5):
        base.submit_put(number, "x", lambda row: done.append(round(base.clock.now_s, 3)), ignore)
    assert base.pending == 5
    base.clock.advance(1.0)
    assert done == [0.01, 0.01, 0.02, 0.02, 0.03]


def test_a_crash_loses_what_is_under_way_and_nothing_else():
    base = store(write_s=0.010, workers=1)
    base.put("a", 1)
    errors = []
    for _ in range(3):
        base.submit_put("a", 2, ignore, errors.append)
    base.crash()
    with pytest.raises(StoreDownError, match="the store must be up"):
        base.get("a")
    base.recover()
    assert (base.get("a"), base.version_of("a"), len(errors), base.failed) == (1, 1, 3, 4)
    began = base.clock.now_s
    base.put("a", 3)
    assert base.clock.now_s == pytest.approx(began + 0.010)  # the crashed queue is gone
    base.check_invariants()


def test_a_replica_shows_each_write_after_its_lag_and_in_order():
    clock = VirtualClock()
    base = BackingStore(clock)
    lags = iter([0.5, 0.1])
    replica = LaggingReplica(base, lambda rng: next(lags), rng=np.random.default_rng(1))
    base.put("a", 1)
    base.put("a", 2)
    clock.advance(0.4)
    assert replica.get("a") is None
    clock.advance(0.2)
    assert replica.get("a") == 2
    replica.check_invariants()


def test_only_fields_can_be_updated():
    base = store()
    base.put("a", "text")
    with pytest.raises(ValueError, match="update: key must hold fields to change, got 'text'"):
        base.update("a", {"name": "Ann"})
