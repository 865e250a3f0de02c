"""What the ledger computes for the section on queries.

By hand: 2.5/0.05 is 50; 1,000 a minute are 16.67 a second; times 2.5 s 41.67 (Little), times 0.05 s
0.8333 busy cores, of 4 20.83 %; 4 cores over 16.67 a second are 0.24 s of work, 2.5/0.24 is 10.42
and 0.24/0.05 is 4.8. Two servers halve that, and twice the rate fills them; with the index it is
41.67 %. 5 ms 1,000 times a second are 5 cores, 2.5 s a minute 0.0417, ratio 120. What SQLite counts
is its own and goes without digits; what PostgreSQL showed was recorded.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "qo-50x": {"times": "50"},
    "qo-41-busy-servers": {
        "inside": "41.67",
        "cores": "4",
        "work": "0.24",
        "stretch": "10.42",
        "saved": "4.8",
        "model": "2.52",
    },
    "qo-100-to-20-cpu": {
        "rate": "16.67",
        "busy": "0.8333",
        "after": "0.2083",
        "all_work": "0.02",
    },
    "qo-replicas-500": {"two": "0.5", "two_doubled": "1", "index_doubled": "0.4167"},
    "qo-10-100x": {"composite": "56.6", "better": "3.92", "four": "0.970"},
    "qo-composite": {"none": "736", "single": "51", "composite": "13"},
    "qo-table-scan": {"scan": "736", "index": "759", "join_scan": "751", "join_index": "100690"},
    "qo-slow-log-100ms": {"fast": "5", "slow": "0.0417", "ratio": "120", "waited": "136"},
    "qo-log-min-duration": {"guide": "0", "real": "1"},
    "qo-function-on-index": {"function": "736", "range": "5", "expression": "5"},
    "qo-n-plus-1": {"trips": "201", "wait": "201", "near": "30", "far": "139", "batch": "77"},
    "qo-select-star": {"long": "405", "long_kb": "376", "short": "1", "short_kb": "3.27"},
    "qo-subquery": {"all": "134", "page": "1"},
    "qo-distinct": {"with": "2", "without": "1", "kb": "1"},
    "qo-denormalize": {"join": "751", "wide": "576", "rows": "33", "copies": "1590"},
    "qo-stats": {"expected": "1", "found": "50000", "before": "150276", "after": "291"},
    "qo-brakes-zero-cost": {},
    "proc-query-checklist": {"mends": "7", "useless": "2", "best": "516"},
}
VERDICTS = {
    "holds": ["qo-50x", "qo-function-on-index", "qo-distinct"],
    "holds-under-assumptions": [
        "qo-41-busy-servers",
        "qo-100-to-20-cpu",
        "qo-replicas-500",
        "qo-10-100x",
        "qo-composite",
        "qo-table-scan",
        "qo-slow-log-100ms",
        "qo-log-min-duration",
        "qo-n-plus-1",
        "qo-select-star",
        "qo-subquery",
        "qo-denormalize",
        "qo-stats",
        "qo-brakes-zero-cost",
        "proc-query-checklist",
    ],
}
CLAIMS, VALUES, TestTheLedger = claim_tests("query_optimization", EXPECTED, VERDICTS)


def test_a_factor_grows_with_the_table():
    found = VALUES["qo-10-100x"]
    assert 20 < found["small"] < found["large"] / 5


def test_a_function_costs_hundreds_of_times_the_steps_of_a_range():
    found = VALUES["qo-function-on-index"]
    assert found["steps"] > 100 < found["own"]


def test_inside_the_process_many_queries_cost_little():
    assert 1.2 < VALUES["qo-n-plus-1"]["steps"] < 4


def test_each_index_adds_to_an_insert():
    found = VALUES["qo-brakes-zero-cost"]
    assert found["none"] < found["one"]
    assert 1.5 < found["five"] < 5
    assert found["pays"] > 1_000
