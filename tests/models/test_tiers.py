import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.closed_queue import machine_repairman
from scalelab.models.tiers import bottleneck, mean_value_analysis, tiers_capacity_per_s

demands = st.lists(st.floats(0.001, 1), min_size=1, max_size=5)


def buzen(customers, think, work):
    """Throughput by the convolution of Buzen, "Computational algorithms", CACM 16, 1973."""
    constants = np.cumprod(np.append(1.0, think / np.arange(1, customers + 1)))
    for demand in work:
        for n in range(1, customers + 1):
            constants[n] += demand * constants[n - 1]
    return constants[-2] / constants[-1]


@given(customers=st.integers(1, 40), think=st.floats(0.01, 5), work=demands)
def test_buzens_convolution_agrees(customers, think, work):
    state = mean_value_analysis(customers, think, work)
    assert state.throughput_per_s == pytest.approx(buzen(customers, think, work))
    inside = state.mean_numbers.sum() + think * state.throughput_per_s
    assert inside == pytest.approx(customers)
    assert state.throughput_per_s <= tiers_capacity_per_s(work) * (1 + 1e-12)


@given(customers=st.integers(1, 60), think=st.floats(0, 10))
def test_one_tier_is_the_machine_repairman(customers, think):
    queue = machine_repairman(customers, think, 0.5)
    state = mean_value_analysis(customers, think, [0.5])
    assert state.throughput_per_s == pytest.approx(queue.throughput_per_s)
    assert state.response_s == pytest.approx(queue.mean_response_s)


def test_only_the_bottleneck_counts():
    work = [0.005, 0.030, 0.010]
    assert bottleneck(work) == 1
    assert tiers_capacity_per_s(work) == pytest.approx(1 / 0.030)
    assert tiers_capacity_per_s(work, [9, 1, 9]) == tiers_capacity_per_s(work)
    assert tiers_capacity_per_s(work, [1, 2, 1]) == pytest.approx(2 / 0.030)
    crowd = mean_value_analysis(500, 1.0, work).throughput_per_s
    assert crowd == pytest.approx(1 / 0.030, rel=1e-6)


def test_application_servers_before_one_database():
    capacity = [tiers_capacity_per_s([1 / 250, 1 / 1_000], [n, 1]) for n in range(1, 9)]
    assert capacity == [250, 500, 750, 1_000, 1_000, 1_000, 1_000, 1_000]


def test_servers_without_a_tier_are_refused():
    with pytest.raises(ValueError, match=r"servers must have one number for each of demands_s"):
        tiers_capacity_per_s([1.0, 2.0], [1, 2, 3])
