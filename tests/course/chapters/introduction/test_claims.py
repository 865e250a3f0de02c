"""What the ledger computes for the guide's introduction, held against values from elsewhere.

`EXPECTED` was copied by hand from the survey of the guide's claims.
"""

import math

import pytest
from support.claim_values import claim_tests

from scalelab.course.chapters.introduction.experiments import (
    Criteria,
    failures,
    shared_fleet,
    sweep_load,
)

EXPECTED = {
    "intro-growth-span": {
        "rps_100": "0.05787",
        "rps_100k": "57.87",
        "rps_100M": "57870",
        "servers": "58",
    },
    "intro-linear-cost": {
        "servers_1": "3",
        "servers_10": "16",
        "servers_100": "115",
        "servers_1000": "1046",
        "usl_peak_n": "44.27",
        "usl_peak_c": "15.68",
    },
    "proc-good-scalability-criteria": {"fleet": "10", "cluster": "2", "machine": "0"},
}
VERDICTS = {
    "holds": ["proc-good-scalability-criteria"],
    "holds-under-assumptions": ["intro-growth-span", "intro-linear-cost"],
    "misleading": [],
    "wrong": [],
}
_, VALUES, TestTheLedger = claim_tests("introduction", EXPECTED, VERDICTS)


# A second way ---------------------------------------------------------------------------------


def waits(load, servers):
    """Erlang C from its sums, in logarithms."""
    terms = [k * math.log(load) - math.lgamma(k + 1) for k in range(servers + 1)]
    top = terms[-1] - math.log(1 - load / servers)
    largest = max(*terms[:-1], top)
    below = sum(math.exp(t - largest) for t in terms[:-1])
    return math.exp(top - largest) / (below + math.exp(top - largest))


@pytest.mark.parametrize("load", [1, 10, 100, 1_000])
def test_the_fewest_servers_by_search(load):
    found = round(VALUES["intro-linear-cost"][f"servers_{load}"])
    assert waits(load, found) <= 0.1 < waits(load, found - 1)


def test_the_cluster_fails_where_its_law_says():
    """Twice 400 requests/s need 8 nodes' worth and are carried; 2.5 times cost too much."""

    def capacity(n):
        return 100 * n / (1 + 0.02 * (n - 1) + 0.0005 * n * (n - 1))

    def nodes(load):
        return next(n for n in range(1, 45) if 0.8 * capacity(n) >= load) + 1

    first, twice, more = ((nodes(400 * f) / f) for f in (1, 2, 2.5))
    assert twice / first <= 1.15 < more / first


def test_the_criteria_can_fail_one_by_one():
    reports = sweep_load(shared_fleet, [1, 2])
    assert failures(reports, Criteria()) == [[], []]
    assert failures(reports, Criteria(max_p99_s=0.02)) == [["performance"]] * 2
    assert failures(reports, Criteria(max_cost_growth=0.9)) == [["cost"], []]
    assert failures(reports, Criteria(min_utilisation=0.9)) == [["efficiency"]] * 2
