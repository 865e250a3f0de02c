"""The size on which a request costs least: by hand, by search, and where it has no meaning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.node_size import cost_per_throughput, economic_cores
from scalelab.models.scaling_law import ScalingLaw, amdahl_through

LAW = amdahl_through([4, 32], [1_000, 5_000])


def test_known_value():
    """Two points of a price list, by hand: (100 + 70 × 4) / 1,000."""
    assert cost_per_throughput(LAW, 4, usd_per_core=70, usd_per_node=100) == pytest.approx(0.38)
    assert cost_per_throughput(LAW, 32, usd_per_core=70, usd_per_node=100) == pytest.approx(0.468)


def test_the_economic_size_by_hand():
    law = ScalingLaw(unit_throughput_per_s=1.0, sigma=0.2, kappa=0.0)
    # (16 + 4c)(1 + 0.2(c - 1))/c = 12.8/c + 0.8c + 6.4, least at c = 4
    assert economic_cores(law, usd_per_core=4, usd_per_node=16) == pytest.approx(4)


@given(sigma=st.floats(0.005, 0.5), price=st.floats(1, 500), fixed=st.floats(0, 2_000))
def test_no_other_size_is_cheaper(sigma, price, fixed):
    law = ScalingLaw(unit_throughput_per_s=200.0, sigma=sigma, kappa=0.0)
    prices = {"usd_per_core": price, "usd_per_node": fixed}
    best = economic_cores(law, **prices)
    least = cost_per_throughput(law, best, **prices)
    others = cost_per_throughput(law, best * np.linspace(1, 3, 50), **prices)
    assert np.all(others >= least * (1 - 1e-12))
    smaller = np.linspace(1, best, 50)
    assert np.all(cost_per_throughput(law, smaller, **prices) >= least * (1 - 1e-12))


def test_without_a_fixed_cost_the_smallest_is_the_cheapest():
    assert economic_cores(LAW, usd_per_core=70, usd_per_node=0) == 1
    costs = cost_per_throughput(LAW, [1, 2, 4, 8, 96], usd_per_core=70, usd_per_node=0)
    assert np.all(np.diff(costs) > 0)


def test_bad_law_is_named():
    with pytest.raises(ValueError, match=r"^economic_cores: law must have kappa = 0 .*, got"):
        economic_cores(
            ScalingLaw(unit_throughput_per_s=1.0, sigma=0.0, kappa=0.1),
            usd_per_core=1,
            usd_per_node=1,
        )
