"""The scenes of the chapter on replication show what their words say."""

import pytest

from scalelab.course.chapters.replication import scenes
from scalelab.course.stage import Stage

END_S = scenes.SCENES[0][2]


def ends(name):
    stage = Stage()
    scenes.levels(stage, scenes.RUNS[name])
    trace = stage.run(END_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("name", scenes.RUNS)
def test_all_is_confirmed_read_and_applied(name):
    counts = ends(name)
    assert counts["writes acknowledged"] == len(scenes.WRITES_S)
    assert counts["fresh reads"] + counts["stale reads"] == len(scenes.WRITES_S)
    assert counts["applied"] == 2 * len(scenes.WRITES_S)
    assert counts["received, not applied"] == 0


def test_waiting_longer_helps_the_payer_and_only_applying_helps_every_reader():
    stale = [ends(name)["stale reads"] for name in scenes.RUNS]
    assert stale[0] == stale[1] == len(scenes.WRITES_S)
    assert 0 < stale[2] < stale[1]
    assert stale[3] == 0


class Timid:
    """A runbook of the lab's that never does anything."""

    def __init__(self, servers, needed, patience):
        self.servers = servers

    def step(self, primary, positions, fenced):
        return "wait"


class Hasty(Timid):
    """A runbook that promotes whoever answers, and fences nobody."""

    def step(self, primary, positions, fenced):
        if positions[primary] is None:
            return f"promote {next(s for s in self.servers if positions[s])}"
        return "wait"


def watched(runbook, events):
    case = (["a", "b", "c"], 1, 2, events, 12)
    stage = Stage()
    scenes.own_runbook(stage, runbook, *case)
    return stage.run(scenes.until_s(*case))


def test_a_learners_runbook_is_played():
    idle = watched(Timid, [(4, "kill", "a")])
    hasty = watched(Hasty, [(4, "kill", "a")])
    at_the_end = [trace.count("confirmed", trace.end_ms) for trace in (idle, hasty)]
    assert at_the_end == [3, 11]
    assert [text for _, text in idle.says] == ["Step 4: a dies."]
    assert [text for _, text in hasty.says][-1] == "Step 4: the runbook says “promote b”."


def test_writes_that_the_wrong_standby_lacks_are_seen_as_lost():
    trace = watched(Hasty, [(3, "cut", "b"), (8, "kill", "a"), (8, "join", "b")])
    assert trace.count("lost", trace.end_ms) == 5
