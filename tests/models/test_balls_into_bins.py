import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from scalelab.models.balls_into_bins import mean_max_load, mean_max_load_normal


@pytest.mark.parametrize(("balls", "bins"), [(1, 1), (3, 3), (6, 2), (5, 4), (2, 7)])
def test_every_assignment_counted(balls, bins):
    loads = [max(map(case.count, case)) for case in product(range(bins), repeat=balls)]
    assert mean_max_load(balls, bins) == pytest.approx(np.mean(loads))


@given(balls=st.integers(1, 600))
def test_two_bins_are_a_binomial(balls):
    number = np.arange(balls + 1)
    mean = binom.pmf(number, balls, 0.5) @ np.maximum(number, balls - number)
    assert mean_max_load(balls, 2) == pytest.approx(mean)


def simulated(rng, balls, bins, runs):
    return rng.multinomial(balls, np.full(bins, 1 / bins), size=runs).max(axis=1)


@pytest.mark.parametrize(("balls", "bins"), [(1_000, 4), (100, 10), (50, 50)])
def test_simulation_agrees_and_could_disagree(rng, balls, bins):
    loads = simulated(rng, balls, bins, 20_000)
    error = loads.std() / np.sqrt(loads.size)
    assert abs(loads.mean() - mean_max_load(balls, bins)) < 4 * error
    assert abs(loads.mean() - 1.02 * mean_max_load(balls, bins)) > 4 * error


def test_many_balls_are_normal():
    assert mean_max_load_normal(5_000, 4) == pytest.approx(mean_max_load(5_000, 4), rel=2e-4)
    assert 3e-6 * mean_max_load_normal(1_000_000, 3) == pytest.approx(1.0015, abs=1e-4)


def test_as_many_balls_as_bins():
    """The mean for n balls grows like ln n / ln ln n."""
    means = [mean_max_load(n, n) for n in (10, 100, 1_000)]
    assert np.all(np.diff(means) > 0.8)
    assert means[2] < 2 * math.log(1_000) / math.log(math.log(1_000))


def test_too_many_balls_are_refused():
    with pytest.raises(ValueError, match=r"balls must be <= 20000, got 1000000; use mean_max"):
        mean_max_load(1_000_000, 3)
