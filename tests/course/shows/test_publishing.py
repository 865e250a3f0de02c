"""A service that publishes on the stage: rows, outbox and events, and what a crash spoils."""

import numpy as np
import pytest

from scalelab.course.shows.publishing import show_publishing
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import PublishingService

HORIZON_S = 9.0


def make(clock, method):
    return PublishingService(
        EventLog(clock), method=method, commit_s=0.1, publish_s=0.15, poll_s=0.2, mark_s=0.1
    )


def drive(service):
    """Write at random, and crash now and then; returns what came of the writes."""
    rng, came = np.random.default_rng(1), []
    for i, at_s in enumerate(np.cumsum(rng.exponential(0.25, 20))):
        service.clock.schedule_at(
            float(at_s), lambda i=i: service.submit_put(i, i, came.append, came.append)
        )
    for crash_s in (1.0, 2.3, 4.0):
        service.clock.schedule_at(crash_s, service.crash)
        service.clock.schedule_at(crash_s + 0.1, service.restart)
    return came


@pytest.mark.parametrize("method", ["commit_then_publish", "publish_then_commit", "outbox"])
def test_the_picture_counts_what_the_service_counts_and_changes_nothing(method):
    stage = Stage()
    watched = make(stage.clock, method)
    show_publishing(stage, watched)
    came = drive(watched)
    trace = stage.run(HORIZON_S)
    wrong = [
        (ms, name, number)
        for ms, numbers in dict(stage.books).items()
        for name, number in numbers.items()
        if trace.count(name, ms) != number
    ]
    assert wrong == []
    clock = VirtualClock()
    alone = make(clock, method)
    expected = drive(alone)
    clock.run(HORIZON_S)
    assert list(map(str, came)) == list(map(str, expected))
    assert watched.audit() == alone.audit()
    assert len(stage.books) > 30


def test_a_crash_is_seen():
    stage = Stage()
    service = make(stage.clock, "outbox")
    show_publishing(stage, service)
    stage.clock.schedule_at(1.0, service.crash)
    states = [(text, bad) for _, _, text, bad in stage.run(2.0).states]
    assert ("down", 1) in states
