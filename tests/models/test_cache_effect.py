import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.cache_effect import (
    break_even_hit_ratio,
    capacity_multiplier,
    layer_latency_percentile_s,
    layer_shares,
    mean_layer_latency_s,
)

ratios = st.lists(st.floats(0, 1), min_size=1, max_size=5)


def test_sixty_and_ninety_percent():
    assert layer_shares([0.6, 0.9]) == pytest.approx([0.6, 0.36, 0.04])
    assert mean_layer_latency_s([0.6, 0.9], [5e-6, 3e-3, 30e-3]) == pytest.approx(2.405e-3)
    found = layer_latency_percentile_s([0.6, 0.95, 0.99], [0.6, 0.9], [5e-6, 3e-3, 30e-3])
    assert found == pytest.approx([5e-6, 3.005e-3, 33.005e-3])


@given(hits=ratios, data=st.data())
def test_latency_of_layers_by_walking_through_them(hits, data):
    times = data.draw(st.lists(st.floats(0, 10), min_size=len(hits) + 1, max_size=len(hits) + 1))
    mean, reach = 0.0, 1.0
    for ratio, time in zip([*hits, 1.0], times, strict=True):
        mean += reach * time  # everybody who comes here waits for this layer
        reach *= 1 - ratio
    assert mean_layer_latency_s(hits, times) == pytest.approx(mean, abs=1e-12)
    assert layer_shares(hits).sum() == pytest.approx(1)


@given(cache=st.floats(1e-6, 1), origin=st.floats(1e-3, 10), hits=st.floats(0, 1))
def test_break_even(cache, origin, hits):
    better = mean_layer_latency_s([hits], [cache, origin]) < origin
    margin = hits - break_even_hit_ratio(cache, origin)
    if abs(margin) > 1e-9:
        assert better == (margin > 0)


def test_break_even_of_three_databases():
    found = break_even_hit_ratio([0.005, 0.003, 0.005], [0.030, 0.010, 0.005])
    assert found == pytest.approx([1 / 6, 0.3, 1.0])


def test_multipliers():
    assert capacity_multiplier([0.7, 0.8, 0.9, 0.99]) == pytest.approx([10 / 3, 5, 10, 100])
    assert 1_000 * capacity_multiplier(0.9, [0.0, 0.01, 0.1]) == pytest.approx(
        [10_000, 9174, 5263], abs=0.5
    )
    assert 1 - 1 / capacity_multiplier(0.8, 0.1) == pytest.approx(0.72)
    assert capacity_multiplier(1.0, 0.1) == pytest.approx(10.0)
    assert capacity_multiplier(1.0) == math.inf
