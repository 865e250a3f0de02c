import math

import numpy as np
import pytest
from scipy import stats
from support.agreement import standard_errors_off

from scalelab.workloads.service_times import (
    exponential_times_s,
    hyperexponential_times_s,
    lognormal_times_s,
    pareto_times_s,
)

# sampler, its extra arguments, its scv
CASES = [
    (exponential_times_s, {}, 1.0),
    (lognormal_times_s, {"scv": 0.3}, 0.3),
    (lognormal_times_s, {"scv": 2.0}, 2.0),
    (hyperexponential_times_s, {"scv": 1.0}, 1.0),
    (hyperexponential_times_s, {"scv": 3.0}, 3.0),
]


@pytest.mark.parametrize(("sampler", "shape", "scv"), CASES)
def test_first_two_moments(rng, sampler, shape, scv):
    means, squares = [], []
    for stream in rng.spawn(30):
        times = sampler(0.005, 20_000, rng=stream, **shape)
        assert times.shape == (20_000,)
        assert (times >= 0).all()
        means.append(times.mean())
        squares.append(np.mean(times**2))
    assert standard_errors_off(means, 0.005) < 4
    assert standard_errors_off(means, 0.0051) > 4
    assert standard_errors_off(squares, 0.005**2 * (1 + scv)) < 4
    assert standard_errors_off(squares, 0.005**2 * (1 + scv) * 1.15) > 4


def test_lognormal_is_scipys(rng):
    times = lognormal_times_s(2.0, 20_000, scv=1.5, rng=rng)
    sigma = np.sqrt(np.log(2.5))
    known = stats.lognorm(s=sigma, scale=2.0 * np.exp(-(sigma**2) / 2))
    assert known.mean() == pytest.approx(2.0)
    assert known.var() == pytest.approx(1.5 * 4.0)
    assert stats.kstest(times, known.cdf).pvalue > 0.001


def test_phases_are_balanced(rng):
    """Each phase makes up half of the work: Whitt 1982, sec. 3, p = (1 + √((c²−1)/(c²+1)))/2."""
    times = hyperexponential_times_s(1.0, 20_000, scv=9.0, rng=rng)
    p = (1 + np.sqrt(8 / 10)) / 2

    def cdf(t):
        return 1 - p * np.exp(-2 * p * t) - (1 - p) * np.exp(-2 * (1 - p) * t)

    assert stats.kstest(times, cdf).pvalue > 0.001
    assert stats.kstest(times, stats.expon.cdf).pvalue < 1e-9


def test_extreme_variation_does_not_cancel(rng):
    times = hyperexponential_times_s(1.0, 1_000, scv=1e12, rng=rng)
    assert np.isfinite(times).all()


def test_too_even_for_a_mixture_is_refused(rng):
    with pytest.raises(
        ValueError, match=r"scv must be >= 1, got 0\.5; lognormal_times_s takes any"
    ):
        hyperexponential_times_s(1.0, 3, scv=0.5, rng=rng)


@pytest.mark.parametrize(("sampler", "shape", "_scv"), CASES)
def test_a_seed_repeats_a_sample(sampler, shape, _scv):
    first, second = (sampler(1.0, 9, rng=np.random.default_rng(7), **shape) for _ in range(2))
    assert np.array_equal(first, second)


def test_pareto_has_its_tail(rng):
    times = pareto_times_s(3.0, 300_000, shape=1.5, rng=rng)
    smallest = 1.0  # 3 × 0.5 / 1.5
    assert times.min() >= smallest
    for t in (2.0, 10.0):
        share = (smallest / t) ** 1.5
        assert np.mean(times > t) == pytest.approx(share, abs=4 * math.sqrt(share / 300_000))
