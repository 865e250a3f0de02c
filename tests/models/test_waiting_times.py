import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from scalelab.models.erlang import erlang_c, mm1_mean_response_s, mmc_mean_response_s
from scalelab.models.waiting_times import mmc_response_percentile_s, mmc_wait_percentile_s

loads = st.floats(0.01, 0.99)
shares = st.floats(0.0, 0.9999)


def late_share(time_s, arrival, servers):
    """P(W + S > t) with a service rate of 1: the convolution of both, integrated by hand."""
    waiting, spare = erlang_c(arrival, 1, servers), servers - arrival
    both, _ = quad(
        lambda s: waiting * spare * math.exp(-spare * s) * math.exp(-(time_s - s)), 0, time_s
    )
    return both + waiting * math.exp(-spare * time_s) + (1 - waiting) * math.exp(-time_s)


def test_one_server_has_exponential_response():
    """M/M/1: response is exponential with rate μ − λ (Harchol-Balter 2013, ch. 27)."""
    for share in (0.0, 0.5, 0.99):
        expected = -math.log(1 - share) * mm1_mean_response_s(80, 100)
        assert mmc_response_percentile_s(share, 80, 100, 1) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.99])
@pytest.mark.parametrize(
    ("arrival", "servers"), [(0.5, 1), (2, 3), (2.0000001, 3), (9, 10), (3, 40)]
)
def test_a_percentile_inverts_the_convolution(arrival, servers, q):
    """At λ = (c − 1)μ both rates are equal, where the textbook fraction is 0/0."""
    time_s = mmc_response_percentile_s(q, arrival, 1, servers)
    assert late_share(time_s, arrival, servers) == pytest.approx(1 - q, abs=1e-9)
    assert late_share(1.05 * time_s, arrival, servers) != pytest.approx(1 - q, abs=1e-4)


@pytest.mark.parametrize(("arrival", "servers"), [(0.5, 1), (9.5, 10), (3, 40)])
def test_percentiles_average_to_the_mean(arrival, servers):
    mean, _ = quad(lambda q: mmc_response_percentile_s(q, arrival, 1, servers), 0, 1 - 1e-9)
    assert mean == pytest.approx(mmc_mean_response_s(arrival, 1, servers), rel=1e-4)


@given(rho=loads, servers=st.integers(1, 100), q=shares)
def test_a_wait_is_exceeded_as_the_text_book_says(rho, servers, q):
    """P(W > t) = C exp(−(cμ − λ)t): Gross et al. 2008, sec. 2.3."""
    wait = mmc_wait_percentile_s(q, rho * servers, 1.0, servers)
    exceeded = erlang_c(rho * servers, 1.0, servers) * math.exp(-(servers - rho * servers) * wait)
    assert exceeded <= (1 - q) * (1 + 1e-9)
    assert wait == 0 or exceeded == pytest.approx(1 - q)
    assert wait <= mmc_response_percentile_s(q, rho * servers, 1.0, servers) + 1e-12


@given(rho=loads, servers=st.integers(1, 100), low=shares, high=shares)
def test_percentiles_ascend(rho, servers, low, high):
    low, high = min(low, high), max(low, high)
    small, large = mmc_response_percentile_s([low, high], rho * servers, 1, servers)
    assert small <= large * (1 + 1e-12)


def test_arrays_broadcast():
    times = mmc_response_percentile_s([[0.5], [0.99]], [1.0, 2.0, 2.9], 1.0, 3)
    assert times.shape == (2, 3)
    assert times[1, 2] == pytest.approx(mmc_response_percentile_s(0.99, 2.9, 1.0, 3))


def test_a_load_near_one_has_long_but_finite_percentiles():
    slow = mmc_response_percentile_s([0.5, 0.999999], 1 - 1e-9, 1, 1)
    assert np.all(np.isfinite(slow))
    assert slow[0] == pytest.approx(math.log(2) * 1e9, rel=1e-6)


def test_the_certain_percentile_is_refused():
    with pytest.raises(ValueError, match=r"percentile_s: q must be a ratio in \[0, 1\)"):
        mmc_response_percentile_s([0.5, 1.0], 2, 1, 3)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"q and the rates must have shapes that broadcast"):
        mmc_response_percentile_s([0.0, 0.5], [1.0, 1.0, 1.0], 1.0, 3)
