import numpy as np
import pytest

from scalelab.models.cache_layers import two_lru_layers
from scalelab.sim.caches import simulate_cache
from scalelab.workloads.popularity import (
    zipf_popularity,
    zipf_trace,
)


@pytest.mark.parametrize(
    ("keys", "exponent", "first", "second"),
    [(2_000, 1.0, 60, 800), (2_000, 0.8, 200, 250), (1_000, 0.8, 200, 400), (1_000, 0.8, 200, 100)],
)
def test_two_layers_agree_with_simulation(rng, keys, exponent, first, second):
    model = two_lru_layers(zipf_popularity(keys, exponent), first, second)
    behind = []
    for stream in rng.spawn(10):
        trace = zipf_trace(keys, exponent, 200_000, rng=stream)
        passed = trace[~simulate_cache(trace, first)]
        behind.append(simulate_cache(passed, second)[passed.size // 2 :].mean())
    assert model.second == pytest.approx(np.mean(behind), abs=0.006)
    assert model.second < model.second_alone - 0.03  # what one would guess is far off
    assert model.origin == pytest.approx((1 - model.first) * (1 - model.second))


def test_the_claimed_hierarchy():
    """L1 of 2,000 and L2 of 50,000 objects, of 100,000."""
    layers = two_lru_layers(zipf_popularity(100_000, 1.0), 2_000, 50_000)
    assert layers.second_alone == pytest.approx(0.9176, abs=1e-3)
    assert layers.second == pytest.approx(0.8068, abs=1.5e-3)
    assert layers.origin == pytest.approx(0.0823, abs=5e-4)


def test_layers_at_their_limits():
    popularity = zipf_popularity(100, 1.0)
    assert two_lru_layers(popularity, 100, 5).origin == 0
    assert two_lru_layers(popularity, 5, 100).second == 1
    assert two_lru_layers(popularity, 50, 5).second == pytest.approx(0, abs=1e-9)
    tiny = two_lru_layers(zipf_popularity(1_000_000, 1.0), 1, 100_000)  # a first layer of no use
    assert tiny.second == pytest.approx(tiny.second_alone, abs=0.01)


def test_too_few_keys_for_the_approximation_are_refused():
    """Of three equal keys and two places each, it says .429 where a simulation says .362."""
    words = "two_lru_layers: popularity must have at least 90 weights above zero, got 3"
    with pytest.raises(ValueError, match=words):
        two_lru_layers([1, 2, 3], 2, 2)
    with pytest.raises(ValueError, match="got 10; for fewer keys, simulate"):
        two_lru_layers([1.0] * 10 + [0.0] * 90, 1, 1)
