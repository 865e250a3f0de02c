import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.imbalance import peak_to_mean, usable_share


def test_uneven_shares():
    assert peak_to_mean([1_000, 100, 500]) == pytest.approx(1.875)
    assert usable_share([1_000, 100, 500]) == pytest.approx(8 / 15)
    assert peak_to_mean([3, 3, 3]) == 1


@given(loads=st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_peak_and_usable_share_are_one_law(loads):
    assert usable_share(loads) * peak_to_mean(loads) == pytest.approx(1)
    assert 1 - 1e-9 <= peak_to_mean(loads) <= len(loads) * (1 + 1e-9)
