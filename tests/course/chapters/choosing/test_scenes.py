"""The scene shows what the failures were, and what each spare is worth."""

import numpy as np
import pytest

from scalelab.course.chapters.choosing import scenes
from scalelab.course.chapters.choosing.experiments import change_moments_h
from scalelab.course.stage import Stage

MOMENTS_H = change_moments_h(
    np.random.default_rng(3), scenes.MOST, availability=0.95, mean_down_h=3.0, hours=scenes.HOURS
)


def played(machines):
    stage = Stage()
    scenes.promise(stage, machines)
    return stage.run(float(scenes.HOURS))


def up(machines, t):
    return sum((own <= t).sum() % 2 == 0 for own in MOMENTS_H[:machines])


@pytest.mark.parametrize("machines", scenes.FLEETS.values())
def test_the_picture_is_what_nobody_watched(machines):
    trace = played(machines)
    for t in np.linspace(0.513, scenes.HOURS - 0.497, 37):
        assert trace.count("up", round(1000 * t)) == up(machines, t)
    fine = np.arange(0, scenes.HOURS, 0.01)
    short = {int(t) for t in fine if up(machines, t) < scenes.NEEDED}
    assert abs(trace.count("hours with too few", trace.end_ms) - len(short)) <= 1


def test_each_spare_breaks_the_promise_less_often_and_the_words_say_when():
    broken = []
    for machines in scenes.FLEETS.values():
        trace = played(machines)
        broken.append(trace.count("hours with too few", trace.end_ms))
        assert (broken[-1] > 0) == any("promise is broken" in text for _, text in trace.says)
    assert broken[0] > 3 * broken[1] > 3 * broken[2] == 0
