"""The scene of the chapter on read-after-write shows what its words say."""

import pytest

from scalelab.course.chapters.read_after_write import scenes
from scalelab.course.stage import Stage


def ends(router):
    stage = Stage()
    scenes.comment(stage, scenes.ROUTERS[router])
    trace = stage.run(19.0)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("router", scenes.ROUTERS)
def test_every_comment_is_saved_and_read(router):
    counts = ends(router)
    assert counts["writes acknowledged"] == 5
    assert counts["fresh reads"] + counts["stale reads"] == 5
    assert counts["applied"] == 10


def test_a_timer_saves_some_and_a_token_all():
    stale = {router: ends(router)["stale reads"] for router in scenes.ROUTERS}
    assert stale["any replica"] > stale["primary for 1 s"] > stale["token, wait"] == 0
