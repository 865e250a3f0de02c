import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import irwinhall, lognorm

from scalelab.models.lag_laws import (
    ConstantLag,
    ExponentialLag,
    LogNormalLag,
    UniformSumLag,
    lognormal_from_percentiles,
)
from scalelab.models.write_latency import (
    kth_latency_mean_s,
    kth_latency_percentile_s,
)

LAWS = [
    LogNormalLag(median_s=0.1, log_sd=1.5),
    ExponentialLag(mean_s=0.2),
    UniformSumLag(stages_s=((0.1, 0.5), (0.0, 1.0), (0.2, 0.3))),
]


@given(median=st.floats(1e-4, 10), sd=st.floats(0.05, 3), q=st.floats(0.001, 0.999))
def test_the_log_normal_is_scipys(median, sd, q):
    ours, theirs = LogNormalLag(median_s=median, log_sd=sd), lognorm(sd, scale=median)
    assert ours.quantile(q) == pytest.approx(theirs.ppf(q))
    assert ours.tail(theirs.ppf(q)) == pytest.approx(1 - q)
    assert ours.mean_s == pytest.approx(theirs.mean())
    assert ours.tail(0) == 1


@pytest.mark.parametrize("stages", [1, 2, 3, 5, 8])
def test_equal_stages_are_irwin_and_hall(stages):
    lag = UniformSumLag(stages_s=((0.0, 1.0),) * stages)
    times = np.linspace(0, stages, 41)
    assert lag.tail(times) == pytest.approx(irwinhall(stages).sf(times), abs=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_tail_quantile_and_mean_belong_together(law):
    shares = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    assert 1 - law.tail(law.quantile(shares)) == pytest.approx(shares, abs=1e-9)
    mean = quad(law.tail, 0, 2, limit=200)[0] + quad(law.tail, 2, np.inf, limit=200)[0]
    assert law.mean_s == pytest.approx(mean, rel=1e-5)


def test_stages_of_unequal_width(rng):
    lag = UniformSumLag(stages_s=((0.1, 0.5), (0.0, 1.0)))
    draws = rng.uniform(0.1, 0.5, 400_000) + rng.uniform(0, 1, 400_000)
    for time in (0.2, 0.5, 0.8, 1.4):
        assert lag.tail(time) == pytest.approx(np.mean(draws > time), abs=0.004)
    assert lag.tail(0.5) == pytest.approx(0.8)  # by hand: 1 − 0.4²/2/0.4
    assert ConstantLag(mean_s=0.1).quantile(0.7) == 0.1


@given(low=st.floats(1e-3, 1), factor=st.floats(1.1, 1_000))
def test_the_percentiles_are_met(low, factor):
    lag = lognormal_from_percentiles(low, low * factor)
    assert lag.quantile([0.05, 0.95]) == pytest.approx([low, low * factor])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_one_of_one_is_the_law_itself(law):
    assert kth_latency_percentile_s(law, 0.99, 1, 1) == pytest.approx(law.quantile(0.99))
    assert kth_latency_mean_s(law, 1, 1) == pytest.approx(law.mean_s, rel=1e-4)


STAGES = [
    *([(0.0, 1.0), (0.0, ratio), (0.0, ratio / 3)] for ratio in (1e-6, 1e-4, 1e-2, 0.3, 1.0)),
    [(0.0, 86_400.0), *[(0.0, 1.0)] * 5],  # a day's batch, and five short stages
    [(0.0, 3_600.0), *[(0.0, 0.05)] * 4],
    [(0.1, 1.1 + 10.0**-power) for power in range(8)],
    [(0.0, 10.0**-power) for power in range(7)],
    [(0.0, 1.0)] * 8,
]


@pytest.mark.parametrize("stages", STAGES)
def test_sums_of_very_different_stages(rng, stages):
    """Against a simulation, whose quantiles are theirs within five standard errors."""
    lag, runs = UniformSumLag(stages_s=tuple(stages)), 200_000
    sums = sum(rng.uniform(low, high, runs) for low, high in stages)
    share = np.array([0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999])
    error = np.sqrt(share * (1 - share) / runs)
    assert np.all(np.abs(1 - lag.tail(np.quantile(sums, share)) - share) < 5 * error)
    if len(stages) < 7:
        assert 1 - lag.tail(lag.quantile(share)) == pytest.approx(share, rel=1e-9)
    times = np.linspace(sums.min(), sums.max(), 501)
    tails = lag.tail(times)
    assert np.diff(tails).max() < 1e-12  # it falls
    assert tails[250:] == pytest.approx(1 - lag.tail(lag.mean_s * 2 - times[250:]), abs=1e-9)


def test_the_comparison_with_a_simulation_can_fail(rng):
    lag, runs = UniformSumLag(stages_s=((0.0, 1.0), (0.0, 0.02))), 200_000
    sums = rng.uniform(0, 1, runs) + 0.02
    far = abs(1 - lag.tail(np.quantile(sums, 0.5)) - 0.5)
    assert far > 5 * np.sqrt(0.25 / runs)


def test_far_tails_of_a_sum_have_right_digits():
    """Near its end the tail of m stages is a power of what is left."""
    widths = [1.0, 0.01, 1e-4]
    lag = UniformSumLag(stages_s=tuple((0.0, width) for width in widths))
    left = 1e-7
    expected = left**3 / (6 * np.prod(widths))
    assert lag.tail(sum(widths) - left) == pytest.approx(expected, rel=1e-6)
    assert 1 - UniformSumLag(stages_s=((0.0, 1.0),)).tail(0.25) == 0.25


@pytest.mark.parametrize("scv", [0.0, 0.3, 1.0, 4.0])
def test_a_law_of_two_moments_has_them(scv):
    from scalelab.models.lag_laws import law_with_scv

    law = law_with_scv(0.01, scv)
    assert law.mean_s == pytest.approx(0.01)
    shares = (np.arange(200_000) + 0.5) / 200_000
    times = np.asarray(law.quantile(shares))
    assert times.var() / times.mean() ** 2 == pytest.approx(scv, rel=0.05, abs=1e-12)
