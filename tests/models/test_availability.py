from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from scalelab.models.availability import (
    availability_of_outages,
    downtime_s_per_year,
    k_of_n_availability,
    majority_availability,
    parallel_availability,
    serial_availability,
    some_down_probability,
)

shares = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@given(parts=shares, needed=st.integers(0, 6))
def test_every_state_counted(parts, needed):
    """Sum the chances of all states of the parts in which the system works."""
    states = [
        (sum(state), np.prod([a if up else 1 - a for a, up in zip(parts, state, strict=True)]))
        for state in product([0, 1], repeat=len(parts))
    ]

    def works(least):
        return sum(chance for up, chance in states if up >= least)

    assert serial_availability(parts) == pytest.approx(works(len(parts)), abs=1e-12)
    assert parallel_availability(parts) == pytest.approx(works(1), abs=1e-12)


@given(share=st.floats(0, 1), nodes=st.integers(1, 200), part=st.floats(0, 1))
def test_equal_parts_are_scipys_binomial(share, nodes, part):
    needed = round(part * nodes)
    theirs = binom.sf(needed - 1, nodes, share)
    assert k_of_n_availability(share, needed, nodes) == pytest.approx(theirs, abs=1e-9)
    theirs = binom.sf(needed - 1, nodes, 1 - share)
    assert some_down_probability(share, needed, nodes) == pytest.approx(theirs, abs=1e-9)
    assert majority_availability(share, nodes) == k_of_n_availability(share, nodes // 2 + 1, nodes)


def test_synchronous_writes():
    """Primary and one replica; any one of two replicas; two of three; all of 0.999."""
    assert serial_availability([0.999, 0.999]) == pytest.approx(0.998001)
    assert downtime_s_per_year(0.998001) / 3_600 == pytest.approx(17.51, abs=0.005)
    any_of_two = serial_availability([0.999, parallel_availability([0.999, 0.999])])
    assert any_of_two == pytest.approx(0.998999, abs=1e-8)
    assert downtime_s_per_year(any_of_two) / 3_600 == pytest.approx(8.77, abs=0.005)
    assert k_of_n_availability(0.999, 2, 3) == pytest.approx(0.999997002)


def test_failovers_of_two_minutes():
    assert availability_of_outages(12, 120) == pytest.approx(0.999954, abs=5e-7)
    assert downtime_s_per_year(0.9999) / 60 == pytest.approx(52.6, abs=0.05)


@given(share=st.floats(0.001, 0.9999), length=st.floats(1, 1e4))
def test_outages_and_availability_are_inverse(share, length):
    number = downtime_s_per_year(share) / length
    assert availability_of_outages(number, length) == pytest.approx(share, abs=1e-9)
