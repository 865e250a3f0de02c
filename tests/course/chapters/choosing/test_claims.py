"""What the ledger computes for the framework of decision, held against values from elsewhere.

The survey of the guide's claims gives no values for this section except the hours of downtime. The
others are computed here a second time: by listing all pairs, by long division, by trying all plans.
"""

import math
from itertools import combinations, product

import pytest
from support.claim_values import claim_tests

from scalelab.course.chapters.choosing import experiments as choosing
from scalelab.course.chapters.choosing import path as choosing_path
from scalelab.models.scaling_law import amdahl_through
from scalelab.planner.growth_plan import ChangeCost, best_plan
from scalelab.planner.node_menu import NodeFleet

EXPECTED = {
    "proc-scaling-approach-table": {},
    "proc-evolution-path": {"down_h": "8.76"},
}
VERDICTS = {
    "holds": [],
    "holds-under-assumptions": ["proc-scaling-approach-table", "proc-evolution-path"],
    "misleading": [],
    "wrong": [],
}
_, VALUES, TestTheLedger = claim_tests("choosing", EXPECTED, VERDICTS)


# A second way ----------------------------------------------------------------------------------


def test_rows_by_writing_them_out():
    """The table once more, as conditions with the letters of the rows they stand in."""
    rows = {
        "stateless": "h",
        "variable load": "ha",
        "high availability": "h",
        "cloud": "ha",
        "several regions": "h",
        "monolith": "v",
        "relational database": "v",
        "stateful": "v",
        "small to medium": "v",
        "quick fix": "v",
        "few engineers": "v",
        "growing": "d",
        "costs matter": "da",
        "different workloads": "d",
        "several tiers": "d",
        "production": "d",
        "mature operations": "a",
    }
    values = VALUES["proc-scaling-approach-table"]
    assert values["conditions"] == len(rows)
    counts = [len(set().union(*(rows[t] for t in card))) for card in choosing.CARDS.values()]
    assert values["cards"] == len(counts) == 12
    assert values["several_rows"] == 12 - counts.count(1)
    names = sorted(rows)
    conflicts = total = 0
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            total += 1
            conflicts += len(set(rows[one]) | set(rows[other])) > 1
    assert values["pairs"] == pytest.approx(conflicts / total)
    apart = sum(a * b for a, b in combinations((5, 6, 5, 4), 2))
    assert values["pairs_null"] == pytest.approx(apart / math.comb(5 + 6 + 5 + 4, 2))


def test_answers_that_turn_by_reading_the_questions_again():
    """At each of three peaks: does one small machine do it, one large one, or none?"""
    turned = 0
    for needs in choosing.MEASURED.values():
        kinds = set()
        for factor in (0.1, 1, 10):
            peak = factor * needs.peak_per_s
            small, large = peak <= 700, peak <= 3_500
            machines = 1 if small or (large and not needs.divisible) else math.ceil(peak / 700)
            kinds.add((small, large or needs.divisible, 0.999**machines < needs.availability))
        turned += len(kinds) > 1
    assert VALUES["proc-scaling-approach-table"]["turned"] == turned == 6


def test_users_by_long_division():
    values = VALUES["proc-evolution-path"]
    for key, rate in (("users_small", 1_000), ("users_large", 5_000)):
        requests_a_day = values[key] * 0.2 * 50
        assert requests_a_day / (24 * 60 * 60) * 5 == pytest.approx(rate)
    assert values["far_rtt_ms"] == pytest.approx(2 * 10_000 / 200)


def test_the_best_plan_by_a_tree_of_fleets():
    """Six months of growth only: every sequence of fleets that carries them is priced."""
    law = amdahl_through([4, 32], [1_000, 5_000])
    demand = choosing_path.growth(2, months=6)

    def carries(nodes, size):
        one = float(law.throughput_per_s(size))
        return one * min(0.7 * nodes, nodes - 1)

    fleets = [(n, c) for n in range(2, 6) for c in (4, 8)]
    enough = [[f for f in fleets if carries(*f) >= rate] for rate in demand]
    best = math.inf
    for plan in product(*enough):
        cost, before = 0, (2, 4)
        for n, c in plan:
            cost += n * (100 + 70 * c) + 100 * max(n - before[0], 0)
            cost += 500 * min(n, before[0]) * (c != before[1])
            before = n, c
        best = min(best, cost)
    costs = ChangeCost(add_usd=100, resize_usd=500)
    found = best_plan(choosing_path.menu(1), demand, costs, NodeFleet(2, 4))
    assert found.total_usd == pytest.approx(best)


def test_growing_first_by_following_it():
    """Two machines, each the smallest that carries the month, priced month by month."""
    law = amdahl_through([4, 32], [1_000, 5_000])
    demand = choosing_path.growth(6)
    for place, usd in enumerate((100, 1_000)):
        cost, size = 0, 4
        for rate in demand:
            fits = [c for c in (4, 8, 16, 32, 64) if float(law.throughput_per_s(c)) >= rate]
            if fits[0] > size:
                cost, size = cost + 2 * 500, fits[0]
            cost += 2 * (usd + 70 * size)
        found = choosing_path.plans(6, usd_per_node=usd)
        assert found["vertical first"].total_usd == pytest.approx(cost)
        best = found["best in hindsight"].total_usd
        assert VALUES["proc-evolution-path"]["vertical"][place] == pytest.approx(cost / best - 1)
