"""What the ledger computes for the section on read-heavy and write-heavy workloads.

`EXPECTED` is from the survey of the claims, at the precision given there; the rest is counted
by hand: the whole percentages 51 to 89 are 39, and of them none is in a class.
"""

import pytest
from support.claim_values import mismatches, moved_unnoticed

from scalelab.course import ledger

EXPECTED = {
    "rw-read-heavy": {
        "ratio_90": "9",
        "apart": "11.11",
        "pct_100": "0.9901",
        "pct_1000": "0.999",
        "cap_9": "10",
        "cap_100": "101",
    },
    "rw-write-heavy": {"w_10": "0.9091", "w_100": "0.9901", "cap_1": "2", "cap_100": "1.01"},
    "rw-classes-partition": {"in_none": "39", "in_two": "1", "cap_80": "5"},
    "rw-reads-replicate-writes-coordinate": {
        "ten_9": "5.26",
        "ten_100": "9.18",
        "cap_9": "10",
        "cap_100": "101",
    },
    "rw-chat-write-heavy": {"reported": "1", "guide": "0.1", "times": "10"},
}
VERDICTS = {
    "holds": ["rw-reads-replicate-writes-coordinate"],
    "holds-under-assumptions": ["rw-read-heavy", "rw-write-heavy"],
    "misleading": ["rw-classes-partition", "rw-chat-write-heavy"],
}
CLAIMS = {claim.id: claim for claim in ledger.load("workloads")}
VALUES = {name: claim.values() for name, claim in CLAIMS.items()}


def test_every_claim_of_the_section_is_there_and_no_other():
    assert set(CLAIMS) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_values(name):
    assert mismatches(EXPECTED[name], VALUES[name]) == []


def test_a_value_that_moves_by_one_in_its_last_digit_is_noticed():
    assert moved_unnoticed(EXPECTED, VALUES) == []


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_verdicts(verdict):
    assert [n for n, claim in CLAIMS.items() if claim.verdict == verdict] == VERDICTS[verdict]
