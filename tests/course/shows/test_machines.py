"""Machines on the stage: up, down, and the hours that had enough."""

import numpy as np

from scalelab.course.shows.machines import show_machines
from scalelab.course.stage import Stage

MOMENTS_H = np.array([[1.5, 2.25, 50.0], [2.1, 3.0, 60.0]])  # down together from 2.1 to 2.25


def played(needed):
    stage = Stage()
    show_machines(stage, MOMENTS_H, needed=needed, most=3, hours=5)
    return stage.run(5.0)


def test_machines_go_down_and_come_back():
    trace = played(1)
    counts = [(trace.count("up", ms), trace.count("down", ms)) for ms in (0, 1_600, 2_200, 2_600)]
    assert counts == [(2, 0), (1, 1), (0, 2), (1, 1)]


def test_an_hour_with_a_moment_too_few_is_an_hour_with_too_few():
    assert played(1).count("hours with too few", 5_000) == 1
    assert played(2).count("hours with too few", 5_000) == 2
    assert played(2).count("hours with enough", 5_000) == 3
    assert [text for _, text in played(2).says] == [
        "Hour 2: fewer than 2 are up. The promise is broken."
    ]
