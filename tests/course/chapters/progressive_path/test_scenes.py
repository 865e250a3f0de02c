"""The scene of the chapter on the path shows what its words say."""

import pytest

from scalelab.course.chapters.progressive_path import scenes
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock


def ends(name):
    stage = Stage()
    scenes.one_step(stage, scenes.STEPS[name])
    trace = stage.run(scenes.UNTIL_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("name", scenes.STEPS)
def test_the_watched_run_is_the_unwatched_one(name):
    clock, answered = VirtualClock(), []
    app, database = scenes.open_shop(clock, scenes.STEPS[name], lambda: answered.append(1))
    clock.run(scenes.UNTIL_S)
    counts = ends(name)
    assert counts["answered"] == len(answered)
    assert counts["at work"] == app.busy_workers + database.busy_workers
    assert counts["in line"] + counts["at work"] == app.in_system + database.in_system


def test_only_steps_at_the_database_clear_the_line():
    nothing, wrong, right, cache = (ends(name) for name in scenes.STEPS)
    assert nothing["in line"] > 8
    assert wrong["in line"] > 8
    assert abs(wrong["answered"] - nothing["answered"]) <= 4
    assert min(right["answered"], cache["answered"]) > nothing["answered"] + 10
    assert max(right["in line"], cache["in line"]) < 3
