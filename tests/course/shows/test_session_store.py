"""A store on the stage: watched and unwatched alike, and every message on its way."""

import pytest

from scalelab.course.chapters.external_state.experiments import add_item
from scalelab.course.shows.session_store import show_session_store
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.session_store import SessionStore


def words(data):
    return ", ".join((data or {"cart": []})["cart"]) or "empty"


def store_on(clock):
    store = SessionStore(clock, round_trip_s=0.4, ttl_s=100.0)
    store.save("ann", {"cart": []})
    return store


@pytest.mark.parametrize("guarded", [False, True])
def test_the_watched_store_is_the_unwatched_one(guarded):
    stage, clock = Stage(), VirtualClock()
    watched, alone = store_on(stage.clock), store_on(clock)
    clients = show_session_store(stage, watched, ["a", "b", "c"], words)
    for i, name in enumerate(clients):
        at_s = 1.0 + 0.15 * i
        for each, given in ((watched, clients[name]), (alone, alone)):
            each.clock.schedule_at(
                at_s, lambda given=given, name=name: add_item(given, name, guarded, work_s=0.3)
            )
    trace = stage.run(9.0)
    clock.run(9.0)
    assert watched.stats() == alone.stats()
    kept = trace.count("saves kept", trace.end_ms)
    refused = trace.count("saves refused", trace.end_ms)
    assert kept == alone.stats().saves - 1  # one was there before
    assert refused == alone.stats().conflicts
    assert (refused > 0) == guarded
    assert watched.load("ann") == alone.load("ann")


def test_a_message_takes_half_a_round_trip():
    stage = Stage()
    clients = show_session_store(stage, store_on(stage.clock), ["a"], words)
    stage.clock.schedule_at(1.0, lambda: add_item(clients["a"], "pen", False, work_s=0.5))
    trace = stage.run(4.0)
    ways = [step[2] for steps in trace.steps for step in steps if step[2]]
    assert set(ways) == {200}
    assert list(trace.labels.values()) == ["load", "v1: empty", "save", "saved v2"]
