import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from scalelab.models._mmc import blocking
from scalelab.models.erlang import (
    UnstableQueueError,
    erlang_c,
    mm1_mean_response_s,
    mmc_mean_response_s,
    mmc_mean_wait_s,
)


def test_erlang_c_by_hand():
    assert erlang_c(2, 1, 3) == pytest.approx(4 / 9)
    assert erlang_c(1, 1, 2) == pytest.approx(1 / 3)
    assert erlang_c(0.7, 1, 1) == pytest.approx(0.7)  # one server: busy, so one waits


@pytest.mark.parametrize(
    ("servers", "load"),
    [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.9), (100, 84.06)],
)
def test_erlang_b_table(servers, load):
    """Loads for 1 % blocking to four digits, as in the tables of every teletraffic book.

    Iversen, *Teletraffic Engineering Handbook*, ITU-D 2001, appendix.
    """
    assert blocking(load, servers) == pytest.approx(0.01, rel=0.005)


def test_the_claimed_pool():
    """1,000 queries per second of 5 ms: ten connections, or eight."""
    assert erlang_c(1_000, 200, 10) == pytest.approx(0.03611, abs=5e-6)
    assert erlang_c(1_000, 200, 8) == pytest.approx(0.1673, abs=5e-5)
    assert mmc_mean_wait_s(1_000, 200, 10) == pytest.approx(0.036e-3, abs=5e-7)
    assert mmc_mean_wait_s(1_000, 200, 8) == pytest.approx(0.28e-3, abs=5e-6)


@pytest.mark.parametrize(("arrival", "servers"), [(0.3, 1), (2.8, 3), (7, 8), (30, 40)])
def test_brute_force(stationary, arrival, servers):
    """A chain long enough to stand for an endless line."""
    number = np.arange(500)
    busy = np.minimum(number, servers)
    share = stationary(np.full(number.size - 1, arrival), busy[1:].astype(float))
    assert erlang_c(arrival, 1, servers) == pytest.approx(share[servers:].sum(), rel=1e-6)
    waiting = share @ (number - busy)
    assert mmc_mean_wait_s(arrival, 1, servers) == pytest.approx(waiting / arrival, rel=1e-6)
    inside = share @ number
    assert mmc_mean_response_s(arrival, 1, servers) == pytest.approx(inside / arrival, rel=1e-6)


@pytest.mark.parametrize("beta", [0.2, 1.0, 2.0])
def test_large_fleets_approach_halfin_and_whitt(beta):
    """Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers", 1981."""
    load = 1e5
    servers = round(load + beta * np.sqrt(load))
    spare = (servers - load) / np.sqrt(load)
    limit = 1 / (1 + spare * norm.cdf(spare) / norm.pdf(spare))
    assert erlang_c(load, 1, servers) == pytest.approx(limit, rel=0.01)


@given(rho=st.floats(0.01, 0.99), servers=st.integers(1, 200))
def test_pooling_never_hurts(rho, servers):
    small = erlang_c(rho * servers, 1, servers)
    large = erlang_c(rho * 2 * servers, 1, 2 * servers)
    assert 0 <= large <= small * (1 + 1e-12) <= 1 + 1e-9


@given(rho=st.floats(0.001, 0.999), servers=st.integers(1, 300))
def test_erlang_b_and_c_are_in_order(rho, servers):
    blocked, waiting = blocking(rho * servers, servers), erlang_c(rho * servers, 1, servers)
    assert 0 <= blocked <= waiting <= 1


@given(
    rho=st.floats(0.01, 0.999),
    servers=st.integers(1, 50),
    speed=st.floats(1e-6, 1e6),
)
def test_time_has_no_unit_of_its_own(rho, servers, speed):
    scaled = mmc_mean_wait_s(rho * servers * speed, speed, servers)
    assert scaled * speed == pytest.approx(mmc_mean_wait_s(rho * servers, 1, servers), rel=1e-6)


@given(rho=st.floats(0.001, 0.99))
def test_one_server_is_mm1(rho):
    assert mmc_mean_response_s(rho, 1, 1) == pytest.approx(mm1_mean_response_s(rho, 1))


def test_arrays_broadcast_and_scalars_stay_scalars():
    grid = mmc_mean_wait_s([[0.5], [0.9]], [1.0, 2.0, 4.0], 1)
    assert grid.shape == (2, 3)
    assert grid[1, 2] == pytest.approx(mmc_mean_wait_s(0.9, 4.0, 1))
    assert type(erlang_c(1.0, 1.0, 2)) is float
    assert type(erlang_c(np.float32(1.0), 1, 2)) is float


def test_extremes_neither_overflow_nor_warn():
    assert blocking(1e-300, 5_000) == 0.0
    assert blocking(1e300, 5) == pytest.approx(1.0)
    assert erlang_c(1e-12, 1, 2_000) == 0.0
    assert mmc_mean_wait_s(99_999.0, 1.0, 100_000) > 0


@pytest.mark.parametrize("function", [erlang_c, mmc_mean_wait_s, mmc_mean_response_s])
def test_unstable_load_is_named(function):
    rule = (
        rf"{function.__name__}: offered load must be < servers=10, got 12\.0; .*add servers or shed"
    )
    with pytest.raises(UnstableQueueError, match=rule):
        function(12, 1, 10)
    with pytest.raises(UnstableQueueError, match=r"got 10\.0;"):
        function([1, 10], 1, 10)


def test_full_load_on_one_server_is_unstable():
    with pytest.raises(UnstableQueueError, match=r"mm1_mean_response_s: .* servers=1, got 1\.0;"):
        mm1_mean_response_s(5, 5)
