"""What the ledger computes for the section on vertical scaling, held against values from elsewhere.

`EXPECTED` was copied by hand from the survey of the guide's claims. What the survey left open is
computed here a second time, by bisection and by counting.
"""

import math

import numpy as np
import pytest
from support.claim_values import claim_tests

EXPECTED = {
    "vert-8x-8x-4x": {"cpu": "8", "ram": "8", "disk": "4"},
    "vert-1000-to-5000": {
        "amdahl_sigma_core": "0.0229",
        "amdahl_sigma_unit": "0.08571",
        "ceiling": "11667",
        "usl_kappa": "0.0006168",
        "usl_peak_cores": "40.27",
        "amdahl_128": "8750",
        "exponent": "0.774",
        "efficiency": "0.625",
    },
    "vert-diminishing": {
        "d4": "1.842",
        "d8": "1.727",
        "d16": "1.571",
        "d32": "1.400",
        "d64": "1.250",
    },
    "vert-exponential-cost": {
        "slope": "1.0",
        "slope_of_five": "1.21",
        "per_core_of_small_kind": "15",
    },
    "vert-spof": {},
    "vert-downtime": {},
    # documentation of 2025; the survey had the list of 2024, which ended at 448 and 24
    "vert-cap-cores": {"documented_vcpu": "1920", "physical": "960", "ordinary_physical": "192"},
    "vert-cap-ram": {"documented_tib": "32", "high_memory_tib": "24", "ordinary_tib": "3"},
    "vert-cap-disk": {"ratio": "50"},
}
VERDICTS = {
    "holds": ["vert-8x-8x-4x", "vert-diminishing", "vert-spof"],
    "holds-under-assumptions": [
        "vert-1000-to-5000",
        "vert-downtime",
        "vert-cap-disk",
    ],
    # The survey calls all three wrong. Both limits fit the largest machine of an ordinary family,
    # and the price of work on one machine does rise without end.
    "misleading": ["vert-exponential-cost", "vert-cap-cores", "vert-cap-ram"],
    "wrong": [],
}
_, VALUES, TestTheLedger = claim_tests("vertical", EXPECTED, VERDICTS)


# A second way to the values that the survey left open -----------------------------------------


def by_bisection(curve, wanted, low, high):
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if curve(middle) > wanted else (low, middle)
    return low


def test_the_serial_share_by_bisection():
    """The share for which eight times the cores do five times the work."""

    def gain(share):
        return (share + (1 - share) / 4) / (share + (1 - share) / 32)

    share = by_bisection(gain, 5.0, 0.0, 1.0)
    values = VALUES["vert-1000-to-5000"]
    assert values["amdahl_sigma_core"] == pytest.approx(share)
    one_core = 1_000 * (share + (1 - share) / 4)
    assert values["ceiling"] == pytest.approx(one_core / share)
    assert VALUES["vert-exponential-cost"]["request_96"] == pytest.approx(
        6_720 * (share + (1 - share) / 96) / one_core
    )
    assert VALUES["vert-exponential-cost"]["request_2"] == pytest.approx(
        140 * (share + (1 - share) / 2) / one_core
    )


def test_coherency_by_bisection():
    def gain(kappa):
        return 8 * (1 + kappa * 4 * 3) / (1 + kappa * 32 * 31)

    kappa = by_bisection(gain, 5.0, 0.0, 1.0)
    values = VALUES["vert-1000-to-5000"]
    assert values["usl_kappa"] == pytest.approx(kappa)
    rates = {n: n / (1 + kappa * n * (n - 1)) for n in range(1, 200)}
    assert round(values["usl_peak_cores"]) == max(rates, key=rates.get)
    assert values["coherency_128"] == pytest.approx(5_000 * rates[128] / rates[32])


def test_the_price_list_is_a_straight_line():
    sizes, dollars = np.log([2, 8, 32, 96]), np.log([140, 560, 2_240, 6_720])
    assert VALUES["vert-exponential-cost"]["slope"] == pytest.approx(
        np.polyfit(sizes, dollars, 1)[0]
    )
    assert VALUES["vert-exponential-cost"]["per_core"] == 70


def test_one_machine_for_a_load_by_bisection():
    """The size that does so many requests, found on the law itself."""
    values = VALUES["vert-exponential-cost"]
    share = VALUES["vert-1000-to-5000"]["amdahl_sigma_core"]

    def too_small(size, rate):
        return 250 * (share + (1 - share) / 4) * 4 / (share + (1 - share) / size) < rate

    for rate, dollars in zip((1_000, 4_000, 10_000, 11_600), values["for_loads"], strict=True):
        low, high = 1.0, 1e5
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if too_small(middle, rate) else (low, middle)
        assert dollars == pytest.approx(70 * low, rel=1e-6)
    assert not too_small(1e9, 11_666)
    assert too_small(1e9, 11_667)


def test_all_five_prices_are_no_straight_line():
    sizes, dollars = np.log([2, 2, 8, 32, 96]), np.log([30, 140, 560, 2_240, 6_720])
    slope = np.polyfit(sizes, dollars, 1)[0]
    assert VALUES["vert-exponential-cost"]["slope_of_five"] == pytest.approx(slope)


def test_minutes_by_counting():
    values = VALUES["vert-spof"]
    hours = 365 * 24
    assert values["h_per_year"] == pytest.approx(hours / 1_000)
    assert values["pair_s"] == pytest.approx(hours * 3_600 / 1_000**2)
    assert values["failover_min"] == pytest.approx(12 * 2)
    assert VALUES["vert-downtime"]["restart_min"] == 60
    assert VALUES["vert-downtime"]["switch_min"] == 6


def test_ceilings_and_restores():
    assert VALUES["vert-cap-cores"]["over_200"] == pytest.approx(9.6)
    assert VALUES["vert-cap-ram"]["over_4"] == 8
    disk = VALUES["vert-cap-disk"]
    assert disk["restore_2tb_h"] == pytest.approx(10_000 / 3_600)
    assert disk["restore_100tb_days"] == pytest.approx(500_000 / 86_400)
    assert math.isclose(disk["ratio"], 50)
