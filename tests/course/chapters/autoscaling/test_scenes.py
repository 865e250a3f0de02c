"""The scene shows what the simulator found, and what its words say."""

from functools import cache

import numpy as np
import pytest

from scalelab.course.chapters.autoscaling import scenes
from scalelab.course.chapters.autoscaling.experiments import GUIDE_FLEET, flash
from scalelab.course.shows.fleet import BLOCK
from scalelab.course.stage import Stage
from scalelab.sim.autoscaling import fleet_run


@cache
def run_of(name):
    return fleet_run(flash(), GUIDE_FLEET, scenes.POLICIES[name]())


def played(name):
    stage = Stage()
    scenes.crowd(stage, scenes.POLICIES[name])
    return stage.run(scenes.SCENES[0][2])


@pytest.mark.parametrize("name", scenes.POLICIES)
def test_the_picture_is_the_run_that_nobody_watched(name):
    trace, run = played(name), run_of(name)
    for second in range(0, scenes.END_S - scenes.BEGIN_S, 37):
        tick, ms = scenes.BEGIN_S + second, 1_000 * second
        assert trace.count("running", ms) == run.running[tick]
        assert trace.count("starting", ms) == run.starting[tick]
        assert abs(trace.count("in line", ms) * BLOCK - run.backlog[tick]) <= BLOCK


def test_who_is_late_is_who_waits_longer_than_half_a_second():
    late = {name: played(name).count("answered late", 10**7) for name in scenes.POLICIES}
    for name in scenes.POLICIES:
        run = run_of(name)
        part = slice(scenes.BEGIN_S, scenes.END_S)
        asked = run.demand[part][run.delay_s[part] > 0.5].sum()
        assert late[name] == pytest.approx(asked / BLOCK, abs=2)
    assert late["two more"] > late["ladder"] > late["target 60 %"] > late["ladder that interrupts"]


def test_the_words_name_the_first_order_and_the_end_of_the_line():
    says = [text for _, text in played("two more").says]
    assert any("First order: 2 more" in text for text in says)
    assert says[-1] == "Nobody waits any more."
    first = {}
    for name in scenes.POLICIES:
        first[name] = next(ms for ms, text in played(name).says if "First order" in text)
    assert first["ladder"] < first["two more"]
    starting = run_of("two more").starting[scenes.BEGIN_S :]
    assert first["two more"] == 1_000 * int(np.flatnonzero(starting)[0])
