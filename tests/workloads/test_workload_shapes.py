"""Modulated arrivals, demand, sessions, operations, ids and tenants, each against arithmetic."""

import collections
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.workloads.demand import (
    DAY_S,
    daily_rate_per_s,
    flash_crowd_per_s,
    noisy_rate_per_s,
)
from scalelab.workloads.ids import (
    auto_increment_ids,
    id_collision_probability,
    random_ids,
    snowflake_ids,
)
from scalelab.workloads.modulated_arrivals import modulated_arrivals_s
from scalelab.workloads.operations import read_again_flags, write_flags
from scalelab.workloads.service_times import pareto_times_s
from scalelab.workloads.sessions import poisson_sessions
from scalelab.workloads.tenants import tenant_sizes

# Modulated arrivals --------------------------------------------------------------------------


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


# Demand --------------------------------------------------------------------------------------


def test_a_day_has_the_mean_and_the_peak_that_were_asked_for():
    hours = np.arange(0, DAY_S, 60)
    day = daily_rate_per_s(hours, 100, peak_over_mean=1.7, peak_hour=14)
    assert day.mean() == pytest.approx(100)
    assert day.max() == pytest.approx(170)
    assert hours[day.argmax()] == 14 * 3600
    assert day.min() == pytest.approx(30)


def test_weekends_are_the_last_two_of_seven_days():
    noon = (np.arange(14) + 0.5) * DAY_S
    rates = daily_rate_per_s(noon, 100, peak_over_mean=1, weekend_factor=0.4)
    assert rates.tolist() == pytest.approx(2 * ([100] * 5 + [40] * 2))


def test_a_flash_crowd_rises_straight_and_falls_to_its_share():
    rate = flash_crowd_per_s([0, 60, 90, 120, 720], 10, 110, start_s=60, ramp_s=60, decay_s=600)
    assert rate.tolist() == pytest.approx([10, 10, 60, 110, 10 + 100 / math.e])
    sudden = flash_crowd_per_s([59.9, 60], 10, 110, start_s=60, ramp_s=0, decay_s=600)
    assert sudden.tolist() == pytest.approx([10, 110])


def test_noise_is_poisson(rng):
    seen = noisy_rate_per_s(np.full(40_000, 20.0), 5.0, rng=rng)
    assert seen.mean() == pytest.approx(20.0, rel=0.01)
    assert seen.var() == pytest.approx(20.0 / 5, rel=0.05)


# Sessions ------------------------------------------------------------------------------------


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


def test_pareto_has_its_tail(rng):
    times = pareto_times_s(3.0, 300_000, shape=1.5, rng=rng)
    smallest = 1.0  # 3 × 0.5 / 1.5
    assert times.min() >= smallest
    for t in (2.0, 10.0):
        share = (smallest / t) ** 1.5
        assert np.mean(times > t) == pytest.approx(share, abs=4 * math.sqrt(share / 300_000))


# Operations ----------------------------------------------------------------------------------


def test_writes_have_their_share(rng):
    flags = write_flags(100_000, 0.1, rng=rng)
    assert flags.mean() == pytest.approx(0.1, abs=4 * 0.3 / math.sqrt(100_000))
    assert not write_flags(1_000, 0.0, rng=rng).any()
    assert write_flags(1_000, 1.0, rng=rng).all()


@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=40), window=st.integers(1, 8))
def test_read_again_is_what_a_loop_sees(keys, window):
    wanted = [key in keys[max(0, i - window) : i] for i, key in enumerate(keys)]
    assert read_again_flags(keys, window).tolist() == wanted


# Ids -----------------------------------------------------------------------------------------


def test_counters_count():
    assert auto_increment_ids(4, start=10).tolist() == [10, 11, 12, 13]


def snowflakes_one_by_one(millis, worker):
    last, sequence, ids = -1, 0, []
    for wish in millis:
        now = max(wish, last)
        sequence = sequence + 1 if now == last else 0
        if sequence == 4096:
            now, sequence = now + 1, 0
        last = now
        ids.append(now << 22 | worker << 12 | sequence)
    return ids


@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 7]), min_size=1, max_size=60),
    burst=st.integers(0, 9_000),
)
def test_snowflakes_are_those_of_a_loop(gaps, burst):
    millis = np.cumsum(gaps + [0] * burst)
    ids = snowflake_ids(millis / 1e3, worker=9)
    assert ids.tolist() == snowflakes_one_by_one(millis.tolist(), 9)
    assert (np.diff(ids) > 0).all()


def test_snowflakes_at_a_low_rate_all_fall_on_one_shard(rng):
    times = np.cumsum(rng.exponential(0.5, 5_000))
    ids = snowflake_ids(times)
    assert np.mean(ids % 4 == 0) > 0.99
    assert np.bincount((ids >> 22) % 4).min() > 1_000  # the time itself would have spread


def test_random_ids_spread_and_seldom_meet(rng):
    ids = random_ids(200_000, rng=rng)
    assert np.bincount(ids % 4).min() > 49_000
    assert np.unique(ids).size == 200_000


def test_birthdays():
    """23 people and 365 days make 50.7 %; in bits: 2^8.51 days."""
    pairs = [random_ids(50, bits=10, rng=np.random.default_rng(s)) for s in range(3_000)]
    met = np.mean([np.unique(ids).size < 50 for ids in pairs])
    assert met == pytest.approx(id_collision_probability(50, 10), abs=0.03)
    assert id_collision_probability(1, 64) == 0.0
    assert id_collision_probability(2, 10) == pytest.approx(2**-10, rel=1e-3)
    assert id_collision_probability(10**9, 64) == pytest.approx(0.02673, abs=1e-4)
    assert id_collision_probability(10**200, 64) == 1.0
    with pytest.raises(ValueError, match=r"count must be an integer of at most 2\*\*1023, got"):
        id_collision_probability(10**400, 64)


# Tenants -------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers(1, 5_000), st.floats(0, 3))
def test_tenants_share_out_everything_in_proportion(tenants, total, exponent):
    sizes = tenant_sizes(tenants, total, exponent=exponent)
    weights = np.arange(1, tenants + 1) ** -exponent
    assert sizes.sum() == total
    assert np.abs(sizes - total * weights / weights.sum()).max() < 1 + 1e-6
    assert (np.diff(sizes) <= 0).all()


def test_equal_tenants():
    assert collections.Counter(tenant_sizes(3, 10, exponent=0.0).tolist()) == {3: 2, 4: 1}
