import numpy as np

from scalelab.course.chapters.autoscaling import experiments as autoscaling
from scalelab.course.chapters.autoscaling import week as autoscaling_week
from scalelab.plotting import canvas
from scalelab.sim.autoscaling import fleet_run


def test_the_schedule_hour_by_hour():
    hours = autoscaling_week.scheduled()
    assert [int(hours[24 * day + 12]) for day in range(7)] == [4, 4, 4, 4, 0, 8, 8]
    friday = hours[96:120]
    assert np.flatnonzero(friday).tolist() == [18, 19, 20, 21]
    assert set(friday[friday > 0].tolist()) == {12}
    assert (autoscaling_week.scheduled(baseline=4) == 0).sum() == 0


def test_a_schedule_orders_ahead():
    hours = autoscaling_week.scheduled(baseline=4)
    ahead = autoscaling_week.orders(hours, 300)
    start = (4 * 24 + 18) * 3_600
    assert ahead[start - 301 : start - 299].tolist() == [4, 12]
    assert (ahead >= hours.repeat(3_600)).all()
    run = fleet_run(autoscaling_week.week(), autoscaling.GUIDE_FLEET, at_least=ahead)
    assert run.backlog.max() == 0


def test_a_week_fits_its_schedule_and_a_crowd_does_not():
    capacity = 100 * autoscaling_week.scheduled(baseline=4).repeat(3_600)
    assert (autoscaling_week.week() < capacity).all()
    with_crowd = autoscaling_week.week(rng=np.random.default_rng(1))
    assert with_crowd.shape == (7 * 86_400,)
    assert (with_crowd > capacity).any()
    assert np.flatnonzero(with_crowd > capacity)[-1] < 4 * 86_400


def test_an_early_peak_and_a_safety_net():
    _, axes = canvas(2)
    assert "during 0 minutes" in autoscaling_week.draw_early(axes, 0, False)
    alone = autoscaling_week.draw_early(axes, 30, False)
    hybrid = autoscaling_week.draw_early(axes, 30, True)
    assert "during 116 minutes" in alone
    assert "during 36 minutes" in hybrid
