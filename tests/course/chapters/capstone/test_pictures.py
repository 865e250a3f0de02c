"""Friday is drawn from the run."""

import numpy as np
import pytest

from scalelab.course.chapters.capstone.pictures import SHOWN_H, draw_friday
from scalelab.course.chapters.capstone.plan import APP_S, CORES, ShopPlan
from scalelab.course.chapters.capstone.weeks import draw_week
from scalelab.plotting import canvas


def test_friday_shows_the_crowd_and_the_schedule():
    week = draw_week(2, 60.0)
    _, axes = canvas(2)
    draw_friday(axes, ShopPlan(friday=24), week)
    capacity, demand = (line.get_ydata() for line in axes[0].lines)
    hour = axes[0].lines[0].get_xdata()
    assert (hour[0], hour[-1]) == SHOWN_H
    assert demand.max() == pytest.approx(week.rate_per_s.max(), rel=0.02)
    assert capacity[np.searchsorted(hour, 7.0)] == pytest.approx(24 * CORES / APP_S)
    assert 0 <= axes[1].lines[0].get_ydata().min() <= axes[1].lines[0].get_ydata().max() <= 100
