"""Experiments of the chapter on vertical scaling."""

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.vertical import experiments as vertical
from scalelab.models.closed_queue import machine_repairman
from scalelab.plotting import canvas


def test_both_laws_pass_through_both_measurements():
    for law in vertical.laws().values():
        assert law.throughput_per_s([4, 32]).tolist() == pytest.approx([1_000, 5_000])


@pytest.mark.parametrize("cores", [8, 48, 64])
def test_the_explorer_finds_the_law_that_it_was_given(cores):
    _, ax = canvas()
    upper, lower = vertical.laws().values()
    assert "κ = 0.000000, no peak" in vertical.draw_third(ax, cores, 1.0)
    text = vertical.draw_third(ax, cores, 0.0)
    assert f"σ = 0.0000, κ = {lower.kappa:.6f}, a peak at 40 cores" in text
    third = float(upper.throughput_per_s(cores))
    assert f"{third:,.0f} requests/s at {cores} cores" in vertical.draw_third(ax, cores, 1.0)


def test_the_simulated_lock_is_the_repairman():
    found = [vertical.locked_speedup(np.random.default_rng(s), 16, 0.1) for s in range(10)]
    theory = machine_repairman(16, 0.9, 0.1, servers=1).throughput_per_s
    assert standard_errors_off(found, theory) < 4
    assert standard_errors_off(found, 1.03 * theory) > 4


def test_the_price_of_a_request_rises_though_a_core_costs_the_same():
    table = vertical.price_table(vertical.laws()["contention (Amdahl)"])
    assert set(table["$ a core"]) == {70.0}
    assert table["$ for 1 request/s"].is_monotonic_increasing


def test_the_price_explorer_says_what_it_draws():
    _, axes = canvas(2)
    text = vertical.draw_price(axes, 2.0)
    assert text.endswith(
        "32.0 times the performance for 32 times the price. Twice the performance costs 2.00 times."
    )
    assert "costs 6.24 times" in vertical.draw_price(axes, 1.3)


def test_own_cores_measures_or_says_why_not():
    shown = vertical.own_cores(0.5, seconds=0.05).text
    assert "times as much as one" in shown or "one core" in shown


def test_the_pictures_have_their_parts():
    assert len(vertical.machine_picture().axes) == 1
    assert len(vertical.standby_picture().axes) == 1
    assert max(machine.vcpus for machine in vertical.CATALOGUE) == 1_920
