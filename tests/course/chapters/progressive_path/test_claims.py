"""What the ledger computes for the section on the progressive path.

The loads of users are from the survey of the claims. The rest is done by hand from the prices: a
server of two cores is 95 dollars, a database of two 205, eight days of work 400 a month. Hours are
8,760 times the share of a year that is down. Where the cheapest of all configurations is meant, the
value is what the search gave; tests of the roads hold it.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "ph-users-10k": {
        "peak": "5",
        "every_s": "10",
        "rps": "5.787",
        "users": "1728000",
        "sensors": "1000",
        "polling": "40000",
        "readers": "14400000",
    },
    "ph-users-100k": {
        "rps": "57.87",
        "letter": "1685",
        "cheapest": "300",
        "times": "5.617",
        "each": "0.1",
    },
    "ph-users-1m": {
        "rps": "578.7",
        "writes": "57.87",
        "threshold": "10000",
        "kb": "1",
        "tb": "2",
        "write_users": "172800000",
        "byte_users": "5479452",
        "years": "5.479",
    },
    "ph-redundancy-conflict": {
        "single": "8.76",
        "each": "17.511",
        "two": "8.769",
        "both": "0.0175",
    },
    "proc-phases": {
        "cache": "475.5",
        "servers": "948.7",
        "queries": "8455",
        "replicas": "4755",
        "shards": "16870",
        "letter_10k": "2.333",
        "letter_1m": "5.707",
    },
    "ph-caching-phase-3": {
        "more_1k": "0.430",
        "more_10k": "0.504",
        "replicas": "2674",
        "early": "127712",
        "late": "144847",
        "more": "17135",
    },
}
VERDICTS = {
    "holds-under-assumptions": [
        "ph-users-10k",
        "ph-users-100k",
        "ph-users-1m",
        "ph-redundancy-conflict",
    ],
    "misleading": ["proc-phases", "ph-caching-phase-3"],
}
*_, TestTheLedger = claim_tests("progressive_path", EXPECTED, VERDICTS)
