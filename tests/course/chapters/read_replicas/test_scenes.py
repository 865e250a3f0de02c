"""The scene of the chapter on read replicas shows what its words say."""

import pytest

from scalelab.course.chapters.read_replicas import scenes
from scalelab.course.stage import Stage

END_S = scenes.SCENES[0][2]


def ends(name):
    stage = Stage()
    scenes.comment_and_reload(stage, scenes.RUNS[name])
    trace = stage.run(END_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("name", scenes.RUNS)
def test_all_is_answered_and_applied(name):
    counts = ends(name)
    assert counts["writes acknowledged"] == 1
    assert counts["fresh reads"] + counts["stale reads"] == 2 * len(scenes.RELOADS_S)
    assert counts["applied"] == len(scenes.RUNS[name][0])
    assert counts["received, not applied"] == 0


def test_slow_replicas_answer_with_the_old_page_and_only_a_long_window_helps():
    slow, quick, short, long = (ends(name)["stale reads"] for name in scenes.RUNS)
    assert quick == long == 0
    assert slow > short > 0


class Careless:
    """A router of the lab's that sends every read to the last replica."""

    def __init__(self, replicas):
        self.last = replicas[-1]

    def wrote(self, user, device, position):
        pass

    def read(self, user, device, applied):
        return self.last


class Timid(Careless):
    """A router that reads from the primary alone."""

    def read(self, user, device, applied):
        return "primary"


@pytest.mark.parametrize(("router", "stale"), [(Careless, 2), (Timid, 0)])
def test_a_learners_router_is_played(router, stale):
    events = [
        ("wrote", "ann", "laptop", 7),
        ("read", "ann", "phone", {"a": 5, "b": 5}),
        ("read", "bob", "phone", {"a": 5, "b": 5}),
        ("read", "ann", "laptop", {"a": 5, "b": None}),
    ]
    stage = Stage()
    scenes.own_router(stage, router, ["a", "b"], events)
    trace = stage.run(scenes.until_s(["a", "b"], events))
    assert trace.count("stale reads", trace.end_ms) == stale
    assert trace.count("fresh reads", trace.end_ms) == 3 - stale
    assert trace.count("received, not applied", trace.end_ms) == 0
