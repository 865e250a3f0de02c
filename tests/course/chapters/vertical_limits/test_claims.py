"""What the ledger computes for the section on the limits of vertical scaling.

`EXPECTED` is from the survey of the claims and what was found since, at the precision given there.
The law is done by hand: 4 cores and 1,000 a second, 32 and 5,000, give a share in turn of 3/131 and
so a ceiling of 250 × 140/3 = 11,666.7; a doubling from n gains 2 (1 + s(n - 1)) / (1 + s(2n - 1)).
"""

from support.claim_values import claim_tests

EXPECTED = {
    "vl-2x-gives-2x": {"from_2": "1.914", "from_4": "1.842", "nothing_in_turn": "2.0"},
    "vl-1.3x": {
        "at": "49.78",
        "at_half": "100.7",
        "from_32": "1.400",
        "from_64": "1.250",
        "in_turn": "0.0229",
    },
    "vl-ceiling-no-improvement": {
        "ceiling": "11666.7",
        "of_it": "0.692",
        "in_turn": "0.0229",
        "peak": "40.27",
    },
    "vl-small-linear-cost": {
        "second": "140.0",
        "dollars": "4.667",
        "per_gb": "1.167",
        "per_sustained": "0.933",
    },
    "vl-large-4-5x": {
        "from_4": "2.207",
        "from_16": "3.20",
        "from_22": "4.13",
        "from_25": "4.83",
        "from_32": "8.00",
        "wall": "42.67",
        "at_1_3": "6.242",
        "for_5": "1.348",
    },
    "vl-exponential-word": {"per_core": "70.0", "elasticity": "2.642", "wall": "11666.7"},
    "vl-cost-figure": {"at_1000": "337.9", "times": "23.2"},
    "vl-rds-ratios": {"cores": "48.0", "memory": "192.0", "price": "224.0", "per_core": "4.667"},
    "vl-rds-48x-224x": {
        "family_cores": "48.0",
        "family_price": "48.0",
        "slope_family": "1.000",
        "slope_cores": "1.21",
        "slope_memory": "1.02",
        "slope_sustained": "0.99",
        "sustained": "240.0",
    },
    "vl-rds-efficiency-drop": {
        "first": "15.0",
        "second": "70.0",
        "last": "70.0",
        "many": "1440",
        "sustained": "19.2",
    },
    "vl-rds-cost-per-perf-label": {
        "sustained_cores": "0.4",
        "per_sustained": "75.0",
        "other": "70.0",
        "per_gb_first": "15.0",
        "per_gb_second": "17.5",
    },
    "vl-limits": {"cores": "1920", "memory": "32.0"},
    "vl-not-parallel": {"all_in_turn": "1.0", "in_turn": "0.0229", "a_little": "18.71"},
    "vl-double-at-70": {
        "after": "0.380",
        "gain": "1.842",
        "next": "0.88",
        "later_gain": "1.400",
        "later": "0.485",
    },
    "vl-2-3-upgrades": {
        "first": "1.842",
        "second": "1.727",
        "third": "1.571",
        "fourth": "1.400",
        "fifth": "1.250",
        "above_half": "3",
        "above_1_3": "4",
    },
    "vl-thresholds-users": {
        "rate_100k": "57.87",
        "share_100k": "0.0579",
        "share_1m": "0.579",
        "sensors": "1000",
    },
    "vl-largest-network": {"offered": "2.0", "flow_minutes": "106.7", "guide_minutes": "5.33"},
    "proc-vertical-when": {
        "one": "8.00",
        "two": "2.0",
        "from": "1000",
        "at_5000": "1.60",
        "at_10000": "6.4",
    },
    "proc-vertical-phases": {
        "at_100": "2388",
        "at_500": "4188",
        "at_1000": "5296",
        "at_4000": "7876",
        "at_32000": "10750",
        "ceiling": "11666.7",
    },
}
VERDICTS = {
    "holds": ["vl-rds-ratios", "vl-double-at-70"],
    "holds-under-assumptions": [
        "vl-2x-gives-2x",
        "vl-1.3x",
        "vl-ceiling-no-improvement",
        "vl-small-linear-cost",
        "vl-large-4-5x",
        "vl-cost-figure",
        "vl-2-3-upgrades",
        "vl-thresholds-users",
        "proc-vertical-when",
        "proc-vertical-phases",
    ],
    "misleading": [
        "vl-exponential-word",
        "vl-rds-48x-224x",
        "vl-rds-efficiency-drop",
        "vl-rds-cost-per-perf-label",
        "vl-limits",
        "vl-not-parallel",
        "vl-largest-network",
    ],
}
*_, TestTheLedger = claim_tests("vertical_limits", EXPECTED, VERDICTS)
