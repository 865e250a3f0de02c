"""What the ledger computes for the section on diagonal scaling, held against values from elsewhere.

The survey of the guide's claims left most values of this section open. They are written by hand
here, and computed a second time below without the package: fractions, a grid, exhaustive search.
"""

from fractions import Fraction

import numpy as np
import pytest
from support.claim_values import claim_tests

EXPECTED = {
    "diag-4x-each": {"cpu": "4", "ram": "8", "throughput": "3.53"},
    "diag-24x": {
        "cpu_ratio": "6",
        "ram_ratio": "12",
        "cpu_over_one_server": "24",
        "ram_over_one_server": "48",
        "throughput_ratio": "5.29",
    },
    "diag-cost-optimization": {
        "usd_on_2": "0.268",
        "usd_on_32": "0.448",
        "best_at_0": "1",
        "best_at_100": "7.81",
        "best_at_500": "17.46",
        "nodes_for_5000": "4",
        "cores_for_5000": "8",
    },
    "proc-tiered-scaling": {
        "application_nodes": "4",
        "application_cores": "8",
        "database_nodes": "3",
        "database_cores": "16",
        "cache_nodes": "3",
        "cache_cores": "2",
        "alike_nodes": "4",
        "alike_cores": "8",
        "larger_database_nodes": "12",
        "larger_database_cores": "32",
        "larger_cache_nodes": "7",
        "per_s": "400",
        "per_s_application_doubled": "400",
        "per_s_database_doubled": "496",
        "per_s_cache_doubled": "400",
        "response": "250",
        "response_database_doubled": "7.2",
    },
    "proc-diagonal-strategy": {
        "regret_to_the_largest": "0.448",
        "regret_to_8_cores": "0.0236",
        "regret_only_adding": "0.181",
        "only_adding_without_fee": "0.000",
        "only_adding_at_1000": "1.632",
        "to_the_largest_at_1000": "0.183",
        "safe_with_2": "50.0",
        "safe_with_3": "66.7",
        "safe_with_4": "70.0",
    },
}
VERDICTS = {
    "holds": [],
    "misleading": ["diag-4x-each", "diag-24x"],
    "holds-under-assumptions": [
        "diag-cost-optimization",
        "proc-diagonal-strategy",
        "proc-tiered-scaling",  # three laws and three fees are assumed
    ],
}
_, VALUES, TestTheLedger = claim_tests("diagonal", EXPECTED, VERDICTS)


# A second way --------------------------------------------------------------------------------

# n/X = (1 + s(n - 1))/u at (4, 1000) and (32, 5000): two equations, solved in fractions.
SLOPE = (Fraction(32, 5_000) - Fraction(4, 1_000)) / 28  # s/u
UNIT = 1 / (Fraction(4, 1_000) - 3 * SLOPE)
SIGMA = SLOPE * UNIT


def work(cores):
    return UNIT * cores / (1 + SIGMA * (cores - 1))


def test_the_law_of_the_guides_server_in_fractions():
    assert (work(4), work(32)) == (1_000, 5_000)
    assert float(SIGMA) == pytest.approx(0.0229, abs=5e-5)


def test_throughput_of_the_upgraded_fleet_in_fractions():
    assert VALUES["diag-4x-each"]["throughput"] == pytest.approx(float(work(8) / work(2)))
    ratio = (6 * work(8)) / (4 * work(2))
    assert VALUES["diag-24x"]["throughput_ratio"] == pytest.approx(float(ratio))


def test_sums_of_cpus_and_memory():
    values = VALUES["diag-24x"]
    assert values["cpu_ratio"] == sum([8] * 6) / sum([2] * 4)
    assert values["ram_ratio"] == sum([32] * 6) / sum([4] * 4)


@pytest.mark.parametrize(("key", "fixed"), [("best_at_100", 100), ("best_at_500", 500)])
def test_the_economic_size_on_a_grid(key, fixed):
    sizes = np.arange(1, 40, 0.001)
    cost = (fixed + 70 * sizes) * (1 + float(SIGMA) * (sizes - 1)) / (float(UNIT) * sizes)
    assert VALUES["diag-cost-optimization"][key] == pytest.approx(sizes[cost.argmin()], abs=0.002)


def carries(nodes, cores):
    return float(work(cores)) * min(0.7 * nodes, nodes - 1)


@pytest.mark.parametrize(
    ("fee", "key"),
    [
        (100, "regret_only_adding"),
        (0, "only_adding_without_fee"),
        (1_000, "only_adding_at_1000"),
    ],
)
def test_the_regrets_by_another_search(fee, key):
    """Bellman's recursion over plain tuples, with costs written out."""
    sizes = (2, 4, 8, 16, 32, 64, 96)
    month = np.arange(24)
    demand = 800 * 1.15**month * (1 + 0.25 * np.sin(2 * np.pi * (month - 2) / 12))
    fleets = [(n, c) for c in sizes for n in range(2, 60)]
    spent = {(4, 2): 0.0}
    for rate in demand:
        after = {}
        for n, c in fleets:
            if carries(n, c) >= rate:
                after[n, c] = n * (fee + 70 * c) + min(
                    cost + 50 * max(n - m, 0) + (300 * min(n, m) if c != b else 0)
                    for (m, b), cost in spent.items()
                )
        spent = after
    best = min(spent.values())
    only_adding = 0.0
    before = 4
    for rate in demand:
        n = next(n for n in range(2, 100) if carries(n, 2) >= rate)
        only_adding += n * (fee + 140) + 50 * max(n - before, 0)
        before = n
    regret = VALUES["proc-diagonal-strategy"][key]
    assert only_adding / best - 1 == pytest.approx(regret, rel=1e-9, abs=1e-12)


def closed_chain(demands, users, think):
    """Throughput of the closed system by its product form (Buzen's convolution), in fractions."""
    norm = [Fraction(1)]
    for n in range(1, users + 1):
        norm.append(norm[-1] * think / n)
    for demand in demands:
        for n in range(1, users + 1):
            norm[n] += demand * norm[n - 1]
    return float(norm[users - 1] / norm[users])


@pytest.mark.parametrize("doubled", [None, "application", "database", "cache"])
def test_the_tiers_by_another_method(doubled):
    values = VALUES["proc-tiered-scaling"]
    demands = {"application": 1, "database": Fraction(5, 2), "cache": 1}  # ms
    if doubled:
        demands[doubled] /= Fraction(2)
    per_s = 1_000 * closed_chain(demands.values(), 500, 1_000)
    name = f"per_s_{doubled}_doubled" if doubled else "per_s"
    assert values[name] == pytest.approx(per_s)


def test_the_fleets_of_the_tiers_by_trying_all():
    """Every number of nodes of every size; laws and prices written out."""
    values = VALUES["proc-tiered-scaling"]

    def database(n, cores):
        return scaled(n, float(work(cores)), 0.1)

    def scaled(n, one, shared):
        return min(0.7 * n / (1 + shared * (n - 1)), (n - 1) / (1 + shared * (n - 2))) * one

    def application(n, cores):
        return scaled(n, 250 * cores / (1 + 0.01 * (cores - 1)), 0)

    def cache(n, cores):
        return scaled(n, 3_000 * cores / (1 + 0.3 * (cores - 1)), 0)

    shapes = {"application": (application, 35, 30), "database": (database, 70, 200)}
    for tier, (rate, core, node) in (shapes | {"cache": (cache, 35, 10)}).items():
        enough = [
            (n * (core * c + node), n, c)
            for n in range(2, 60)
            for c in (2, 4, 8, 16, 32, 64, 96)
            if rate(n, c) >= 5_000
        ]
        assert (values[f"{tier}_nodes"], values[f"{tier}_cores"]) == min(enough)[1:], tier
        for_more = [
            (n * (core * c + node), n, c)
            for n in range(2, 90)
            for c in (2, 4, 8, 16, 32, 64, 96)
            if rate(n, c) >= 20_000 * (1 - 1e-9)  # twelve nodes carry it exactly
        ]
        assert values.get(f"larger_{tier}_nodes", 16) == min(for_more)[1], tier
