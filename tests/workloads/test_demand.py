import math

import numpy as np
import pytest

from scalelab.workloads.demand import (
    DAY_S,
    daily_rate_per_s,
    flash_crowd_per_s,
    noisy_rate_per_s,
)


def test_a_day_has_the_mean_and_the_peak_that_were_asked_for():
    hours = np.arange(0, DAY_S, 60)
    day = daily_rate_per_s(hours, 100, peak_over_mean=1.7, peak_hour=14)
    assert day.mean() == pytest.approx(100)
    assert day.max() == pytest.approx(170)
    assert hours[day.argmax()] == 14 * 3600
    assert day.min() == pytest.approx(30)


def test_weekends_are_the_last_two_of_seven_days():
    noon = (np.arange(14) + 0.5) * DAY_S
    rates = daily_rate_per_s(noon, 100, peak_over_mean=1, weekend_factor=0.4)
    assert rates.tolist() == pytest.approx(2 * ([100] * 5 + [40] * 2))


def test_a_flash_crowd_rises_straight_and_falls_to_its_share():
    rate = flash_crowd_per_s([0, 60, 90, 120, 720], 10, 110, start_s=60, ramp_s=60, decay_s=600)
    assert rate.tolist() == pytest.approx([10, 10, 60, 110, 10 + 100 / math.e])
    sudden = flash_crowd_per_s([59.9, 60], 10, 110, start_s=60, ramp_s=0, decay_s=600)
    assert sudden.tolist() == pytest.approx([10, 110])


def test_noise_is_poisson(rng):
    seen = noisy_rate_per_s(np.full(40_000, 20.0), 5.0, rng=rng)
    assert seen.mean() == pytest.approx(20.0, rel=0.01)
    assert seen.var() == pytest.approx(20.0 / 5, rel=0.05)
