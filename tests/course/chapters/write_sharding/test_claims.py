"""What the ledger computes for the section on write sharding.

`EXPECTED` is from the survey of the claims and what was found since, at the precision given there.
By hand: 1.5 is 13 letters of 26 in three cabinets; 0.111 is a third squared; half of 2 TB is
10,000 s of 100 MB.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "sh-cabinet-letters": {
        "share": ["0.301", "0.341", "0.358"],
        "fullest": "1.07",
        "letters": "1.5",
    },
    "sh-range-boundaries": {"twice": "2", "owners": "1"},
    "sh-range-efficient-ranges": {"by_range": "1", "by_hash": "3"},
    "sh-range-hotspot": {"all_new": "1.0", "half": "1.5", "tenth": "2.5"},
    "sh-mod-87234": {"r": "0"},
    "sh-mod-12933": {"r": "0"},
    "sh-mod-44721": {"r": "0", "digits": "18", "alike": "0.111"},
    "sh-hash-even": {
        "million": "1.001",
        "hundred": "1.51",
        "zipf100": "2.74",
        "zipf10k": "1.93",
        "low": "2.19",
        "high": "3.6",
    },
    "sh-hash-range-impossible": {
        "one": "10",
        "ten": "33.17",
        "hundred": "71.68",
        "part": "0.34",
    },
    "sh-geo-uneven": {"top": "0.5", "x": "2.0"},
    "sh-geo-low-latency": {"km": "5570", "ms": "55.7"},
    "sh-entity-not-true": {"orders": "0.7", "x": "1.429"},
    "sh-boston-shard-by-city": {
        "top": "0.041",
        "real3": "1.09",
        "real10": "1.38",
        "zipf_top": "0.134",
        "zipf10": "2.2",
    },
    "sh-boston-denormalize": {
        "with_users": ["3", "3"],
        "apart": "6",
        "apart_rounds": "2",
        "apart_copied": "3",
        "copied_rounds": "1",
    },
    "sh-cross-shard-slow": {"n1": "0.01", "n3": "0.0297", "n10": "0.0956", "n100": "0.634"},
    "sh-cross-shard-join": {
        "one_key": "400",
        "one_key_rounds": "1",
        "application": "600",
        "application_rounds": "2",
        "database": "10500",
    },
    "sh-2pc": {
        "trips": "9.1",
        "one_shard": "4.4",
        "statement": "1.1",
        "between": "190",
        "total": "200",
        "read": "300",
        "wrong_two": "35",
        "wrong_one": "0",
    },
    "sh-3to6-all-move": {"to6": "0.5", "least6": "0.5", "to4": "0.75", "least4": "0.25"},
    "sh-3to6-inequality": {"same": "0.5"},
    "sh-consistent-hashing-minimises": {
        "ring4": "0.25",
        "modulo4": "0.75",
        "ring6": "0.5",
        "modulo6": "0.5",
    },
    "sh-downtime-or-complex": {
        "size": "2",
        "speed": "100",
        "one_link": "2.78",
        "three_links": "0.93",
    },
    "sh-timeline-years": {
        "double": "9.966",
        "triple": "6.288",
        "tenfold": "3.0",
        "double_100": "6.64",
        "limit": "10000",
    },
    "sh-most-never-need": {
        "by_writes": "172.8",
        "by_size": "5.48",
        "limit": "10000",
        "disk": "2",
        "row": "1",
    },
    "proc-when-to-shard": {"writes": "1", "mix": "5.263", "ms": "55.7"},
    "proc-sharding-strategy-choice": {
        "capacity": ["1.0", "2.9", "1.9", "1.4"],
        "city": ["3", "3", "1", "3"],
        "user": ["1", "1", "1", "3"],
        "near": ["1", "3", "3", "3"],
    },
}
VERDICTS = {
    "holds": [
        "sh-cabinet-letters",
        "sh-range-efficient-ranges",
        "sh-mod-87234",
        "sh-mod-12933",
        "sh-geo-uneven",
        "sh-entity-not-true",
        "sh-cross-shard-slow",
        "sh-downtime-or-complex",
        "proc-sharding-strategy-choice",
    ],
    "holds-under-assumptions": [
        "sh-range-boundaries",
        "sh-range-hotspot",
        "sh-hash-even",
        "sh-geo-low-latency",
        "sh-boston-shard-by-city",
        "sh-cross-shard-join",
        "sh-2pc",
        "sh-consistent-hashing-minimises",
        "sh-timeline-years",
        "sh-most-never-need",
        "proc-when-to-shard",
    ],
    "misleading": ["sh-hash-range-impossible", "sh-boston-denormalize", "sh-3to6-inequality"],
    "wrong": ["sh-mod-44721", "sh-3to6-all-move"],
}
*_, TestTheLedger = claim_tests("write_sharding", EXPECTED, VERDICTS)
