"""Experiments of the chapter on vertical scaling."""

import re

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


def test_all_rows_of_the_price_list_are_there_and_a_request_gets_dearer():
    shown = vertical.price_table(vertical.laws()["contention (Amdahl)"]).text.splitlines()
    cells = [line.split(" | ") for line in shown]
    assert [row[:4] for row in cells[1:3]] == [["t3", "2", "30", "15"], ["m5", "2", "140", "70"]]
    assert len(cells) == 6
    assert {row[3] for row in cells[2:]} == {"70"}
    each = [float(row[4]) for row in cells[2:]]
    assert each == sorted(each)


def test_one_machine_for_a_load_does_the_load():
    law = vertical.laws()["contention (Amdahl)"]
    rates = [500.0, 5_000.0, 11_000.0]
    sizes = vertical.usd_for_load(law, rates) / 70
    assert law.throughput_per_s(sizes) == pytest.approx(rates)


def test_the_table_of_the_lock_is_theory_simulation_and_amdahl():
    rows = vertical.lock_rows(3, 0.0229)
    for row in rows:
        mean, error = (float(part) for part in re.findall(r"[\d.]+", row["simulated, ×"]))
        assert abs(mean - row["a lock, ×"]) < 4 * error + 0.005
        assert row["Amdahl, ×"] < row["a lock, ×"]


def test_the_laws_and_the_truth_are_drawn():
    upper, lower = vertical.laws().values()
    _, ax = canvas()
    vertical.plot_two_laws(ax)
    assert [line.get_label() for line in ax.get_lines()][:2] == list(vertical.laws())
    _, ax = canvas()
    vertical.plot_truth(ax, lower, upper)
    believed, true = (line.get_ydata()[-1] for line in ax.get_lines()[:2])
    assert (believed, true) == pytest.approx((8_750, 2_924), rel=1e-3)
    _, ax = canvas()
    vertical.plot_price_of_load(ax, upper)
    one, many = (line.get_ydata() for line in ax.get_lines()[:2])
    assert one[-1] > 100 * many[-1]


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
