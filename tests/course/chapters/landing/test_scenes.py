"""The scene of the landing page shows what its words say."""

import numpy as np

from scalelab.course.chapters.landing import scenes
from scalelab.course.stage import Stage


def test_the_busier_the_workers_the_longer_the_line():
    longest = []
    for utilisation in scenes.BUSY.values():
        stage = Stage()
        scenes.line_at(stage, utilisation)
        trace = stage.run(scenes.UNTIL_S)
        longest.append(max(trace.count("in line", ms) for ms in range(0, trace.end_ms, 200)))
        busy = np.mean([trace.count("at work", ms) for ms in range(2_000, trace.end_ms, 100)])
        assert abs(busy / scenes.WORKERS - utilisation) < 0.02
    assert longest == sorted(longest)
    assert longest[-1] > 2 * longest[0]
