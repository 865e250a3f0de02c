import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.scaling_law import (
    ScalingLaw,
    amdahl_through,
    coherency_through,
    usl_through,
)


def test_eight_times_the_cores_five_times_the_throughput():
    law = amdahl_through([4, 32], [1_000, 5_000])
    assert law.sigma == pytest.approx(0.0229, abs=5e-5)
    assert law.ceiling_per_s == pytest.approx(35_000 / 3)
    assert law.throughput_per_s(128) == pytest.approx(8_750)
    unit = amdahl_through([1, 8], [1_000, 5_000])  # the four-core box as the unit
    assert unit.sigma == pytest.approx(3 / 35)
    coherent = coherency_through([4, 32], [1_000, 5_000])
    assert coherent.kappa == pytest.approx(0.0006168, abs=5e-8)
    assert coherent.peak_n == pytest.approx(40.27, abs=0.005)
    assert coherent.throughput_per_s(64) < coherent.ceiling_per_s


def test_gains_per_doubling_from_four_cores():
    serial = amdahl_through([4, 32], [1_000, 5_000]).sigma
    sizes = [4, 8, 16, 32, 64]
    gains = [amdahl_speedup(2 * n, serial) / amdahl_speedup(n, serial) for n in sizes]
    assert gains == pytest.approx([1.842, 1.727, 1.571, 1.4, 1.25], abs=5e-4)


@given(
    unit=st.floats(1e-3, 1e6),
    sigma=st.floats(0, 1),
    kappa=st.floats(0, 0.5),
    first=st.integers(1, 10),
    apart=st.integers(1, 20),
)
def test_three_points_give_the_law_back(unit, sigma, kappa, first, apart):
    law = ScalingLaw(unit_throughput_per_s=unit, sigma=sigma, kappa=kappa)
    n = [first, first + apart, first + 3 * apart]
    found = usl_through(n, law.throughput_per_s(n))
    assert found.unit_throughput_per_s == pytest.approx(unit, rel=1e-6)
    assert found.sigma == pytest.approx(sigma, abs=1e-6)
    assert found.kappa == pytest.approx(kappa, abs=1e-6)


def test_without_loss_there_is_no_ceiling():
    law = ScalingLaw(unit_throughput_per_s=10.0, sigma=0.0, kappa=0.0)
    assert law.ceiling_per_s == math.inf
    assert law.throughput_per_s(7) == 70


def test_superlinear_measurements_are_refused():
    with pytest.raises(ValueError, match=r"amdahl_through: throughput_per_s must follow the law"):
        amdahl_through([1, 2], [1_000, 3_000])
    with pytest.raises(ValueError, match=r"n must be different numbers"):
        amdahl_through([2, 2], [1_000, 3_000])
