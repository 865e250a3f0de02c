import numpy as np
import pytest
from scipy import stats
from support.agreement import standard_errors_off

from scalelab.workloads.arrivals import poisson_arrivals_s, poisson_arrivals_until_s
from scalelab.workloads.varying_arrivals import storm_arrivals_s, varying_arrivals_s

SAMPLERS = [
    lambda rng: poisson_arrivals_s(50.0, 700, rng=rng),
    lambda rng: poisson_arrivals_until_s(50.0, 10.0, rng=rng),
    lambda rng: varying_arrivals_s(lambda t: 50 + 40 * np.sin(np.pi * t / 5), 90.0, 10.0, rng=rng),
    lambda rng: storm_arrivals_s(20, 170, 3, 5, 10, rng=rng),
]


@pytest.mark.parametrize("sample", SAMPLERS)
def test_times_ascend_from_zero_at_the_wanted_rate(rng, sample):
    """Each of these samplers makes 50 a second on average over the first ten seconds."""
    counts = []
    for stream in rng.spawn(200):
        times = sample(stream)
        assert times[0] >= 0
        assert (np.diff(times) >= 0).all()
        counts.append(np.sum(times < 10))
    assert np.mean(counts) == pytest.approx(500, rel=0.02)


@pytest.mark.parametrize("sample", SAMPLERS)
def test_a_seed_repeats_a_sample(sample):
    first, second = (sample(np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)


def test_poisson_gaps_are_exponential(rng):
    gaps = np.diff(poisson_arrivals_s(5.0, 20_000, rng=rng), prepend=0.0)
    assert stats.kstest(gaps, stats.expon(scale=0.2).cdf).pvalue > 0.001
    assert stats.kstest(gaps, stats.expon(scale=0.22).cdf).pvalue < 0.001  # a 10 % error shows


def test_both_poisson_samplers_are_one_process(rng):
    gaps = np.diff(poisson_arrivals_until_s(5.0, 4_000.0, rng=rng))
    assert stats.kstest(gaps, stats.expon(scale=0.2).cdf).pvalue > 0.001
    counts = [poisson_arrivals_until_s(5.0, 4.0, rng=rng).size for _ in range(4_000)]
    assert standard_errors_off(counts, 20.0) < 4
    assert np.var(counts) == pytest.approx(20.0, rel=0.1)  # Poisson: variance is the mean


def test_a_period_may_be_empty(rng):
    assert poisson_arrivals_until_s(1e-9, 1.0, rng=rng).shape == (0,)
    assert varying_arrivals_s(lambda t: 0.0, 100.0, 1.0, rng=rng).shape == (0,)
