import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.workloads.sessions import poisson_sessions


def begun_lately(times_s):
    """Mean of min(length, time) for Pareto lengths of mean 20 s and index 1.5, over the times."""
    smallest = 20.0 / 3
    return 20.0 - 2 * smallest**1.5 * np.mean(times_s**-0.5)


@pytest.mark.parametrize("tail", ["exponential", "lognormal", "pareto"])
def test_open_sessions_are_rate_times_length_whatever_the_tail(tail):
    """M/G/∞: the mean needs no more than the mean length, of those that have begun by then."""
    times_s = np.arange(1_000.0, 3_000.0, 10)
    open_ones = 5.0 * (begun_lately(times_s) if tail == "pareto" else 20.0)
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        crowd = poisson_sessions(5.0, 20.0, 3_000.0, tail=tail, rng=rng)
        found.append(crowd.open_at(times_s).mean())
    assert standard_errors_off(found, open_ones) < 4
    assert standard_errors_off(found, 1.06 * open_ones) > 4


def test_open_sessions_are_counted_one_by_one(rng):
    crowd = poisson_sessions(2.0, 30.0, 100.0, rng=rng)
    for time in (0.0, 10.0, 55.5, 500.0):
        pairs = zip(crowd.start_s, crowd.end_s, strict=True)
        assert crowd.open_at([time])[0] == sum(a <= time < b for a, b in pairs)
