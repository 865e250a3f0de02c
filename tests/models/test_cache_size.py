import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.cache_size import smallest_cache, zipf_exponent_for
from scalelab.models.hit_ratio import (
    lru_hit_ratio,
    perfect_hit_ratio,
)
from scalelab.workloads.popularity import (
    zipf_popularity,
)


def test_the_exponent_for_20_80():
    assert zipf_exponent_for(1_000_000, 0.2, 0.8) == pytest.approx(0.893, abs=0.01)
    found = zipf_exponent_for(50_000, 0.2, 0.8)
    assert perfect_hit_ratio(zipf_popularity(50_000, found), 10_000) == pytest.approx(0.8, abs=1e-6)
    found = zipf_exponent_for(50_000, 0.2, 0.8, "lru")
    assert lru_hit_ratio(zipf_popularity(50_000, found), 10_000) == pytest.approx(0.8, abs=1e-5)
    assert zipf_exponent_for(10, 0.3, 0.3) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match=r"zipf_exponent_for: hit_ratio must be >= 0.3, got 0.2"):
        zipf_exponent_for(10, 0.3, 0.2)


@pytest.mark.parametrize("policy", ["lru", "perfect"])
@given(target=st.floats(0.01, 1), exponent=st.floats(0, 1.5))
def test_the_smallest_cache_is_enough_and_one_less_is_not(policy, target, exponent):
    popularity = zipf_popularity(300, exponent)
    ratio = lru_hit_ratio if policy == "lru" else perfect_hit_ratio
    size = smallest_cache(popularity, target, policy)
    assert ratio(popularity, size) >= target - 1e-9
    if size > 1:
        assert ratio(popularity, size - 1) < target + 1e-9
