import math

import numpy as np
import pytest
from scipy import stats

from scalelab.models.mg1 import mg1_mean_wait_s
from scalelab.sim.queue import queue_waits_s
from scalelab.sim.statistics import Estimate, batch_means, estimate, standard_errors_off
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s


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


def test_batches_keep_the_mean():
    assert batch_means(np.arange(10.0), 5).tolist() == [0.5, 2.5, 4.5, 6.5, 8.5]
    assert batch_means(np.arange(11.0), 5)[0] == 1.5  # the first value is left out
    assert batch_means(np.arange(5.0), 5).tolist() == [0, 1, 2, 3, 4]


def test_batch_means_see_what_single_waits_hide(rng):
    """Successive waits go together: taken one by one their error looks far too small."""
    arrivals = poisson_arrivals_s(0.8, 400_000, rng=rng)
    waits = queue_waits_s(arrivals, exponential_times_s(1.0, 400_000, rng=rng))
    honest = estimate(batch_means(waits, 20)).standard_error
    naive = estimate(waits).standard_error
    assert honest > 5 * naive
    assert standard_errors_off(batch_means(waits, 20), mg1_mean_wait_s(0.8, 1, 1)) < 4


def test_more_batches_than_values_is_refused():
    with pytest.raises(ValueError, match=r"batches must be <= 3, the length of series, got 4"):
        batch_means([1.0, 2.0, 3.0], 4)


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1e-300, 1e300, -2.6])
@pytest.mark.parametrize("runs", [2, 20, 30, 50])
def test_equal_samples_have_no_spread_of_rounding(value, runs):
    """The rounded mean of equal numbers is another number, and was seven standard errors off."""
    assert standard_errors_off([value] * runs, value) == 0.0
    assert standard_errors_off([value] * runs, 2 * value) == math.inf
    assert estimate([value] * runs) == Estimate(mean=value, standard_error=0.0)
