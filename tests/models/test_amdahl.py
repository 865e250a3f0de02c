import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.amdahl import amdahl_speedup


def test_known_values():
    assert amdahl_speedup(4, 0.25) == pytest.approx(16 / 7)
    assert amdahl_speedup(1_000_000, 0.05) == pytest.approx(20, rel=1e-4)  # Amdahl 1967: 1/s


@given(n=st.floats(1, 1e6), serial=st.floats(0, 1))
def test_between_one_worker_and_perfect_sharing(n, serial):
    assert 1 - 1e-12 <= amdahl_speedup(n, serial) <= n * (1 + 1e-12)


def test_less_than_one_worker_is_refused():
    with pytest.raises(ValueError, match=r"amdahl_speedup: n must be finite and >= 1, got 0\.5"):
        amdahl_speedup([2, 0.5], 0)
