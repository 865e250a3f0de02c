"""What the ledger computes for the section on CQRS.

`EXPECTED` is from the survey of the claims, at the precision given there. By hand: the page's
three tables and the reviews are four; rate times time is 100 × 0.005 and 100 × 30;
60 min × (1000/780 − 1) is 16.92; the sum of a uniform time of 0.1 to 0.5 s and one of 0 to 1 s
exceeds x, from 1.1 s on, with (1.5 − x)²/0.8, which is 1 % at 1.4106 s. What
SQLite counts is its own and goes without digits.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "cqrs-read-model-fields": {"fields": "8", "homeless": "2", "tables": "4"},
    "proc-cqrs-flow": {"outbox": "0", "versions": "0"},
    "cqrs-commit-then-publish": {
        "rate": "100",
        "window": "0.005",
        "down": "30",
        "a_crash": "0.5",
        "outage": "3000",
        "whole": "7",
        "change": "7",
    },
    "cqrs-poll-by-id": {"by_id": "1", "by_log": "2"},
    "cqrs-lag-100-500": {
        "bare": "0.5",
        "with_100": "0.6",
        "whole": "0.8",
        "mean": "0.8",
        "p99": "1.4106",
    },
    "cqrs-independent-scaling": {"behind": "16.92", "enough": "0"},
    "cqrs-100-to-1": {"example": "1", "same": "0"},
    "cqrs-not-if-strong": {"events": "100", "trigger": "0", "cost": "1.5"},
    "proc-cqrs-when": {"cheap_query": "450", "dear_query": "1", "trigger_stale": "0"},
}
VERDICTS = {
    "holds-under-assumptions": [
        "cqrs-read-model-fields",
        "cqrs-poll-by-id",
        "cqrs-independent-scaling",
        "cqrs-100-to-1",
        "cqrs-not-if-strong",
        "proc-cqrs-when",
    ],
    "misleading": ["proc-cqrs-flow", "cqrs-commit-then-publish", "cqrs-lag-100-500"],
}
CLAIMS, VALUES, TestTheLedger = claim_tests("cqrs", EXPECTED, VERDICTS)


def test_the_fake_loses_what_the_formula_says():
    lost = VALUES["cqrs-commit-then-publish"]
    # 200 crashes: events between two steps are Poisson, so the mean has an error of 0.05
    assert abs(lost["fake"] - lost["a_crash"]) < 4 * (lost["a_crash"] / 200) ** 0.5
    assert VALUES["proc-cqrs-flow"]["lost"] == lost["fake"]
    assert VALUES["proc-cqrs-flow"]["repeated"] > 10


def test_the_kinds_of_writes_are_orders_of_magnitude_apart():
    pays = VALUES["cqrs-100-to-1"]
    assert pays["price"] < 0.2 < pays["review"] < 2 < 30 * pays["review"] < pays["category"]
