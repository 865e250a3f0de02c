import math
import tracemalloc

import numpy as np
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


@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=30))
def test_equals_a_sorted_list(plan):
    clock, seen = VirtualClock(), []
    for place, (delay_s, keep) in enumerate(plan):
        event = clock.schedule(delay_s, lambda place=place: seen.append((clock.now_s, place)))
        if not keep:
            event.cancel()
    clock.run(10.0)
    assert seen == sorted((due_s, place) for place, (due_s, keep) in enumerate(plan) if keep)


@pytest.mark.parametrize("kind", [int, np.int8, np.int64, np.uint16, np.float16, np.float32])
def test_takes_the_numbers_of_numpy(clock, log, kind):
    clock.schedule_at(kind(5), lambda: log.append(clock.now_s))
    clock.schedule(kind(6), lambda: log.append(clock.now_s))
    clock.run(kind(5))
    clock.advance(kind(1))
    assert log == [5.0, 6.0]
    assert type(clock.now_s) is float
    assert clock.run_until(lambda: False, timeout_s=kind(1)) is False


@pytest.mark.parametrize("value", [True, np.True_, "1", None, math.nan, math.inf, -1.0, [1.0]])
def test_what_is_no_time_is_refused_alike(clock, value):
    verbs = [clock.run, clock.advance, lambda v: clock.schedule(v, int)]
    for verb in [*verbs, lambda v: clock.schedule_at(v, int)]:
        with pytest.raises(ValueError, match=r"^VirtualClock\.\w+: \w+ must be .+, got "):
            verb(value)


def test_time_does_not_run_out_of_what_a_float_holds(clock):
    clock.advance(1e308)
    for verb in (clock.advance, lambda seconds: clock.schedule(seconds, int)):
        with pytest.raises(ValueError, match="must lie in a time that a float can hold"):
            verb(1.7e308)
    assert clock.now_s == 1e308


def test_cancelled_events_do_not_pile_up(clock, log):
    """An hour's timeouts, of which all but a few are taken back."""
    tracemalloc.start()
    for number in range(50_000):
        event = clock.schedule(3_600.0 - number / 1_000, lambda number=number: log.append(number))
        if number % 10_000:
            event.cancel()
            event.cancel()  # once more changes nothing
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
    clock.advance(3_600.0)
    assert log == [40_000, 30_000, 20_000, 10_000, 0]


def test_cancelling_what_has_happened_or_is_happening_is_harmless(clock, log):
    events = [clock.schedule(1.0, lambda: log.append(len(log))) for _ in range(200)]
    clock.schedule(0.5, lambda: [event.cancel() for event in events[100:]])
    own = clock.schedule(1.0, lambda: own.cancel())
    clock.advance(1.0)
    for event in events:
        event.cancel()
    assert log == list(range(100))
    assert not clock.run_until(lambda: False)
