import numpy as np
import pytest
from scipy import stats
from support.agreement import standard_errors_off

from scalelab.workloads.varying_arrivals import storm_arrivals_s, varying_arrivals_s


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


def test_a_rate_above_its_bound_is_refused(rng):
    with pytest.raises(ValueError, match=r"rate_at\(times\) must be <= max_rate_per_s=10, got 20"):
        varying_arrivals_s(lambda t: 20.0, 10.0, 5.0, rng=rng)


def test_a_storm_that_ends_before_it_begins_is_refused(rng):
    with pytest.raises(ValueError, match=r"storm_end_s must be >= storm_start_s=3, got 2\.0"):
        storm_arrivals_s(1, 2, 3, 2, 10, rng=rng)
