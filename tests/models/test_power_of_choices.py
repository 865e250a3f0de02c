import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from scalelab.models.erlang import mm1_mean_response_s
from scalelab.models.power_of_choices import (
    mean_response_in_services,
    round_robin_response_in_services,
    shortest_line_bound_in_services,
)


@pytest.mark.parametrize(("load", "choices"), [(0.5, 1), (0.7, 2), (0.9, 2), (0.9, 3)])
def test_the_differential_equations_settle_there(load, choices):
    """Mitzenmacher 2001: ds_k/dt = λ(s_{k-1}^d − s_k^d) − (s_k − s_{k+1}), from empty lines."""

    def change(_, tail):
        before, after = np.append(1.0, tail[:-1]), np.append(tail[1:], 0.0)
        return load * (before**choices - tail**choices) - (tail - after)

    settled = solve_ivp(change, (0, 2_000), np.zeros(60), method="LSODA", rtol=1e-9, atol=1e-12)
    tail = settled.y[:, -1]
    assert mean_response_in_services(load, choices) == pytest.approx(tail.sum() / load, rel=1e-5)


@given(rho=st.floats(0.05, 0.98), servers=st.integers(1, 60))
def test_round_robin_is_the_root_that_scipy_finds(rho, servers):
    def equation(root):
        return root - (servers * rho / (servers * rho + 1 - root)) ** servers

    root = brentq(equation, 0, min(rho * (1 + 1e-9), 1 - 1e-3 * (1 - rho)), xtol=1e-15)
    expected = 1 / (1 - root)
    assert round_robin_response_in_services(rho, servers) == pytest.approx(expected, rel=1e-6)


def test_orders_of_routing():
    """At 90 % on four servers: random 10, in turn 6.4, one common line 3.0."""
    assert mean_response_in_services(0.9, 1) == pytest.approx(mm1_mean_response_s(0.9, 1))
    assert round_robin_response_in_services(0.9, 1) == pytest.approx(10)
    in_turn = round_robin_response_in_services(0.9, 4)
    assert in_turn == pytest.approx(6.417, rel=0.02)  # simulated
    assert shortest_line_bound_in_services(0.9, 4) < 3.317 < in_turn < 10  # joining the shortest
    assert round_robin_response_in_services(0.0, 4) == 1
