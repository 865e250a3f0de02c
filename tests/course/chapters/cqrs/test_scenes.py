"""The scene of the chapter on CQRS shows what its words say."""

import pytest

from scalelab.course.chapters.cqrs import scenes
from scalelab.course.shows import publishing as show
from scalelab.course.stage import Stage


def played(way):
    stage = Stage()
    scenes.crash_between(stage, scenes.WAYS[way])
    trace = stage.run(12.0)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize(
    ("way", "ends"),
    [
        ("commit, then publish", {show.ROWS: 5, show.ALONE: 2, show.EVENTS: 5}),
        ("publish, then commit", {show.ROWS: 5, show.INVENTED: 2, show.EVENTS: 5}),
        ("outbox", {show.ROWS: 7, show.EVENTS: 7, show.TWICE: 2}),
    ],
)
def test_each_way_has_its_own_fault(way, ends):
    found = played(way)
    wrong = {name: count for name, count in found.items() if count}
    errors = {show.ERRORS: 2} if way != "outbox" else {}
    assert wrong == ends | errors | {show.ACKNOWLEDGED: scenes.WRITES - len(errors) * 2}
