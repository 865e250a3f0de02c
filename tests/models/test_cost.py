import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.cost import (
    break_even_reads_per_write,
    cost_of_performance,
    price_elasticity,
)


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


@given(doublings=st.integers(0, 8), gain=st.floats(1.05, 2))
def test_doubling_again_and_again(doublings, gain):
    hardware, performance = 2.0**doublings, gain**doublings
    assert cost_of_performance(performance, gain) == pytest.approx(hardware)


def test_a_read_model_breaks_even():
    assert break_even_reads_per_write(0.045, 0.045) == 1
