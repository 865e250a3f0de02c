"""The scene of diagonal scaling shows what its words say."""

from scalelab.course.chapters.diagonal import scenes
from scalelab.course.stage import Stage


def at_the_end(doubled):
    stage = Stage()
    scenes.one_doubled(stage, doubled)
    trace = stage.run(scenes.UNTIL_S)
    return {name: trace.count(name, trace.end_ms) for name in trace.counters}


def test_only_the_narrowest_tier_pays():
    answered = {doubled: at_the_end(doubled)["answered"] for doubled in scenes.DOUBLED.values()}
    for doubled in ("application", "cache"):
        assert abs(answered[doubled] - answered[""]) <= 3
    assert answered["database"] > 1.6 * answered[""]
