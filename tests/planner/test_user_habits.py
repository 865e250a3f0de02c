"""From users to requests."""

import pytest

from scalelab.planner.user_habits import UserHabits


def test_the_mean_of_a_day_is_the_days_requests():
    habits = UserHabits(users=86_400, sessions_per_day=2, requests_per_session=30)
    assert habits.mean_rate_per_s == pytest.approx(60)
    assert habits.rates_by_hour().mean() == pytest.approx(60)
    assert habits.peak_rate_per_s == pytest.approx(102)


def test_the_busiest_hour_is_where_it_is_said():
    rates = UserHabits(users=1e6, peak_hour=9.5).rates_by_hour()
    assert rates.argmax() == 9
    assert rates.max() <= UserHabits(users=1e6).peak_rate_per_s


def test_a_sine_cannot_go_below_zero():
    with pytest.raises(ValueError, match=r"UserHabits: peak_over_mean must be in \[1, 2\]"):
        UserHabits(users=10, peak_over_mean=2.5)
    assert UserHabits(users=10, peak_over_mean=2).rates_by_hour().min() >= 0
