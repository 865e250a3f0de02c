"""The scene without names: it shows the recorded nights, and says which box is which only later."""

import numpy as np
import pytest

from scalelab.course.chapters.incidents import scenes
from scalelab.course.chapters.incidents.recorded import recorded_runs
from scalelab.course.stage import Stage


def levels(night):
    return scenes.levels_of(recorded_runs()[scenes.NIGHTS[night]][0])


def left_s(numbers):
    """The first second from which a box is two tokens or more from where it began, for good."""
    away = np.abs(np.array(numbers) - np.median(numbers[:8])) >= 2
    return next((s for s in range(len(away) - 8) if away[s : s + 8].all()), 99)


@pytest.mark.parametrize("night", scenes.NIGHTS)
def test_no_word_of_the_scene_names_a_part_or_a_cause(night):
    stage = Stage()
    scenes.unnamed_night(stage, scenes.NIGHTS[night])
    trace = stage.run(scenes.UNTIL_S)
    words = " ".join([*(text for _, text in trace.says), *(b.label for b in trace.picture.boxes)])
    assert not any(part in words for part in ("server", "cache", "database", "replica", "pool"))
    assert {box.label for box in trace.picture.boxes} == set(scenes.BOXES)


@pytest.mark.parametrize("night", scenes.NIGHTS)
def test_the_words_stop_at_each_departure_so_that_the_order_can_be_read(night):
    stage = Stage()
    scenes.unnamed_night(stage, scenes.NIGHTS[night])
    said = {ms / 1000 for ms, text in stage.run(scenes.UNTIL_S).says if "has left" in text}
    assert said == {s for s in map(left_s, levels(night).values()) if s < 99}
    assert len(said) >= 2


def test_who_leaves_first_is_another_in_each_night():
    seconds = {n: {b: left_s(v) for b, v in levels(n).items()} for n in scenes.NIGHTS}
    first = {
        n: {b for b, s in left.items() if s == min(left.values())} for n, left in seconds.items()
    }
    assert "F" in first["first"]
    assert {"B", "D"} & first["second"]
    assert "F" not in first["second"]
    assert first["third"] == {"D"}
    assert "E" in first["fourth"]


def test_a_level_is_within_a_token_of_its_value():
    metrics = recorded_runs()["hot shard"][0]
    shown = np.array(scenes.levels_of(metrics)["C"])
    pool = 10 * np.array(metrics["pool"][scenes.FROM_S : scenes.FROM_S + 60])
    assert np.abs(shown - pool).max() < 0.75
