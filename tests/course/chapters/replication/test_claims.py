"""Claims on replication, held against values from elsewhere.

The arithmetic is done by hand (1 + 5 + 5 + 1 and two flushes; 8,760 h × 0.001999); 8.2, 18.98,
11.33 and 32 are those of the order statistics of a log-normal law by numerical integration;
0.2482, 0.0869, 0.0381 and 0.0017 those of twenty million draws; 60.01 and 0.9836 are
60 + 0.01 and exp(-0.99/60); the lost writes of real servers stand in the recorded runs.
"""

from support.claim_values import claim_tests

EXPECTED = {
    "rp-sync-12ms": {"ms": "12", "with_disks": "14", "round_trip": "10"},
    "rp-sync-latency-throughput": {
        "sync_each": "83.33",
        "async_each": "500",
        "sync_busy": "12",
        "async_busy": "2",
    },
    "rp-zero-lag": {
        "quiet": "0.08",
        "import": "0.82",
        "apply": "0",
        "fake_receive": "1",
        "fake_apply": "0",
    },
    "rp-strong-consistency": {
        "one_one": "0.2482",
        "two_one": "0.0869",
        "one_two": "0.0381",
        "two_two": "0",
        "later": "0.0017",
        "miss": "0.6667",
        "three": "0.2963",
        "back": "0.4444",
        "delay_ms": "10",
    },
    "rp-sync-availability": {
        "each": "0.999",
        "both": "0.998001",
        "hours": "17.51",
        "alone": "8.76",
        "emptied": "8.91",
        "any_of_two": "8.77",
    },
    "proc-sync-async-choice": {
        "mean_any": "8.20",
        "p99_any": "18.98",
        "mean_one": "11.33",
        "p99_one": "32.00",
        "exponential": "5",
        "up": "0.998999",
    },
    "rp-async-2ms": {"ms": "2", "with_disk": "3", "ratio": "6", "ratio_disks": "4.667"},
    "rp-async-lag-range": {
        "median_ms": "223.6",
        "mean_s": "1.332",
        "p99_s": "18.12",
        "example": "0.330",
    },
    "rp-async-higher-availability": {
        "async_up": "0.999",
        "sync_up": "0.998001",
        "lost_100ms": "100",
        "lost_500ms": "500",
        "lost_5s": "5000",
        "least": "31",
        "most": "191",
        "sync_most": "0",
        "runs": "20",
    },
    "rp-default-async": {"looked_up": "4", "asynchronous": "3"},
    "rp-alert-1s": {"log_normal": "0.214", "uniform": "0.802", "lost": "1000"},
    "rp-failover-if-lag-high": {
        "lost_5s": "5000",
        "lag_s": "0.2",
        "lost_fake": "205.2",
        "lost_out": "0",
    },
    "rp-pg-lag-query": {"mean_s": "60.01", "alarm": "0.9836", "fake": "0.987", "missing": "0"},
    "rp-mysql-show-slave": {"missing": "50", "counted": "0"},
    "proc-lag-monitoring": {"alarm": "0.9836", "normal": "0.214", "lost": "5000"},
    "rp-own-query-own-steps": {
        "after_0": "0.01",
        "after_1": "1",
        "after_2": "2",
        "missing": "0",
    },
    "rp-promotion-wait-lag0": {
        "lag_s": "0.2",
        "rate": "1000",
        "missing": "200",
        "minute": "200",
        "lost": "200",
        "planned": "0",
    },
    "proc-promotion-5-steps": {
        "primaries": "2",
        "lost": "10",
        "fenced_primaries": "1",
        "fenced_lost": "0",
    },
    "rp-connection-strings": {"confirmed": "10", "fenced": "0"},
    "rp-rds-1-2min": {
        "failovers": "26",
        "promise": "0.9999",
        "minutes": "24",
        "availability": "0.99995",
        "short": "90",
    },
    "rp-mysql-manual": {"of_three": "2", "of_five": "3", "bears_three": "1", "bears_five": "2"},
}
VERDICTS = {
    "holds": ["rp-sync-latency-throughput"],
    "holds-under-assumptions": [
        "rp-sync-12ms",
        "rp-strong-consistency",
        "rp-sync-availability",
        "proc-sync-async-choice",
        "rp-async-2ms",
        "rp-async-lag-range",
        "rp-async-higher-availability",
        "rp-default-async",
        "rp-mysql-show-slave",
        "rp-connection-strings",
        "rp-rds-1-2min",
        "rp-mysql-manual",
    ],
    "misleading": [
        "rp-zero-lag",
        "rp-alert-1s",
        "rp-failover-if-lag-high",
        "rp-pg-lag-query",
        "proc-lag-monitoring",
    ],
    "wrong": ["rp-own-query-own-steps", "rp-promotion-wait-lag0", "proc-promotion-5-steps"],
}
*_, TestTheLedger = claim_tests("replication", EXPECTED, VERDICTS)
