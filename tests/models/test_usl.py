import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.usl import usl_capacity, usl_peak


def test_known_values():
    assert usl_capacity(100, 0.02, 0.0098) == pytest.approx(1.0, abs=0.005)
    assert usl_peak(0.02, 0.0098) == pytest.approx(10)


@given(n=st.floats(1, 1e6), sigma=st.floats(0, 1))
def test_without_coherency_the_usl_is_amdahl(n, sigma):
    assert usl_capacity(n, sigma, 0) == pytest.approx(amdahl_speedup(n, sigma))


@given(sigma=st.floats(0, 0.99), kappa=st.floats(1e-6, 0.5))
def test_capacity_is_highest_at_the_peak(sigma, kappa):
    peak = usl_peak(sigma, kappa)
    around = usl_capacity(np.maximum(peak * np.array([0.9, 1.0, 1.1]), 1), sigma, kappa)
    assert around[1] == around.max()


def test_without_coherency_there_is_no_peak():
    assert usl_peak(0.1, 0) == math.inf
    assert usl_peak(0.5, 2.0) == 1.0


def test_ranges_are_checked():
    with pytest.raises(ValueError, match=r"usl_capacity: n must be finite and >= 1, got 0\.5"):
        usl_capacity([2, 0.5], 0, 0)
    with pytest.raises(ValueError, match=r"usl_peak: sigma must be a ratio in \[0, 1\], got 1\.5"):
        usl_peak(1.5, 0)
