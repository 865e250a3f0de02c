import numpy as np
import pytest

from scalelab.course.chapters.autoscaling import contest as autoscaling_contest
from scalelab.plotting import canvas
from scalelab.sim.scaling_policies import OwnPolicy


def test_a_day_is_the_same_for_the_same_seed_only():
    one, same, other = (autoscaling_contest.day(np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.max() < 100 * autoscaling_contest.FLEET.max_instances


def test_the_best_possible_is_the_need_of_each_minute_and_the_starts():
    demand = np.full(86_400, 550.0)
    demand[40_000 - 40_000 % 60 :][:3_600] = 1_950.0
    expected = 6 * 24 + 14 * (3_600 + 180) / 3_600
    assert autoscaling_contest.best_possible(demand) == pytest.approx(expected)


def test_nobody_with_no_wait_is_cheaper_than_the_best_possible():
    marks = autoscaling_contest.enter(lambda: OwnPolicy(decide=lambda reading: 40), [1, 2])
    assert marks["instance-hours"] == pytest.approx(40 * 24, rel=0.01)
    assert marks["p99 delay, s"] == 0
    assert marks["cost over the best possible"] > 1


def test_entering_no_day_is_refused():
    with pytest.raises(ValueError, match="enter: seeds must hold at least one"):
        autoscaling_contest.enter(lambda: None, [])


def test_the_references_are_fresh_for_each_day():
    make = autoscaling_contest.references()["ladder"]
    assert make().decide is not make().decide


def test_the_front_joins_what_nothing_beats():
    _, ax = canvas()
    points = {"cheap": (1.0, 9.0), "dear": (5.0, 0.0), "beaten": (6.0, 1.0), "middle": (2.0, 3.0)}
    autoscaling_contest.plot_front(ax, points, y="wait, s", best_possible=0.5)
    assert ax.lines[0].get_xydata().tolist() == [[1, 9], [2, 3], [5, 0]]
    assert len(ax.texts) == 5
