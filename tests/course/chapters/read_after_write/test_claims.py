"""What the ledger computes for the section on read-after-write consistency.

`EXPECTED` is from the survey of the claims and its amendments, at the precision given there; what
small histories count is by hand.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "raw-scenario1": {"missed": "1", "stale_until": "100"},
    "raw-cdn-60s": {"worst": "60", "mean": "30", "two": "120", "missed": "2"},
    "raw-cqrs-500": {"later": "0.050", "missed": "2"},
    "raw-window-1-2s": {
        "model_1": "0.0011",
        "low": "10",
        "high": "5",
        "beyond": "0.01",
        "wide_1": "0.2139",
        "wide_2": "0.1231",
        "outer_1": "0.131",
        "outer_2": "0.0505",
    },
    "raw-window-inconsistent": {
        "high": "5",
        "w500": "0.3351",
        "w1000": "0.2139",
        "w2000": "0.1231",
        "same_centre": "2.3e-13",
        "needed": "18.1",
    },
    "raw-pin-cost": {"k100_w1": "0.99", "k9_w1": "0.86", "k9_w2": "1.63"},
    "raw-cache-busting-fresh": {
        "r001": "0.0010",
        "r1": "0.09516",
        "r10": "0.6321",
        "primary": "0",
        "under_way": "0.0050",
    },
    "raw-monotonic-strictly-newer": {"newer": "1", "at_least": "2", "position": "3"},
    "raw-monotonic-violation": {
        "low": "10",
        "high": "5",
        "backward": "0.1392",
        "sticky": "0",
        "token": "0",
    },
    "raw-optimistic-ui": {"tickets": "3", "closed": "1", "after_reload": "1"},
    "raw-optimistic-remove": {"stored": "1", "again": "2", "numbered": "1"},
    "raw-never-stale": {"old": "3", "monotonic": "0", "linearizable": "1"},
    "raw-critical-ryw": {"sold": "2", "own_missed": "0", "conditional": "1"},
    "raw-most-accept-eventual": {"tickets": "3", "closed": "1"},
    "proc-raw-combine": {"primary": "1.0", "token": "0", "broken": "0"},
}
VERDICTS = {
    "holds": ["raw-monotonic-violation"],
    "holds-under-assumptions": [
        "raw-scenario1",
        "raw-cdn-60s",
        "raw-cqrs-500",
        "raw-window-1-2s",
        "raw-pin-cost",
        "raw-optimistic-ui",
        "raw-most-accept-eventual",
        "proc-raw-combine",
    ],
    "misleading": [
        "raw-window-inconsistent",
        "raw-cache-busting-fresh",
        "raw-monotonic-strictly-newer",
        "raw-optimistic-remove",
        "raw-never-stale",
        "raw-critical-ryw",
    ],
    "wrong": [],
}
*_, TestTheLedger = claim_tests("read_after_write", EXPECTED, VERDICTS)
