"""The scene of the chapter on queries shows what its words say."""

import numpy as np
import pytest

from scalelab.course.chapters.query_optimization import scenes
from scalelab.course.stage import Stage
from scalelab.sim.queue import queue_waits_s


def at(mend, seconds):
    stage = Stage()
    scenes.one_mend(stage, scenes.MENDS[mend])
    trace = stage.run(scenes.UNTIL_S)
    return {name: trace.count(name, round(1e3 * seconds)) for name in trace.counters}


def test_the_line_stays_as_it_is_and_goes_with_either_mend():
    lines = {mend: at(mend, 10.6)["in line"] for mend in scenes.MENDS}
    assert lines["as it is"] >= 8
    assert lines["cores twice as fast"] == lines["an index"] == 0


@pytest.mark.parametrize(("mend", "busy"), [("cores twice as fast", 0.5), ("an index", 0.2)])
def test_how_busy_a_core_is_once_the_line_is_gone(mend, busy):
    come_s, work_s = scenes.arrivals_s(), scenes.MENDS[mend]
    waits_s = queue_waits_s(come_s, np.full(come_s.size, work_s), scenes.CORES)
    late = come_s >= 8
    assert np.all(waits_s[late] == 0)
    assert late.sum() * work_s / (scenes.CORES * 7) == pytest.approx(busy, rel=0.01)
