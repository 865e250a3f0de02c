"""The show of a lock: what is seen is what the simulator found."""

import numpy as np
import pytest

from scalelab.course.shows.lock import show_lock
from scalelab.course.stage import Stage
from scalelab.sim.closed import closed_run


def test_each_request_is_where_the_simulator_has_it():
    outside, inside = np.random.default_rng(3).spawn(2)
    thinks_s = outside.exponential(0.9, 60)
    run = closed_run(thinks_s, inside.exponential(0.1, 60), customers=5)
    stage = Stage()
    show_lock(stage, thinks_s, run, 5, until_s=1e9)
    trace = stage.run(40.0)
    asked = [steps[1][0] / 1000 for steps in trace.steps]  # in line, or at the lock at once
    ended = [steps[-1][0] / 1000 for steps in trace.steps]
    assert asked == pytest.approx(list(run.arrival_s), abs=0.0011)
    assert ended == pytest.approx(list(run.arrival_s + run.response_s), abs=0.0011)
    assert sum(len(steps) == 4 for steps in trace.steps) == np.count_nonzero(run.wait_s)


def test_what_begins_later_is_not_shown():
    thinks_s = np.full(12, 1.0)
    run = closed_run(thinks_s, np.full(12, 0.5), customers=2)
    stage = Stage()
    show_lock(stage, thinks_s, run, 2, until_s=2.0)
    # two at once, and the next of the first; the next of the second begins at 2 s
    assert len(stage.run(2.0).steps) == 3
