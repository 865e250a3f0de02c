import math

import numpy as np
import pytest
from scipy import stats
from support.agreement import standard_errors_off

from scalelab.sim.statistics import Estimate, estimate


def test_estimate_is_scipys(rng):
    samples = rng.lognormal(size=30)
    result = estimate(samples)
    assert result.mean == pytest.approx(samples.mean())
    assert result.standard_error == pytest.approx(stats.sem(samples))


def test_distance_is_students_t(rng):
    samples = rng.normal(size=12)
    t = stats.ttest_1samp(samples, 0.3).statistic
    assert standard_errors_off(samples, 0.3) == pytest.approx(abs(t))


def test_distance_without_spread():
    assert standard_errors_off([2.0, 2.0], 2.0) == 0.0
    assert standard_errors_off([2.0, 2.0], 2.1) == math.inf


def test_distance_seldom_exceeds_three(rng):
    off = [standard_errors_off(rng.normal(5, 2, 20), 5) for _ in range(2_000)]
    expected = 2 * stats.t.sf(3, 19)  # 0.74 %
    assert np.mean(np.array(off) > 3) == pytest.approx(
        expected, abs=4 * math.sqrt(expected / 2_000)
    )


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1e-300, 1e300, -2.6])
@pytest.mark.parametrize("runs", [2, 20, 30, 50])
def test_equal_samples_have_no_spread_of_rounding(value, runs):
    """The rounded mean of equal numbers is another number, and was seven standard errors off."""
    assert standard_errors_off([value] * runs, value) == 0.0
    assert standard_errors_off([value] * runs, 2 * value) == math.inf
    assert estimate([value] * runs) == Estimate(mean=value, standard_error=0.0)
