import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.clock import VirtualClock


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def log():
    return []


def test_runs_what_is_due_in_order_and_ties_by_insertion(clock, log):
    for name, delay_s in [("late", 3.0), ("tie 1", 2.0), ("early", 1.0), ("tie 2", 2.0)]:
        clock.schedule(delay_s, lambda name=name: log.append((name, clock.now_s)))
    clock.advance(2.5)
    assert log == [("early", 1.0), ("tie 1", 2.0), ("tie 2", 2.0)]
    assert clock.now_s == 2.5
    clock.run(until_s=3.0)
    assert log[-1] == ("late", 3.0)


def test_an_event_may_schedule_events_that_are_due_at_once(clock, log):
    clock.schedule(1.0, lambda: clock.schedule(0.0, lambda: log.append(clock.now_s)))
    clock.advance(1.0)
    assert log == [1.0]


def test_a_cancelled_event_neither_runs_nor_moves_time(clock, log):
    event = clock.schedule(1.0, lambda: log.append("no"))
    event.cancel()
    assert not clock.run_until(lambda: False)
    assert (log, clock.now_s) == ([], 0.0)
    event.cancel()


def test_run_until_stops_at_the_condition(clock, log):
    for delay_s in (1.0, 2.0, 3.0):
        clock.schedule(delay_s, lambda: log.append(clock.now_s))
    assert clock.run_until(lambda: len(log) == 2)
    assert clock.now_s == 2.0


def test_run_until_gives_up_at_the_timeout_or_without_events(clock):
    clock.schedule(5.0, lambda: None)
    assert not clock.run_until(lambda: False, timeout_s=2.0)
    assert clock.now_s == 2.0
    assert not clock.run_until(lambda: False)
    assert clock.now_s == 5.0


def test_wait_for_returns_raises_or_says_that_nothing_will_happen(clock):
    assert (
        clock.wait_for(lambda done, failed: clock.schedule(1.0, lambda: done("value"))) == "value"
    )
    with pytest.raises(ZeroDivisionError):
        clock.wait_for(lambda done, failed: failed(ZeroDivisionError()))
    with pytest.raises(RuntimeError, match="no event is left that could end the wait"):
        clock.wait_for(lambda done, failed: None)


def test_an_error_in_an_event_leaves_the_clock_usable(clock, log):
    clock.schedule(1.0, lambda: 1 / 0)
    clock.schedule(2.0, lambda: log.append(clock.now_s))
    with pytest.raises(ZeroDivisionError):
        clock.advance(5.0)
    clock.advance(4.0)
    assert (log, clock.now_s) == ([2.0], 5.0)


@pytest.mark.parametrize(
    "block",
    [
        lambda clock: clock.advance(1.0),
        lambda clock: clock.run(100.0),
        lambda clock: clock.wait_for(lambda done, failed: done(1)),
    ],
)
def test_refuses_to_block_inside_an_event(clock, block):
    clock.schedule(1.0, lambda: block(clock))
    with pytest.raises(RuntimeError, match="must not start inside an event; use the event style"):
        clock.advance(2.0)


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_refuses_to_go_backwards(clock, bad):
    clock.advance(3.0)
    with pytest.raises(ValueError, match=r"VirtualClock.schedule: delay_s must be finite and >= 0"):
        clock.schedule(bad, lambda: None)
    with pytest.raises(ValueError, match=r"VirtualClock.schedule_at: time_s must .* now_s=3, got"):
        clock.schedule_at(bad, lambda: None)
    with pytest.raises(ValueError, match=r"VirtualClock.advance: seconds must be finite and >= 0"):
        clock.advance(bad)
    with pytest.raises(ValueError, match=r"VirtualClock.run: until_s must .* now_s=3, got"):
        clock.run(bad)
    with pytest.raises(ValueError, match="VirtualClock: start_s must be finite and >= 0"):
        VirtualClock(bad)


@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=30))
def test_equals_a_sorted_list(plan):
    clock, seen = VirtualClock(), []
    for place, (delay_s, keep) in enumerate(plan):
        event = clock.schedule(delay_s, lambda place=place: seen.append((clock.now_s, place)))
        if not keep:
            event.cancel()
    clock.run(10.0)
    assert seen == sorted((due_s, place) for place, (due_s, keep) in enumerate(plan) if keep)
