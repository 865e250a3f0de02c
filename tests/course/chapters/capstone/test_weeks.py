"""Weeks of the shop: what a seed fixes, and what a tick does not change."""

from dataclasses import asdict

import numpy as np
import pytest

from scalelab.course.chapters.capstone.weeks import ERROR_SHARE, FRIDAY_S, WEEK_S, draw_week

WEEK_MINUTES = int(WEEK_S // 60)


@pytest.mark.parametrize("tick_s", [10.0, 60.0])
def test_the_length_of_a_tick_does_not_change_the_world(tick_s):
    fine, coarse = draw_week(3, 5.0), draw_week(3, tick_s)
    assert asdict(coarse.faults) == asdict(fine.faults)
    assert (coarse.crowd_s, coarse.second_crowd_s) == (fine.crowd_s, fine.second_crowd_s)
    minutes = [week.rate_per_s.reshape(WEEK_MINUTES, -1).mean(axis=1) for week in (fine, coarse)]
    noise = np.sqrt(minutes[0] / 60)
    assert np.mean(np.abs(minutes[1] - minutes[0]) < 8 * noise) > 0.999  # not where a crowd begins


def test_each_seed_is_a_week_of_its_own():
    weeks = [draw_week(seed, 60.0) for seed in range(40)]
    crowds = np.array([week.crowd_s for week in weeks])
    assert np.unique(crowds).size == 40
    assert np.all((crowds >= FRIDAY_S + 7 * 3_600) & (crowds <= FRIDAY_S + 12 * 3_600))
    peaks = np.array([week.rate_per_s.max() for week in weeks])
    assert 2_500 < peaks.min() < peaks.max() < 7_500
    for when in ("replica_lost_s", "servers_lost_s", "primary_lost_s"):
        times = np.array([getattr(week.faults, when) for week in weeks])
        near = np.abs(times - crowds) < 4_000
        assert 8 <= near.sum() <= 32, when  # about half of them come into the crowd
        assert np.all((times > 0) & (times < WEEK_S))
    assert all(week.faults.error_share == ERROR_SHARE for week in weeks)
    assert all(0 < week.faults.cache_empty_s - week.crowd_s < 3_600 for week in weeks)


def test_the_day_has_its_shape():
    rate = draw_week(1, 60.0).rate_per_s.reshape(7, 24, 60).mean(axis=2)
    assert rate[2, 20] > 3 * rate[2, 8]  # evening and morning of a Wednesday
    assert rate[5].mean() > 1.05 * rate[2].mean()
