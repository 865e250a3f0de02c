import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.mg1 import mg1_mean_response_s, mg1_mean_wait_s
from scalelab.models.queueing import UnstableQueueError, mm1_mean_response_s


def test_known_values():
    """M/D/1 at ρ = 0.5: half a service time; at 0.8, two (Harchol-Balter 2013, ch. 23)."""
    assert mg1_mean_wait_s(0.5, 1, 0) == 0.5
    assert mg1_mean_wait_s(0.8, 1, 0) == pytest.approx(2.0)
    assert mg1_mean_wait_s(0.8, 1, 25) == pytest.approx(52.0)


@given(rho=st.floats(0.001, 0.99), service=st.floats(1e-5, 1e5))
def test_exponential_service_is_mm1(rho, service):
    got = mg1_mean_response_s(rho / service, service, 1.0)
    assert got == pytest.approx(mm1_mean_response_s(rho / service, 1 / service))


@given(rho=st.floats(0.001, 0.99), scv=st.floats(0, 100))
def test_variation_costs_linearly(rho, scv):
    constant = mg1_mean_wait_s(rho, 1, 0)
    assert mg1_mean_wait_s(rho, 1, scv) == pytest.approx((1 + scv) * constant)


def test_overload_is_named():
    with pytest.raises(UnstableQueueError, match=r"mg1_mean_wait_s: .* must be < 1, got 1\.5;"):
        mg1_mean_wait_s([0.5, 1.5], 1, 1)
