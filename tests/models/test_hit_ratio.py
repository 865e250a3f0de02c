import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from support.agreement import standard_errors_off

from scalelab.models.cache_size import smallest_cache
from scalelab.models.hit_ratio import (
    lru_characteristic_time,
    lru_hit_ratio,
    lru_trace_hit_ratio,
    perfect_hit_ratio,
)
from scalelab.sim.caches import simulate_cache
from scalelab.workloads.popularity import (
    hot_set_popularity,
    uniform_popularity,
    zipf_popularity,
    zipf_trace,
)

weights = st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=30)


def che_key_by_key(popularity, capacity):
    """Che's equation over all keys, solved by scipy."""
    p = np.asarray(popularity) / np.sum(popularity)
    time = brentq(lambda t: -np.expm1(-p * t).sum() - capacity, 0, 1e3 / p.min(), xtol=1e-10)
    return time, p @ -np.expm1(-p * time)


def lru_by_king(popularity, capacity):
    """King 1971: the stationary order of a move-to-front list, summed over all orders."""
    p = np.asarray(popularity) / np.sum(popularity)

    def orders(chosen, left, chance):
        if len(chosen) == capacity:
            return chance * sum(p[key] for key in chosen)
        return sum(
            orders([*chosen, key], left - p[key], chance * p[key] / left)
            for key in range(p.size)
            if key not in chosen
        )

    return orders([], 1.0, 1.0)


@given(weight=weights, data=st.data())
def test_perfect_is_the_sum_of_the_largest(weight, data):
    capacity = data.draw(st.integers(0, len(weight) + 3))
    best = sum(sorted(weight, reverse=True)[:capacity]) / sum(weight)
    assert perfect_hit_ratio(weight, capacity) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("exponent", [0.3, 0.8, 1.2])
def test_classes_of_keys_hardly_matter(exponent):
    popularity = zipf_popularity(20_000, exponent)
    for capacity in (1, 30, 2_000, 19_000):
        time, ratio = che_key_by_key(popularity, capacity)
        assert lru_characteristic_time(popularity, capacity) == pytest.approx(time, rel=2e-5)
        assert lru_hit_ratio(popularity, capacity) == pytest.approx(ratio, abs=2e-6)


@given(weight=weights, data=st.data())
def test_any_popularity(weight, data):
    capacity = data.draw(st.integers(1, len(weight) - 1))
    _, ratio = che_key_by_key(weight, capacity)
    assert lru_hit_ratio(weight, capacity) == pytest.approx(ratio, abs=1e-4)


def test_che_is_near_to_the_exact_lru_of_king():
    popularity = zipf_popularity(8, 0.8)
    for capacity in (2, 4, 6):
        exact = lru_by_king(popularity, capacity)
        assert lru_hit_ratio(popularity, capacity) == pytest.approx(exact, abs=0.015)
        assert abs(lru_hit_ratio(popularity, capacity) - exact) > 1e-5  # an approximation it is


def test_uniform_keys_hit_by_their_number():
    assert lru_hit_ratio(uniform_popularity(1_000), 250) == pytest.approx(0.25)
    assert perfect_hit_ratio(uniform_popularity(1_000), 250) == pytest.approx(0.25)
    time = lru_characteristic_time(uniform_popularity(4), 2)
    assert time == pytest.approx(4 * np.log(2))


def test_everything_fits():
    popularity = zipf_popularity(100, 1.0)
    assert lru_characteristic_time(popularity, 100) == np.inf
    assert lru_hit_ratio(popularity, [100, 2_000]).tolist() == [1.0, 1.0]
    assert perfect_hit_ratio(popularity, 2_000) == 1.0
    assert lru_hit_ratio([1.0, 0.0, 1.0], 2) == 1.0  # nobody asks for the third


def test_extremes_neither_overflow_nor_warn():
    assert lru_hit_ratio([1e300, 1e-300], 1) == pytest.approx(1.0)
    assert lru_hit_ratio(zipf_popularity(500, 30.0), 3) == pytest.approx(1.0)
    assert lru_trace_hit_ratio([1.0, 1.0], 1, requests=1) == pytest.approx(0, abs=0.5)
    assert perfect_hit_ratio(zipf_popularity(10, 1.0), 0) == 0.0


def test_shape_and_order_do_not_matter(rng):
    popularity = zipf_popularity(200, 0.9)
    shuffled = rng.permutation(popularity) * 17
    grid = lru_hit_ratio(shuffled, [[1, 10], [50, 150]])
    assert grid.shape == (2, 2)
    assert grid[1, 0] == pytest.approx(lru_hit_ratio(popularity, 50))
    assert type(lru_hit_ratio(popularity, 50)) is float


@given(capacity=st.integers(1, 499), exponent=st.floats(0, 2))
def test_lru_is_worse_than_perfect_and_better_than_nothing(capacity, exponent):
    popularity = zipf_popularity(500, exponent)
    lru, best = lru_hit_ratio(popularity, capacity), perfect_hit_ratio(popularity, capacity)
    assert capacity / 500 - 1e-6 <= lru <= best + 1e-6
    assert lru <= lru_hit_ratio(popularity, capacity + 1) + 1e-12


def late_hit_ratios(rng, popularity, exponent, capacity):
    keys = popularity.size
    traces = (zipf_trace(keys, exponent, 60_000, rng=stream) for stream in rng.spawn(20))
    return [simulate_cache(trace, capacity)[30_000:].mean() for trace in traces]


def test_simulation_agrees_with_che(rng):
    popularity = zipf_popularity(1_000, 0.9)
    ratios = late_hit_ratios(rng, popularity, 0.9, 200)
    assert standard_errors_off(ratios, lru_hit_ratio(popularity, 200)) < 4


def test_the_comparison_with_che_can_fail(rng):
    popularity = zipf_popularity(1_000, 0.9)
    ratios = late_hit_ratios(rng, popularity, 0.9, 200)
    assert standard_errors_off(ratios, lru_hit_ratio(popularity, 210)) > 4
    assert standard_errors_off(ratios, perfect_hit_ratio(popularity, 200)) > 4
    assert standard_errors_off(ratios, lru_hit_ratio(zipf_popularity(1_000, 0.92), 200)) > 4


def test_a_cold_start_is_counted(rng):
    popularity, requests = zipf_popularity(1_000, 0.9), 3_000
    traces = [zipf_trace(1_000, 0.9, requests, rng=stream) for stream in rng.spawn(40)]
    ratios = [simulate_cache(trace, 200).mean() for trace in traces]
    model = lru_trace_hit_ratio(popularity, 200, requests)
    assert standard_errors_off(ratios, model) < 4
    assert standard_errors_off(ratios, lru_hit_ratio(popularity, 200)) > 4
    unlimited = [simulate_cache(trace, 1_000).mean() for trace in traces]
    assert standard_errors_off(unlimited, lru_trace_hit_ratio(popularity, 1_000, requests)) < 4


def test_a_long_trace_forgets_its_beginning():
    popularity = zipf_popularity(1_000, 0.9)
    long = lru_trace_hit_ratio(popularity, 300, 10**9)
    assert long == pytest.approx(lru_hit_ratio(popularity, 300), abs=1e-5)


def test_twenty_percent_of_ten_million_keys():
    """The rule of 20 and 80 for ten million profiles: which skew, and what LRU makes of it."""
    keys, fifth = 10_000_000, 2_000_000
    exponents = {0.6: 0.525, 0.8: 0.715, 1.0: 0.904}
    for exponent, ratio in exponents.items():
        found = perfect_hit_ratio(zipf_popularity(keys, exponent), fifth)
        assert found == pytest.approx(ratio, abs=5e-4)
    popularity = zipf_popularity(keys, 0.883)
    assert lru_hit_ratio(popularity, fifth) == pytest.approx(0.7248, abs=1e-4)
    assert smallest_cache(popularity, 0.8) / keys == pytest.approx(0.3262, abs=2e-4)


def test_a_hot_set_that_fits(rng):
    popularity = hot_set_popularity(10_000, 0.01, 0.9)
    assert perfect_hit_ratio(popularity, 100) == pytest.approx(0.9)
    assert lru_hit_ratio(popularity, 100) < 0.8 < lru_hit_ratio(popularity, 1_000)
