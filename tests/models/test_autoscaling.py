import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from scalelab.models.autoscaling import (
    contaminated_mean,
    deadband,
    fleet_of_step,
    newsvendor_fractile,
    proportional_instances,
    saturated_growth,
    time_to_add_s,
    utilisation_after_step,
)


def test_kubernetes_examples():
    """Kubernetes, "Horizontal Pod Autoscaling": 200m against 100m doubles, 50m halves."""
    assert proportional_instances(3, 200, 100) == 6
    assert proportional_instances(4, 50, 100) == 2
    assert proportional_instances(10, 109, 100) == 10  # within a tenth: left alone
    assert proportional_instances(4, 0.85, 0.60) == 6
    assert utilisation_after_step(0.85, 4, 2) == pytest.approx(0.5667, abs=5e-5)


@given(n=st.integers(1, 1_000), metric=st.floats(0.01, 1), target=st.floats(0.1, 0.95))
def test_the_rule_meets_its_target_and_no_fewer_would(n, metric, target):
    wanted = proportional_instances(n, metric, target)
    if abs(metric / target - 1) <= 0.1:
        assert wanted == n  # near enough
        return
    assert n * metric / wanted <= target * (1 + 1e-8)
    assert wanted == 1 or n * metric / (wanted - 1) > target * (1 - 1e-8)


def test_two_more_at_85_percent():
    assert fleet_of_step(0.85, 0.60, 2) == pytest.approx(4.8)
    assert utilisation_after_step(0.85, [10, 20], 2) == pytest.approx([0.7083, 0.7727], abs=5e-5)


@given(n=st.integers(2, 40), added=st.integers(1, 9), removed=st.integers(1, 9))
def test_flapping_tried_out(n, added, removed):
    band = deadband(0.3, 0.7, added=added, removed=removed)
    lands_low = utilisation_after_step(0.7, n, added) < 0.3 - 1e-12
    assert lands_low == (n < band.flaps_out_below - 1e-9)
    if n > removed:
        lands_high = utilisation_after_step(0.3, n, -removed) > 0.7 + 1e-12
        assert lands_high == (n < band.flaps_in_below - 1e-9)


def test_slow_steps():
    assert time_to_add_s(200, 2, 300) / 60 == 500
    assert time_to_add_s(20, 2, 300) / 60 == 50
    assert [time_to_add_s(48, 1, s) / 3_600 for s in (900, 1_800)] == [12, 24]


@given(elapsed=st.integers(0, 900), startup=st.integers(0, 600), window=st.integers(1, 600))
def test_the_moving_average_second_by_second(elapsed, startup, window):
    seconds = np.arange(elapsed - window, elapsed)
    expected = np.where(seconds < startup, 0.85, 0.60).mean()
    ours = contaminated_mean(0.85, 0.60, elapsed_s=elapsed, startup_s=startup, window_s=window)
    assert ours == pytest.approx(expected)


def test_the_second_unneeded_step():
    means = [
        contaminated_mean(0.85, 0.60, elapsed_s=300, startup_s=s, window_s=300)
        for s in (120, 180, 300)
    ]
    assert means == pytest.approx([0.70, 0.75, 0.85])


def test_a_saturated_sensor_overshoots():
    assert saturated_growth(4, 0.6, 3) == [4, 7, 12, 20]
    assert math.ceil(720 / 100 / 0.6) == 12  # what the load needs


@given(short=st.floats(0.1, 100), spare=st.floats(0.1, 100))
def test_the_newsvendor_minimises_the_cost(short, spare):
    """Expected cost of a normal demand, minimised by scipy."""

    def cost(x):
        z = (x - 10) / 2
        missing = 2 * (norm.pdf(z) - z * norm.sf(z))
        return short * missing + spare * (x - 10 + missing)

    best = minimize_scalar(cost, bounds=(0, 20), method="bounded", options={"xatol": 1e-7}).x
    assert newsvendor_fractile(short, spare) == pytest.approx(norm.cdf((best - 10) / 2), abs=1e-3)
    assert newsvendor_fractile(10, 1) == pytest.approx(0.9091, abs=5e-5)
