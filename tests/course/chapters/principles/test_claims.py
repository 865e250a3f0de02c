"""What the ledger computes for the principles and the mindset.

Loads, gains and users are from the survey of the claims. Money is done by hand from the prices: a
server of four cores is 165 dollars, eight days of work 400 a month, a shard of four cores 385 and
its care 400. 1.05 to the sixth is 1.3401. Where a simulated run is meant, the value is what it
gave; tests of the runs hold it.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "pr-start-simple-order": {
        "cores": "4",
        "carries": "264.2",
        "machine": "165",
        "fleet": "750",
        "until": "861.5",
        "never": "1382.7",
        "most": "1982.3",
        "large": "2265",
        "large_fleet": "1740",
    },
    "pr-cache-aggressively": {
        "look": "5",
        "hits": "0.8",
        "with": "6",
        "left": "0.2",
        "room": "0.05",
        "exponent": "0.9",
        "zipf": "0.515",
        "even": "0.05",
        "needed": "2.1",
        "emptied": "0.04",
        "planned": "1.00",
    },
    "pr-delay-sharding": {
        "threshold": "10000",
        "peak": "5",
        "users": "172800000",
        "tb": "2",
        "kb": "1",
        "byte_users": "5479452",
        "growth": "0.05",
        "lead": "6",
        "begin": "0.746",
        "spare": "12.78",
        "late": "3.84",
    },
    "pr-scale-what-matters": {
        "work": ["10", "5", "2"],
        "one": "0.172",
        "five": "0.019",
        "twenty_ppm": "0.64",
        "first": "0.902",
    },
    "pr-design-for-failure": {
        "up": "0.999",
        "single": "8.76",
        "two": "0.00876",
        "common": "0.1",
        "shared": "0.883",
        "busy": "0.7",
        "after": "1.4",
        "two_answer": "0",
        "three_answer": "0.9996",
    },
    "proc-ten-principles": {
        "principles": "10",
        "conditional": "10",
        "large_usd": "22848",
        "small_usd": "3072",
        "days": "8",
        "reading": "5.263",
        "writing": "1.099",
    },
    "ms-cap-three-way": {
        "writes": "100",
        "refused": "21",
        "kept": "0",
        "both_refused": "1",
        "both_lost": "20",
        "wait_ms": "100",
        "fresh": "0",
        "no_wait_ms": "0",
        "old": "0.218",
    },
    "ms-premature": {"cores": "11.11", "monthly": "785", "months": "12.78", "early": "10032"},
    "proc-mindset": {
        "lines": "6",
        "written": "6",
        "load": "320",
        "limit": "440.3",
        "months": "6.54",
        "usd": "435.05",
        "budget": "600",
        "stale": "0",
        "reads": "17299",
        "back": "6.54",
    },
}
VERDICTS = {
    "holds": ["pr-delay-sharding", "pr-scale-what-matters", "proc-mindset"],
    "holds-under-assumptions": [
        "pr-start-simple-order",
        "pr-cache-aggressively",
        "pr-design-for-failure",
        "proc-ten-principles",
        "ms-premature",
    ],
    "misleading": ["ms-cap-three-way"],
}
*_, TestTheLedger = claim_tests("principles", EXPECTED, VERDICTS)
