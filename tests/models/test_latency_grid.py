"""Latencies on a grid against closed forms and against draws by hand."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.lag_laws import ConstantLag, ExponentialLag, LogNormalLag
from scalelab.models.latency_grid import GridLatency, LatencyGrid, mixture
from scalelab.models.mgc_wait import WaitLaw
from scalelab.models.waiting_times import mmc_response_percentile_s

GRID = LatencyGrid(longest_s=1.0)
STAGE = ExponentialLag(mean_s=0.02)


@given(
    law=st.sampled_from(
        [
            STAGE,
            LogNormalLag(median_s=0.02, log_sd=0.9),
            WaitLaw(wait_probability=0.6, mean_if_waiting_s=0.03),
        ]
    ),
    q=st.floats(0.65, 0.995),
)
def test_a_law_on_the_grid_is_the_law(law, q):
    assert GRID.law(law).quantile(q) == pytest.approx(law.quantile(q), rel=2e-3)
    assert GRID.law(law).tail(0.05) == pytest.approx(law.tail(0.05), abs=1e-4)
    assert GRID.law(law).mean_s == pytest.approx(law.mean_s, rel=2e-3)


@pytest.mark.parametrize("stages", [2, 3, 5])
def test_a_sum_of_exponentials_is_erlangs(stages):
    from scipy.stats import gamma

    one = GRID.law(STAGE)
    total = reduce(GridLatency.then, [one] * stages)
    for q in (0.5, 0.99, 0.999):
        assert total.quantile(q) == pytest.approx(gamma(stages, scale=0.02).ppf(q), rel=1e-3)


def test_wait_and_service_are_the_response_of_an_mmc_queue():
    from scalelab.models.mgc_wait import mgc_wait

    response = GRID.law(mgc_wait(170, 0.02, 1.0, 4)).then(GRID.law(STAGE))
    for q in (0.5, 0.9, 0.99):
        expected = mmc_response_percentile_s(q, 170, 50, servers=4)
        assert response.quantile(q) == pytest.approx(expected, rel=1e-3)


def by_hand(draws, rng):
    """A stage of one kind or another, then one that is always there, then a constant."""
    short, long = rng.exponential(0.01, draws), rng.lognormal(-3.5, 0.7, draws)
    first = np.where(rng.random(draws) < 0.7, short, long)
    return first + rng.exponential(0.02, draws) + 0.0105


def on_the_grid(share):
    kinds = [
        GRID.law(ExponentialLag(mean_s=0.01)),
        GRID.law(LogNormalLag(median_s=np.exp(-3.5), log_sd=0.7)),
    ]
    return mixture(kinds, [share, 1 - share]).then(GRID.law(STAGE)).later(0.0105)


def test_sums_and_choices_are_those_of_draws():
    times = by_hand(400_000, np.random.default_rng(5))
    grid = on_the_grid(0.7)
    for q, close in ((0.1, 0.01), (0.5, 0.01), (0.99, 0.01)):
        assert grid.quantile(q) == pytest.approx(np.quantile(times, q), rel=close)
    assert grid.mean_s == pytest.approx(times.mean(), rel=0.005)
    wrong = on_the_grid(0.6)
    assert wrong.quantile(0.99) != pytest.approx(np.quantile(times, 0.99), rel=0.01)


def test_mass_at_the_middle_of_a_step_has_no_bias():
    coarse = LatencyGrid(longest_s=1.0, points=257).law(STAGE)
    assert coarse.mean_s == pytest.approx(0.02, rel=5e-3)
    before = coarse.later(coarse.step_s / 2)  # what mass at the step's end would say
    assert before.mean_s != pytest.approx(0.02, rel=5e-2)


def test_constants_keep_the_mean_between_two_points():
    grid = LatencyGrid(longest_s=1.0, points=11)
    assert grid.constant(0.234).mean_s == pytest.approx(0.234)
    assert grid.constant(0.2).later(0.234).mean_s == pytest.approx(0.434)
    assert GRID.law(ConstantLag(mean_s=0.3)).quantile(0.5) == pytest.approx(0.3, abs=GRID.step_s)


def test_what_lies_beyond_the_grid_is_not_guessed():
    short = LatencyGrid(longest_s=0.05).law(STAGE)
    assert short.on_grid == pytest.approx(1 - np.exp(-0.05 / 0.02), rel=1e-3)
    with pytest.raises(ValueError, match=r"GridLatency\.quantile: q must .* longer grid"):
        short.quantile(0.99)
    assert GRID.constant(0.1).later(5.0).on_grid == 0


def test_a_sum_that_is_mostly_beyond_the_grid_does_not_come_back_on_it():
    """Seven stages of the grid's length each: the sum by hand, cut off after every stage."""
    short = LatencyGrid(longest_s=0.05, points=200).law(ExponentialLag(mean_s=0.05))
    by_hand = reduce(lambda sum_, one: np.convolve(sum_, one)[:200], [short.weights] * 7)
    total = reduce(GridLatency.then, [short] * 7)
    assert total.on_grid < 0.01
    assert total.weights == pytest.approx(by_hand, rel=1e-6, abs=1e-9)


def test_only_latencies_of_one_grid_add_up():
    other = LatencyGrid(longest_s=2.0).constant(0.1)
    with pytest.raises(ValueError, match=r"GridLatency\.then: other must lie on one grid"):
        GRID.constant(0.1).then(other)
    with pytest.raises(ValueError, match="mixture: latencies must lie on one grid"):
        mixture([GRID.constant(0.1), other], [1, 1])
