"""The scene of two tabs shows what its words say."""

import pytest

from scalelab.course.chapters.external_state import scenes
from scalelab.course.stage import Stage


@pytest.fixture(scope="module")
def traces():
    found = {}
    for name, guarded in scenes.GUARDS.items():
        stage = Stage()
        scenes.two_tabs_meet(stage, guarded)
        found[name] = stage.run(13.0)
    return found


def end_of(trace):
    counts = {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}
    held = [text for _, box, text, _ in trace.states if trace.picture.boxes[box].label == "store"]
    return counts, held[-1], trace.says[-1][1]


def test_without_a_version_the_second_save_undoes_the_first(traces):
    counts, held, said = end_of(traces["only the data"])
    assert counts == {"saves kept": 2, "saves refused": 0}
    assert held == "v3: pen"
    assert "The book is lost" in said


def test_with_a_version_it_is_refused_once_and_comes_again(traces):
    counts, held, said = end_of(traces["the version, too"])
    assert counts == {"saves kept": 2, "saves refused": 1}
    assert held == "v3: book, pen"
    assert "Nothing is lost" in said
    assert "refused" in traces["the version, too"].labels.values()
