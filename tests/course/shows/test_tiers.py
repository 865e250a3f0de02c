"""The show of tiers: a watched run is the unwatched one."""

import pytest

from scalelab.course.chapters.diagonal import scenes
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock


@pytest.mark.parametrize("doubled", scenes.DOUBLED.values())
def test_a_watched_run_is_the_unwatched_run(doubled):
    stage, clock, answered = Stage(), VirtualClock(), []
    scenes.one_doubled(stage, doubled)
    trace = stage.run(scenes.UNTIL_S)
    tiers = scenes.open_shop(clock, doubled, lambda: answered.append(clock.now_s))
    clock.run(scenes.UNTIL_S)
    gone = [
        steps[-1][0] / 1000
        for steps in trace.steps
        if trace.picture.places[steps[-1][1]].name == "answered"
    ]
    assert sorted(gone) == pytest.approx(answered, abs=0.0011)
    inside = sum(tier.in_system for tier in tiers)
    assert trace.count("in line", trace.end_ms) + trace.count("at work", trace.end_ms) == inside
