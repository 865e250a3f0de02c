import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.workloads.sessions import poisson_sessions


@pytest.mark.parametrize("tail", ["exponential", "lognormal", "pareto"])
def test_open_sessions_are_rate_times_length_whatever_the_tail(tail):
    """M/G/∞: the mean needs no more than the mean length."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        crowd = poisson_sessions(5.0, 20.0, 3_000.0, tail=tail, shape=3.0, rng=rng)
        found.append(crowd.open_at(np.arange(1_000.0, 3_000.0, 10)).mean())
    assert standard_errors_off(found, 100.0) < 4
    assert standard_errors_off(found, 106.0) > 4


def test_open_sessions_are_counted_one_by_one(rng):
    crowd = poisson_sessions(2.0, 30.0, 100.0, rng=rng)
    for time in (0.0, 10.0, 55.5, 500.0):
        pairs = zip(crowd.start_s, crowd.end_s, strict=True)
        assert crowd.open_at([time])[0] == sum(a <= time < b for a, b in pairs)
