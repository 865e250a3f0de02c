import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.workloads.modulated_arrivals import modulated_arrivals_s


def counts_of(seed, rates, stays, horizon=20_000.0):
    return modulated_arrivals_s(rates, stays, horizon, rng=np.random.default_rng(seed))


def test_the_mean_rate_is_the_states_rates_by_their_time():
    rates, stays = [50.0, 5.0, 0.0], [2.0, 6.0, 12.0]
    found = [counts_of(seed, rates, stays).size / 20_000 for seed in range(30)]
    theory = np.average(rates, weights=stays)
    assert standard_errors_off(found, theory) < 4
    assert standard_errors_off(found, 1.05 * theory) > 4


def test_bursts_are_as_uneven_as_the_theory_says():
    """Variance over mean in intervals that are long beside the bursts."""
    spreads = []
    for seed in range(40):
        counts = np.histogram(counts_of(seed, [40.0, 0.0], [1.0, 3.0]), 100, (0, 20_000))[0]
        spreads.append(counts.var(ddof=1) / counts.mean())
    off = 3 / (1 + 3)  # share of time; Heffes and Lucantoni 1986, eq. 4
    theory = 1 + 2 * 40 * off**2 * 1
    assert standard_errors_off(spreads, theory) < 4
    assert standard_errors_off(spreads, 1.2 * theory) > 4


def test_one_state_is_poisson():
    found = [counts_of(seed, [3.0], [5.0], 1_000.0).size / 1_000 for seed in range(60)]
    assert standard_errors_off(found, 3.0) < 4
    assert np.var(found) == pytest.approx(3.0 / 1_000, rel=0.5)


def test_it_begins_in_its_stationary_state():
    early = [counts_of(seed, [10.0, 0.0], [1.0, 9.0], 0.5).size for seed in range(2_000)]
    assert standard_errors_off(early, 10.0 * 0.1 * 0.5) < 4


def test_arrivals_ascend_within_the_horizon():
    times = counts_of(1, [9.0, 1.0], [0.1, 5.0], 100.0)
    assert (np.diff(times) >= 0).all()
    assert 0 <= times[0] <= times[-1] < 100
