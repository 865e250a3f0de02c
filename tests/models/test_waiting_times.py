import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from scalelab.models.queueing import erlang_c, mm1_mean_response_s, mmc_mean_response_s
from scalelab.models.waiting_times import (
    mmc_response_percentile_s,
    mmc_response_tail,
    mmc_wait_percentile_s,
    mmc_wait_tail,
)

loads = st.floats(0.01, 0.99)
shares = st.floats(0.0, 0.9999)


def test_one_server_has_exponential_response():
    """M/M/1: response is exponential with rate μ − λ (Harchol-Balter 2013, ch. 27)."""
    for share in (0.0, 0.5, 0.99):
        expected = -math.log(1 - share) * mm1_mean_response_s(80, 100)
        assert mmc_response_percentile_s(share, 80, 100, 1) == pytest.approx(expected, abs=1e-12)
    assert mmc_response_tail(0.1, 80, 100, 1) == pytest.approx(math.exp(-2))


def test_wait_tail_begins_at_erlang_c():
    assert mmc_wait_tail(0.0, 8, 1, 10) == pytest.approx(erlang_c(8, 1, 10))


@pytest.mark.parametrize(
    ("arrival", "servers"), [(0.5, 1), (2, 3), (2.0000001, 3), (9, 10), (3, 40)]
)
def test_response_tail_is_the_convolution(arrival, servers):
    """At λ = (c − 1)μ both rates are equal, where the textbook fraction is 0/0."""
    waiting, spare = erlang_c(arrival, 1, servers), servers - arrival
    for time in (0.0, 0.3, 1.0, 4.0):
        integral, _ = quad(
            lambda s, t=time: waiting * spare * math.exp(-spare * s) * math.exp(-(t - s)), 0, time
        )
        expected = integral + waiting * math.exp(-spare * time) + (1 - waiting) * math.exp(-time)
        assert mmc_response_tail(time, arrival, 1, servers) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("arrival", "servers"), [(0.5, 1), (9.5, 10), (3, 40)])
def test_tail_integrates_to_the_mean(arrival, servers):
    mean, _ = quad(lambda t: mmc_response_tail(t, arrival, 1, servers), 0, np.inf)
    assert mean == pytest.approx(mmc_mean_response_s(arrival, 1, servers), rel=1e-6)


@given(rho=loads, servers=st.integers(1, 100), q=shares)
def test_percentiles_invert_the_tails(rho, servers, q):
    rates = (rho * servers, 1.0, servers)
    response = mmc_response_percentile_s(q, *rates)
    assert mmc_response_tail(response, *rates) == pytest.approx(1 - q, rel=1e-9)
    wait = mmc_wait_percentile_s(q, *rates)
    assert mmc_wait_tail(wait, *rates) <= (1 - q) * (1 + 1e-9)
    assert wait == 0 or mmc_wait_tail(wait, *rates) == pytest.approx(1 - q)
    assert wait <= response + 1e-12


@given(rho=loads, servers=st.integers(1, 100), low=shares, high=shares)
def test_percentiles_ascend(rho, servers, low, high):
    low, high = min(low, high), max(low, high)
    for percentile in (mmc_wait_percentile_s, mmc_response_percentile_s):
        small, large = percentile([low, high], rho * servers, 1, servers)
        assert small <= large * (1 + 1e-12)


def test_arrays_broadcast():
    times = mmc_response_percentile_s([[0.5], [0.99]], [1.0, 2.0, 2.9], 1.0, 3)
    assert times.shape == (2, 3)
    assert times[1, 2] == pytest.approx(mmc_response_percentile_s(0.99, 2.9, 1.0, 3))
    assert mmc_wait_tail([0.0, 1.0], 2.0, 1.0, 3).shape == (2,)


def test_far_out_tails_underflow_quietly():
    assert mmc_response_tail(1e6, 2, 1, 3) == 0.0
    assert mmc_wait_tail(1e6, 2, 1, 3) == 0.0
    assert mmc_response_tail(1e4, 1 - 1e-9, 1, 1) == pytest.approx(1.0, abs=1e-4)


def test_the_certain_percentile_is_refused():
    for percentile in (mmc_wait_percentile_s, mmc_response_percentile_s):
        with pytest.raises(
            ValueError, match=rf"{percentile.__name__}: q must be a ratio in \[0, 1\)"
        ):
            percentile([0.5, 1.0], 2, 1, 3)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"t_s and the rates must have shapes that broadcast"):
        mmc_wait_tail([0.0, 1.0], [1.0, 1.0, 1.0], 1.0, 3)
