"""The scene of stateless services shows what its words say."""

import pytest

from scalelab.course.chapters.stateless import scenes
from scalelab.course.stage import Stage


@pytest.fixture(scope="module")
def traces():
    found = {}
    for name, stored in scenes.PLACES.items():
        stage = Stage()
        scenes.bad_day(stage, stored)
        found[name] = stage.run(18.0)
    return found


def at(trace, second):
    return {counter: trace.count(counter, 1000 * second) for counter in trace.counters}


def test_in_memory_each_event_costs_its_sessions(traces):
    trace = traces["memory of the servers"]
    assert at(trace, 4)["sessions lost"] == len(scenes.USERS) // 3
    assert at(trace, 8)["log in again"] == len(scenes.USERS) // 3
    assert at(trace, 9)["sessions kept"] == 0
    assert at(trace, 18)["log in again"] == len(scenes.USERS) // 3 + len(scenes.USERS)
    assert at(trace, 18)["no answer"] == 0


def test_in_a_store_nothing_is_lost_until_it_dies(traces):
    trace = traces["shared store"]
    assert at(trace, 13)["found"] == 2 * len(scenes.USERS)
    assert at(trace, 13)["sessions lost"] == at(trace, 13)["log in again"] == 0
    assert at(trace, 18)["no answer"] == at(trace, 18)["sessions lost"] == len(scenes.USERS)


def test_every_event_is_said(traces):
    for trace in traces.values():
        said = " ".join(text for _, text in trace.says)
        for what in ("web-2 dies", "deployment", "store dies"):
            assert what in said
