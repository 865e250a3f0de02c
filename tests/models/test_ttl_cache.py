import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models.ttl_cache import (
    refresh_ahead_miss_ratio,
    request_rate_for_ttl_hit_ratio,
    ttl_cache,
    ttl_hit_ratio,
)
from scalelab.workloads.popularity import zipf_popularity

ratios = st.lists(st.floats(0, 1), min_size=1, max_size=5)


def test_lifetimes_by_hand():
    assert ttl_hit_ratio(1 / 60, [600, 60]) == pytest.approx([10 / 11, 0.5])
    assert ttl_hit_ratio(2.0, 1.0, renewed=True) == pytest.approx(1 - math.exp(-2))
    assert ttl_hit_ratio(5.0, 0.0) == 0.0


def test_a_catalogue_with_a_lifetime_of_ten_minutes():
    """Ten million profiles of Zipf 0.883: what lives, and the requests that 80 % would take."""
    popularity = zipf_popularity(10_000_000, 0.883)
    few, many = (ttl_cache(popularity, rate, 600.0) for rate in (1_000.0, 10_000.0))
    assert few.hit_ratio == pytest.approx(0.4679, abs=1e-4)
    assert few.mean_entries == pytest.approx(0.32e6, rel=0.01)
    assert many.hit_ratio == pytest.approx(0.6817, abs=1e-4)
    rate = request_rate_for_ttl_hit_ratio(popularity, 0.8, 600.0)
    assert rate == pytest.approx(32_880, rel=1e-3)
    assert ttl_cache(popularity, rate, 600.0).hit_ratio == pytest.approx(0.8, abs=1e-5)


@given(
    weight=st.lists(st.floats(1e-3, 1), min_size=1, max_size=20),
    target=st.floats(0.01, 0.99),
    ttl=st.floats(0.1, 1e4),
)
def test_the_rate_for_a_hit_ratio_gives_it(weight, target, ttl):
    rate = request_rate_for_ttl_hit_ratio(weight, target, ttl)
    assert ttl_cache(weight, rate, ttl).hit_ratio == pytest.approx(target, abs=1e-4)


def test_one_key_is_a_catalogue_of_one():
    assert ttl_cache([3.0], 2.0, 5.0).hit_ratio == pytest.approx(ttl_hit_ratio(2.0, 5.0))
    renewed = ttl_cache([1.0, 1.0], 2.0, 5.0, renewed=True)
    assert renewed.hit_ratio == pytest.approx(ttl_hit_ratio(1.0, 5.0, renewed=True))
    assert renewed.mean_entries == pytest.approx(2 * renewed.hit_ratio)


def test_refresh_ahead_values():
    """Ten, one and a hundred requests in a lifetime; the window is its last tenth."""
    assert refresh_ahead_miss_ratio(1.0, [10.0, 1.0]) == pytest.approx([0.03679, 0.4762], abs=5e-5)
    assert refresh_ahead_miss_ratio(1.0, 100.0) == pytest.approx(5e-7, rel=0.01)
    assert refresh_ahead_miss_ratio(1.0, 10.0, 0.0) == pytest.approx(1 - ttl_hit_ratio(1.0, 10.0))
    assert refresh_ahead_miss_ratio(1.0, 10.0, 1.0) == pytest.approx(math.exp(-10))


def test_refresh_ahead_agrees_with_a_loop(rng):
    def missed(stream):
        expires, misses = -1.0, 0
        for now in np.cumsum(stream.exponential(1.0, 20_000)):
            if now >= expires:
                misses += 1
                expires = now + 4.0
            elif now >= expires - 1.2:  # the last 30 %
                expires = now + 4.0
        return misses / 20_000

    ratios = [missed(stream) for stream in rng.spawn(20)]
    assert standard_errors_off(ratios, refresh_ahead_miss_ratio(1.0, 4.0, 0.3)) < 4
    assert standard_errors_off(ratios, refresh_ahead_miss_ratio(1.0, 4.0, 0.27)) > 4


def test_refresh_ahead_over_a_catalogue():
    """Hot keys gain, the catalogue hardly: 30.0 against 31.8 % misses."""
    popularity = zipf_popularity(10_000_000, 0.883)
    rates = 10_000 * popularity
    assert popularity @ refresh_ahead_miss_ratio(rates, 600) == pytest.approx(0.3004, abs=1e-4)
    assert popularity @ (1 - ttl_hit_ratio(rates, 600)) == pytest.approx(0.3183, abs=1e-4)
