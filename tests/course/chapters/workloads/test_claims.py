"""What the ledger computes for the section on read-heavy and write-heavy workloads.

`EXPECTED` is from the survey of the claims, at the precision given there; the rest is counted
by hand: the whole percentages 51 to 89 are 39, and of them none is in a class.
"""

from support.claim_values import claim_tests

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
*_, TestTheLedger = claim_tests("workloads", EXPECTED, VERDICTS)
