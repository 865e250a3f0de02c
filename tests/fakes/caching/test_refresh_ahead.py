"""Refresh-ahead against its closed form, and when a refresh fails."""

import numpy as np
import pytest

from scalelab.fakes.caching.backing_store import BackingStore
from scalelab.fakes.caching.refresh_ahead import RefreshAhead
from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.clock import VirtualClock
from scalelab.models.ttl_cache import refresh_ahead_miss_ratio


def store(**settings):
    return BackingStore(VirtualClock(), **settings)


@pytest.mark.parametrize("per_lifetime", [1.0, 10.0])
def test_misses_of_refresh_ahead_agree_with_the_closed_form(per_lifetime):
    """ca-refresh-never-miss: 3.68 % at ten requests a lifetime, 47.6 % at one."""
    rng, requests = np.random.default_rng(5), 20_000
    base = store()
    users = RefreshAhead(base, TtlCache(base.clock, 1.0), share=0.1)
    base.put("a", 1)
    for wait_s in rng.exponential(1 / per_lifetime, requests):
        base.clock.advance(wait_s)
        users.get("a")
    expected = refresh_ahead_miss_ratio(per_lifetime, 1.0, 0.1)
    share = users.stats().misses / requests
    assert share == pytest.approx(expected, rel=0.08)
    assert abs(share - 1 / (1 + per_lifetime)) > 0.02  # what it would be without


def test_a_timer_refreshes_what_nobody_asks_for():
    loads = {}
    for trigger in ("access", "timer"):
        base = store()
        users = RefreshAhead(base, TtlCache(base.clock, 10.0), trigger=trigger)
        base.put("a", 1)
        users.get("a")
        base.clock.advance(91.0)
        loads[trigger] = users.stats().refreshes
    assert loads == {"access": 0, "timer": 10}


def test_a_failed_refresh_is_tried_again():
    base = store(read_s=0.01)
    users = RefreshAhead(base, TtlCache(base.clock, 10.0))
    base.put("a", 1)
    users.get("a")
    base.clock.advance(9.5)
    base.crash()
    assert users.get("a") == 1
    base.clock.advance(0.1)
    base.recover()
    assert users.get("a") == 1
    base.clock.advance(1.0)
    assert (users.get("a"), users.stats().refreshes, users.stats().misses) == (1, 2, 1)
