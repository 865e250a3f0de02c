import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.traffic import (
    fibre_delay_s,
    peak_rate_per_s,
    periods_to_grow,
    read_share,
    users_at_peak_rate,
)

HABITS = {"daily_active_share": 0.2, "requests_per_active_user": 50, "peak_to_mean": 5}


def test_from_users_to_requests():
    rates = peak_rate_per_s([100, 1e5, 1e6, 1e8], **HABITS)
    assert rates == pytest.approx([0.05787, 57.87, 578.7, 57_870], rel=1e-4)
    assert users_at_peak_rate(1_000, **HABITS) == pytest.approx(1_728_000)
    writes = 1 - read_share(9)
    assert users_at_peak_rate(10_000 / writes, **HABITS) == pytest.approx(172.8e6)


@given(now=st.floats(1, 100), factor=st.floats(1.1, 10), periods=st.integers(0, 12))
def test_growth_period_by_period(now, factor, periods):
    limit = now
    for _ in range(periods):
        limit *= factor
    assert periods_to_grow(now, limit, factor) == pytest.approx(periods, abs=1e-9)


def test_light_in_fibre():
    delays = fibre_delay_s([1_000e3, 5_570e3, 10_000e3, 17_000e3])
    assert delays == pytest.approx([5e-3, 27.85e-3, 50e-3, 85e-3])
