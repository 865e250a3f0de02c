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


def test_thinning_follows_the_rate(rng):
    """Counts in ten stretches of a rising rate, against their integrals."""
    edges = np.linspace(0, 10, 11)
    counts = np.zeros(10)
    for _ in range(200):
        times = varying_arrivals_s(lambda t: 3 * t, 30.0, 10.0, rng=rng)
        counts += np.histogram(times, edges)[0]
    expected = 200 * 1.5 * np.diff(edges**2)
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(chi_square, 10) > 0.001
    flat = np.full(10, expected.sum() / 10)
    assert stats.chi2.sf(((counts - flat) ** 2 / flat).sum(), 10) < 1e-9


def test_a_storm_is_a_step(rng):
    inside, before, after = [], [], []
    for _ in range(100):
        times = storm_arrivals_s(5.0, 80.0, 20.0, 30.0, 40.0, rng=rng)
        inside.append(np.sum((times >= 20) & (times < 30)))
        before.append(np.sum(times < 20))
        after.append(np.sum(times >= 30))
    for counts, expected in ((inside, 800), (before, 100), (after, 50)):
        assert standard_errors_off(counts, expected) < 4
        assert standard_errors_off(counts, 1.1 * expected) > 4


def test_a_lull_is_a_storm_upside_down(rng):
    times = storm_arrivals_s(100.0, 1.0, 2.0, 8.0, 10.0, rng=rng)
    assert np.sum((times >= 2) & (times < 8)) < 30 < np.sum(times < 2)


def test_a_period_may_be_empty(rng):
    assert poisson_arrivals_until_s(1e-9, 1.0, rng=rng).shape == (0,)
    assert varying_arrivals_s(lambda t: 0.0, 100.0, 1.0, rng=rng).shape == (0,)


def test_a_rate_above_its_bound_is_refused(rng):
    with pytest.raises(ValueError, match=r"rate_at\(times\) must be <= max_rate_per_s=10, got 20"):
        varying_arrivals_s(lambda t: 20.0, 10.0, 5.0, rng=rng)


def test_a_storm_that_ends_before_it_begins_is_refused(rng):
    with pytest.raises(ValueError, match=r"storm_end_s must be >= storm_start_s=3, got 2\.0"):
        storm_arrivals_s(1, 2, 3, 2, 10, rng=rng)
