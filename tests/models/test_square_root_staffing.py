import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from scalelab.models.queueing import erlang_c
from scalelab.models.square_root_staffing import (
    halfin_whitt_wait_probability,
    square_root_safety,
    square_root_servers,
)
from scalelab.models.staffing import smallest_servers


@pytest.mark.parametrize("beta", [0.01, 0.5, 1.0, 3.0, 8.0])
def test_the_formula_with_scipys_normal(beta):
    expected = 1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta))
    assert halfin_whitt_wait_probability(beta) == pytest.approx(expected)
    assert square_root_safety(expected) == pytest.approx(beta)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_erlang_c_tends_to_it(beta):
    distances = []
    for root in (10, 100, 1_000):  # loads whose safety is a whole number of servers
        exact = erlang_c(root**2, 1, root**2 + round(beta * root))
        distances.append(abs(exact - halfin_whitt_wait_probability(beta)))
    assert distances[2] < distances[1] < distances[0] < 0.03
    assert distances[2] < 1e-3


@given(load=st.floats(1, 2_000), target=st.floats(0.05, 0.5))
def test_the_rule_is_off_by_one_server_at_most(load, target):
    exact = smallest_servers(load, 1, max_wait_probability=target)
    assert abs(square_root_servers(load, 1, max_wait_probability=target) - exact) <= 1


def test_servers_per_erlang_fall_with_size():
    """3.0, 1.6, 1.15 and 1.046 servers per Erlang, for one request in ten that waits."""
    exact = [smallest_servers(a, 1, max_wait_probability=0.1) for a in (1, 10, 100, 1_000)]
    assert exact == [3, 16, 115, 1_046]
    rule = [square_root_servers(a, 1, max_wait_probability=0.1) for a in (1, 10, 100, 1_000)]
    assert np.all(np.abs(np.subtract(exact, rule)) <= 1)
