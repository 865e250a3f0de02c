"""The show of group commit: what is seen is what the array says."""

import numpy as np

from scalelab.course.shows.group_commit import show_group_commit
from scalelab.course.stage import Stage

TIMES_S = np.array(
    [
        [0.0, 0.0, 1.0, 1.0, 3.0],
        [0.0, 1.0, 2.0, 3.0, 5.0],
        [0.5, 2.0, 2.5, 3.0, 5.0],
        [6.0, 6.0, 7.0, np.inf, np.inf],
    ]
)
STATIONS = (
    "waiting for a core",
    "at work",
    "waiting for the disk",
    "in the flush",
    "committed",
)


def test_each_order_is_where_the_array_has_it():
    stage = Stage()
    show_group_commit(stage, TIMES_S, 1)
    trace = stage.run(10.0)
    assert tuple(trace.counters) == STATIONS
    for time_s in np.arange(0.25, 9.0, 0.5):
        there = TIMES_S[TIMES_S[:, 0] <= time_s]
        at = (there <= time_s).sum(axis=1) - 1
        expected = [int((at == station).sum()) for station in range(5)]
        assert [trace.count(name, round(1000 * time_s)) for name in STATIONS] == expected


def test_who_need_not_wait_is_in_no_line():
    stage = Stage()
    show_group_commit(stage, TIMES_S[:1], 2)
    trace = stage.run(4.0)
    assert len(trace.steps[0]) == 3
    assert trace.states[0][2] == "2"
