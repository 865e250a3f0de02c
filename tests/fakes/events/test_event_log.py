"""At least once, in any order, with crashes: which guard makes the projection right."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription


def filled(*data):
    log = EventLog(VirtualClock())
    for item in data:
        log.append("x", item)
    return log


def test_the_log_keeps_everything_in_order():
    log = EventLog(VirtualClock())
    log.append("a", 1)
    log.clock.advance(1.0)
    log.append("b", 2)
    log.append("a", 3)
    assert [(e.offset, e.key, e.version, e.at_s) for e in log.read()] == [
        (0, "a", 1, 0.0),
        (1, "b", 1, 1.0),
        (2, "a", 2, 1.0),
    ]
    assert [e.data for e in log.read(1, limit=1)] == [2]
    log.check_invariants()


def test_an_id_is_one_event_of_one_key():
    log = EventLog(VirtualClock())
    first, second = (log.append("a", 1, event_id="w1") for _ in range(2))
    assert (first.version, second.version) == (1, 1)
    with pytest.raises(ValueError, match="event_id must be the id of an event of 'b'"):
        log.append("b", 1, event_id="w1")


def test_a_crash_before_the_acknowledgement_repeats():
    log, seen = EventLog(VirtualClock()), []
    consumer = Subscription(log, lambda e: seen.append(e.data), ack_after_s=0.1, retry_s=0.5)
    log.append("x", 1)
    log.clock.advance(0.05)
    consumer.crash()
    log.append("x", 2)
    log.clock.advance(3.0)
    consumer.restart()
    log.clock.advance(3.0)
    assert seen == [1, 1, 2]
    assert (consumer.stats().repeated, consumer.stats().behind) == (1, 0)
    consumer.check_invariants()


def test_a_late_subscriber_gets_everything_from_the_beginning():
    log, seen = filled(1, 2, 3), []
    Subscription(log, lambda e: seen.append(e.data))
    log.clock.advance(1.0)
    assert seen == [1, 2, 3]
