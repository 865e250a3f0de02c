import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import pareto, poisson

from scalelab.models.infinite_servers import (
    constant_drain_s,
    exponential_drain_s,
    fill_share,
    fill_time_s,
    log10_occupancy_tail,
    pareto_drain_percentile_s,
)


@given(mean=st.floats(0.01, 2_000), sessions=st.integers(0, 3_000))
def test_occupancy_is_scipys_poisson(mean, sessions):
    theirs = poisson.logsf(sessions - 1, mean) / math.log(10)
    if theirs > -200:  # scipy underflows beyond 1e-300
        assert log10_occupancy_tail(mean, sessions) == pytest.approx(theirs, rel=1e-6, abs=1e-9)


def test_a_thousand_sessions_on_one_of_three_servers():
    assert log10_occupancy_tail(1_600 / 3, 1_000) == pytest.approx(-71.9, abs=0.05)
    assert log10_occupancy_tail(1e6, 3_000_000) < -5e5  # far below the smallest float


@given(sessions=st.integers(1, 2_000))
def test_the_last_of_n_exponentials(sessions):
    assert exponential_drain_s(sessions, 1) == pytest.approx(
        sum(1 / k for k in range(1, sessions + 1))
    )


def test_drains_of_500_sessions(rng):
    assert exponential_drain_s(500, 600) / 60 == pytest.approx(67.9, abs=0.05)
    last = rng.exponential(600, (20_000, 500)).max(axis=1)
    error = last.std() / math.sqrt(last.size)
    assert abs(last.mean() - exponential_drain_s(500, 600)) < 4 * error
    assert abs(last.mean() - 1.1 * exponential_drain_s(500, 600)) > 4 * error
    uniform = rng.uniform(0, 600, (20_000, 5)).max(axis=1)
    assert constant_drain_s(5, 600) == pytest.approx(uniform.mean(), rel=0.01)


@given(q=st.floats(0.01, 0.99), sessions=st.integers(1, 300), shape=st.floats(1.2, 4))
def test_heavy_tails_by_integration(q, sessions, shape):
    """What is left of a session outlasts t with probability ∫ S(x) dx from t, over the mean."""
    time = pareto_drain_percentile_s(q, sessions, 1.0, shape=shape)
    law = pareto(shape, scale=(shape - 1) / shape)
    assert law.mean() == pytest.approx(1)
    if time < 50:  # beyond it the integral loses its digits
        corner = [min(law.support()[0], time)]
        ended = quad(law.sf, 0, time, points=corner, limit=400)[0]
        assert ended**sessions == pytest.approx(q, abs=1e-6)


def test_a_new_server_fills_slowly():
    assert fill_share(1.0, 1.0) == pytest.approx(0.6321, abs=5e-5)
    assert fill_time_s(0.9, 1.0) == pytest.approx(2.303, abs=5e-4)
    assert fill_share(fill_time_s(0.3, 7.0), 7.0) == pytest.approx(0.3)
