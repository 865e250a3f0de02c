"""The stock behind a pool: its settings, its states, and what it opens and closes."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_members import PoolMembers, PoolSettings


def settings(**changed):
    return PoolSettings(**{"min_size": 1, "max_size": 3, "acquire_timeout_s": 1.0} | changed)


def stock(**changed):
    clock = VirtualClock()
    made = PoolMembers(FakeDatabase(clock, setup_s=0.1), settings(**changed), lambda: None)
    return clock, made


def test_it_opens_what_is_wanted_and_no_more_than_there_is_room():
    clock, made = stock()
    made.replenish(waiting=10)
    assert (made.opening, made.size, made.room) == (3, 3, 0)
    clock.advance(0.1)
    assert (made.opening, len(made.idle), made.opened) == (0, 3, 3)
    made.check_invariants()


def test_the_one_used_last_is_lent_first():
    clock, made = stock()
    made.replenish(waiting=2)
    clock.advance(1.0)
    first = made.lend(waiting=2)
    clock.advance(1.0)
    made.take_back(first)
    assert made.lend(waiting=1) is first
    made.check_invariants()


def test_closing_takes_the_lent_ones_and_those_on_their_way():
    clock, made = stock()
    made.replenish(waiting=1)
    clock.advance(0.1)
    made.lend(waiting=1)
    made.replenish(waiting=2)
    made.close()
    clock.advance(1.0)
    assert (made.size, made.closed, made.opened) == (0, 3, 3)
    made.check_invariants()


def test_a_lifetime_is_shortened_at_random_and_never_prolonged(rng):
    drawn = settings(max_lifetime_s=100.0, lifetime_jitter=0.2, rng=rng)
    lives_s = [drawn.lifetime_s() for _ in range(200)]
    assert 80.0 <= min(lives_s) < 85.0
    assert 95.0 < max(lives_s) <= 100.0
    assert settings(max_lifetime_s=100.0).lifetime_s() == 100.0
    assert settings().lifetime_s() is None


@pytest.mark.parametrize(
    ("validate", "wanted"),
    [("never", [False] * 3), ("on_borrow", [True] * 3), ("after_idle", [False, True, True])],
)
def test_when_a_connection_is_tested(validate, wanted):
    made = settings(validate=validate, validate_after_idle_s=0.5)
    assert [made.wants_validation(idle_s) for idle_s in (0.4, 0.5, 9.0)] == wanted
