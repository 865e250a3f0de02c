import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.lag_laws import ExponentialLag, LogNormalLag
from scalelab.models.tail_at_scale import (
    fanout_quantile_s,
    fanout_slow_share,
    hedged_tail,
    leaf_quantile_needed,
)

SHARD = LogNormalLag(median_s=0.010, log_sd=0.8)


def test_dean_and_barroso():
    """Dean and Barroso 2013: 63 % of requests to 100 servers; nearly one in five to 2,000."""
    assert fanout_slow_share(0.99, 100) == pytest.approx(0.63, abs=0.005)
    assert fanout_slow_share(0.9999, 2_000) == pytest.approx(0.18, abs=0.005)
    assert fanout_slow_share(0.99, [3, 10]) == pytest.approx([0.0297, 0.09562], abs=5e-5)


@given(q=st.floats(0.01, 0.9999), fanout=st.integers(1, 10_000))
def test_needed_quantile_is_the_inverse(q, fanout):
    assert 1 - fanout_slow_share(leaf_quantile_needed(q, fanout), fanout) == pytest.approx(q)


def test_asking_every_shard(rng):
    medians = fanout_quantile_s(SHARD, 0.5, [1, 10, 100])
    assert medians == pytest.approx([0.010, 0.03322, 0.07168], rel=0.005)
    slowest = SHARD.quantile(rng.uniform(1e-12, 1, (20_000, 10))).max(axis=1)
    assert np.mean(slowest <= medians[1]) == pytest.approx(0.5, abs=0.015)
    assert abs(np.mean(slowest <= 1.1 * medians[1]) - 0.5) > 0.015


def test_hedging_by_simulation(rng):
    first, second = SHARD.quantile(rng.uniform(1e-12, 1, (2, 400_000)))
    hedge = SHARD.quantile(0.95)
    answer = np.where(first > hedge, np.minimum(first, hedge + second), first)
    for time in (0.02, 0.045, 0.06):
        late = np.mean(answer > time)
        error = np.sqrt(late * (1 - late) / answer.size)
        ours = hedged_tail(SHARD, time, hedge)
        assert abs(late - ours) < 4 * error < abs(late - 1.25 * ours)


def test_hedging_without_memory():
    law = ExponentialLag(mean_s=1.0)
    assert hedged_tail(law, 3.0, 1.0) == pytest.approx(np.exp(-3.0 - 2.0))
    assert hedged_tail(law, 0.5, 1.0) == law.tail(0.5)
    assert hedged_tail(law, 2.0, 0.0) == pytest.approx(law.tail(2.0) ** 2)


@pytest.mark.parametrize("fanout", [1, 10, 10**3, 10**6, 10**9, 10**12, 10**15])
def test_the_quantile_of_very_many_answers(fanout):
    """All of n exponential answers are in by -log(1 - q^(1/n)), and q^(1/n) is nearly 1."""
    law = ExponentialLag(mean_s=2.0)
    expected = -2.0 * np.log(-np.expm1(np.log(0.5) / fanout))
    assert fanout_quantile_s(law, 0.5, fanout) == pytest.approx(expected, rel=1e-12)
    slow = LogNormalLag(median_s=0.01, log_sd=0.8)
    share = slow.tail(fanout_quantile_s(slow, 0.5, fanout))
    assert share == pytest.approx(-np.expm1(np.log(0.5) / fanout), rel=1e-6)
