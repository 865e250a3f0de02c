"""Scene of the chapter on CQRS: a crash between a row and its event, by three ways to publish."""

from __future__ import annotations

from functools import partial

from scalelab.course.shows.publishing import show_publishing
from scalelab.course.stage import Stage
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import Method, PublishingService

# How long after a client's request the crash comes: between the first step and the second.
WAYS: dict[str, tuple[Method, float]] = {
    "commit, then publish": ("commit_then_publish", 0.7),
    "publish, then commit": ("publish_then_commit", 0.7),
    "outbox": ("outbox", 1.15),
}
EVERY_S, WRITES = 1.5, 7
HIT = (1, 4)  # the writes that a crash hits
DOWN_S = 0.3


def crash_between(stage: Stage, way: tuple[Method, float]) -> None:
    """Let a client change seven prices, and let the service crash twice between two steps."""
    method, crash_after_s = way
    service = PublishingService(
        EventLog(stage.clock),
        method=method,
        commit_s=0.5,
        publish_s=0.4,
        poll_s=0.1,
        mark_s=0.3,
    )
    show_publishing(stage, service)
    for i in range(WRITES):
        stage.clock.schedule_at(
            0.5 + EVERY_S * i,
            partial(service.submit_put, f"price {i}", i, _nothing, _nothing),
        )
    for i in HIT:
        crash_s = 0.5 + EVERY_S * i + crash_after_s
        stage.at(crash_s, "A crash, after the first of two steps.", service.crash)
        stage.at(crash_s + DOWN_S, "It is up again. Is anything known of that?", service.restart)
    stage.at(0.1, "A client changes prices. Each change is a row, and an event for the read model.")
    stage.at(11.0, "Compare rows and events.")


def _nothing(_: object) -> None:
    pass


SCENES = ((crash_between, WAYS, 12.0),)
