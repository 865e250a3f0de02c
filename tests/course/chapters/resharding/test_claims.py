"""What the ledger computes for the section on sharding and partitioning in detail.

`EXPECTED` is from the survey of the claims and what was found since, at the precision given there.
By hand: 0.75 and 0.5 are 1 − 3/12 and 1 − 3/6; 4.167 h is 1.5 TB over 100 MB/s; 8,192 is 13 bits;
37 is 365 days in tens, rounded up; 3.571 is 1/(0.1 + 0.9 × 0.2).
"""

from support.claim_values import claim_tests

EXPECTED = {
    "sd-partition-by-year": {"rows": "400", "scanned": "100", "whole": "1000", "four": "1000"},
    "sd-native-list": {"built_in": "2", "listed": "4"},
    "sd-modulo-id": {
        "counter": "0.25",
        "random": "0.25",
        "time4": "0.975",
        "time3": "0.334",
        "at1000": "0.64",
        "at4000": "0.34",
    },
    "sd-pseudocode-mod": {"moved": "0.75"},
    "sd-country-bad-key": {"top": "0.1709", "hash": "2.55", "equal": "1.36", "directory": "1.71"},
    "sd-crypto-hash-even": {"crc32": "1.011", "blake2": "1.008", "chance": "1.011", "id": "1.0"},
    "sd-tenant-vs-company": {
        "hash100": "2.7",
        "hash10k": "1.9",
        "list100": "1.93",
        "list10k": "1.02",
    },
    "sd-region-key": {"top": "0.438", "x": "2.28", "n": "5"},
    "sd-email-scatter": {"all": "10", "indexed": "2"},
    "sd-social-user-key": {"own": "1", "timeline": "10.0"},
    "proc-sharding-key": {
        "user": "1.0",
        "tenant": "1.9",
        "report_user": "10",
        "report_tenant": "1",
    },
    "sd-naive-75": {"moved": "0.75"},
    "sd-redistribute-all": {"to4": "0.75", "to6": "0.5", "to11": "0.909"},
    "sd-consistent-25": {
        "mean": "0.25",
        "sd1": "0.1936",
        "sd10": "0.0676",
        "sd100": "0.0216",
        "peak1": "2.083",
        "peak10": "1.340",
        "peak100": "1.105",
    },
    "sd-naive-downtime": {"slow": "4.167", "fast": "25"},
    "proc-naive-resharding": {"remainder": "4.167", "least": "1.389"},
    "sd-live-zero-downtime": {
        "stopped": "0.6",
        "lost": "0",
        "lost_without": "30",
        "overwrite": "0.00990",
        "absent": "0.00198",
    },
    "sd-dual-write": {"one_way": "1", "both": "2", "left": "0"},
    "sd-live-remove-old": {"old": "3", "removed": "0.25"},
    "proc-live-resharding-7": {
        "whole": "0",
        "plain": "15",
        "no_double": "88",
        "no_copy": "106",
        "orders": "6",
        "spoiled": "1",
        "versioned": "0",
    },
    "sd-instagram-thousands": {"most": "8192"},
    "sd-discord-guild": {"buckets": "37", "by_guild": "1"},
    "proc-exhaust-list": {
        "cache80": "3.571",
        "five": "3.571",
        "cache90": "5.263",
        "ten": "5.263",
        "most": "10",
    },
    "sd-10k-writes": {
        "one": "3174",
        "sixteen": "8516",
        "slow_one": "210",
        "slow_sixteen": "2607",
        "shared": "15.79",
    },
    "sd-2tb": {"restore": "2.778", "room": "0.02"},
    "proc-only-shard-when": {"met": "1", "any": "1", "all": "0"},
    "sd-final-frontier": {"years": "9.966"},
}
VERDICTS = {
    "holds": [
        "sd-partition-by-year",
        "sd-country-bad-key",
        "sd-email-scatter",
        "proc-sharding-key",
        "sd-naive-75",
        "proc-naive-resharding",
    ],
    "holds-under-assumptions": [
        "sd-native-list",
        "sd-modulo-id",
        "sd-crypto-hash-even",
        "sd-social-user-key",
        "sd-redistribute-all",
        "sd-consistent-25",
        "sd-naive-downtime",
        "sd-live-zero-downtime",
        "sd-dual-write",
        "proc-live-resharding-7",
        "sd-instagram-thousands",
        "proc-exhaust-list",
        "sd-10k-writes",
        "sd-2tb",
        "proc-only-shard-when",
        "sd-final-frontier",
    ],
    "misleading": [
        "sd-pseudocode-mod",
        "sd-tenant-vs-company",
        "sd-region-key",
        "sd-live-remove-old",
        "sd-discord-guild",
    ],
    "wrong": [],
}
*_, TestTheLedger = claim_tests("resharding", EXPECTED, VERDICTS)
