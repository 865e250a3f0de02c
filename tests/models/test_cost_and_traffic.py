import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.cost import (
    break_even_reads_per_write,
    cost_of_performance,
    gain_per_doubling,
    price_elasticity,
)
from scalelab.models.traffic import (
    fibre_delay_s,
    peak_rate_per_s,
    periods_to_grow,
    read_share,
    users_at_peak_rate,
)

HABITS = {"daily_active_share": 0.2, "requests_per_active_user": 50, "peak_to_mean": 5}


def test_prices_within_a_family_are_linear():
    assert price_elasticity([2, 8, 32, 96], [140, 560, 2_240, 6_720]) == pytest.approx(1)


@given(
    data=st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(0.1, 1e3)), min_size=3, max_size=9),
)
def test_the_slope_is_numpys(data):
    size, price = np.array(data).T
    if np.ptp(np.log(size)) < 0.1:
        return
    slope = np.polyfit(np.log(size), np.log(price), 1)[0]
    assert price_elasticity(size, price) == pytest.approx(slope, abs=1e-8)


def test_twice_the_performance():
    assert cost_of_performance(2, 1.3) == pytest.approx(6.242, abs=5e-4)
    assert gain_per_doubling([4, 5], 2) == pytest.approx([1.414, 1.348], abs=5e-4)


@given(doublings=st.integers(0, 8), gain=st.floats(1.05, 2), elasticity=st.floats(0.5, 2))
def test_doubling_again_and_again(doublings, gain, elasticity):
    hardware, performance = 2.0**doublings, gain**doublings
    cost = cost_of_performance(performance, gain, elasticity)
    assert cost == pytest.approx(hardware**elasticity)
    if doublings:
        assert gain_per_doubling(hardware, performance) == pytest.approx(gain)


def test_a_read_model_breaks_even():
    assert break_even_reads_per_write(0.045, 0.045) == 1


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
