import pytest
from support.agreement import standard_errors_off

from scalelab.models.cache_races import (
    reordered_writes_probability,
    stale_fill_probability,
    worst_staleness_s,
)


def test_races():
    assert stale_fill_probability([1, 10], 0.005) == pytest.approx([0.004988, 0.04877], abs=1e-5)
    assert reordered_writes_probability([10, 100], 0.001) == pytest.approx(
        [0.00495, 0.04545], abs=1e-5
    )
    assert worst_staleness_s([60, 600]) == 660


def test_reordered_writes_agree_with_draws(rng):
    between = rng.exponential(1 / 5.0, (40, 5_000))
    first, second = rng.exponential(0.05, (2, 40, 5_000))
    shares = (first > between + second).mean(axis=1)
    assert standard_errors_off(shares, reordered_writes_probability(5.0, 0.05)) < 4
    assert standard_errors_off(shares, 1.1 * reordered_writes_probability(5.0, 0.05)) > 4
